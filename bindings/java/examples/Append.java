import io.tocsin.Appender;
import io.tocsin.Client;
import io.tocsin.Event;
import io.tocsin.Level;
import java.util.Map;

/** Appends an event, and waits until it is on the broker's disk: Append SERVER. */
public class Append {
    public static void main(String[] args) throws InterruptedException {
        try (Appender appender = Client.of(args[0]).appender("billing-1")) {
            Event event = Event.builder(Level.INFO, "BillingEvent", "InvoiceSent", "billing", "Invoice 17 was sent")
                    .snapshot(Map.of("number", 17, "total", 12.5))
                    .build();
            Appender.Receipt receipt = appender.append(event).receipt().join();
            System.out.printf("event %d is durable: seq %d, hash %s%n", receipt.n(), receipt.seq(), receipt.hash());
        }
    }
}
