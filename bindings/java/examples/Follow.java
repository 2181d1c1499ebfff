import io.tocsin.Client;
import io.tocsin.From;
import io.tocsin.LogStream;
import io.tocsin.Message;
import java.nio.file.Path;

/**
 * Reads the log from its first event on, and follows it: Follow SERVER [COUNT [CURSOR_FILE]]. With a cursor's file the next run
 * goes on where this one ended.
 */
public class Follow {
    public static void main(String[] args) throws InterruptedException {
        long left = args.length > 1 ? Long.parseLong(args[1]) : Long.MAX_VALUE;
        LogStream.Options options = new LogStream.Options().from(From.first());
        if (args.length > 2) {
            options.cursorFile(Path.of(args[2]));
        }
        try (LogStream stream = Client.of(args[0]).stream(options)) {
            while (left > 0) {
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
