import io.tocsin.Client;
import io.tocsin.From;
import io.tocsin.LogStream;
import io.tocsin.Message;

/** Reads the log from its first event on, and follows it: Follow SERVER [COUNT]. */
public class Follow {
    public static void main(String[] args) throws InterruptedException {
        long left = args.length > 1 ? Long.parseLong(args[1]) : Long.MAX_VALUE;
        try (LogStream stream = Client.of(args[0]).stream(new LogStream.Options().from(From.first()))) {
            while (left > 0) { // to go on later: keep stream.cursor() and stream.logId()
                Message message = stream.next();
                if (message instanceof Message.Received record) {
                    System.out.println(record.seq() + " " + record.event());
                    left--;
                } else {
                    System.out.println(message);
                }
            }
        }
    }
}
