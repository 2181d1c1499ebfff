import io.tocsin.Catalog;
import io.tocsin.Client;
import io.tocsin.Event;
import io.tocsin.Level;
import io.tocsin.Publisher;
import java.util.List;
import java.util.Map;

/** Publishes two events, one of them by its method of the catalog: Publish SERVER. */
public class Publish {
    public static void main(String[] args) throws InterruptedException {
        try (Publisher publisher = Client.of(args[0]).publisher()) {
            publisher.publish(Catalog.coreTcpDisconnect("sip-1", "Connection from 192.0.2.7 ended", "192.0.2.7", 40312,
                    "192.0.2.1", 5060, "tcp"));
            publisher.publish(Event.builder(Level.WARNING, "StreamEvent", "StreamCreated", "#default#app/cam", "A camera came")
                    .snapshot(Map.of("width", 1920, "tracks", List.of("video", "audio")))
                    .build());
        }
    }
}
