/* Reads the log from its first event on, and follows it: follow SERVER [COUNT]. */
#include <cstdlib>
#include <iostream>

#include <tocsin.hpp>

int main(int argc, char **argv)
{
    tocsin::where place;
    place.server = argc > 1 ? argv[1] : "";
    long left = argc > 2 ? std::atol(argv[2]) : -1;
    try {
        tocsin::stream stream(tocsin::from::first(), {}, place);
        for (const tocsin::message &message : stream) {
            if (message.kind() == TOCSIN_MESSAGE_HOLE)
                std::cout << "the log no longer holds " << message.first() << " to " << message.last() << '\n';
            if (!message.is_event())
                continue;
            std::cout << message.seq() << ' ' << message.topic() << ' ' << message.summary() << '\n';
            if (--left == 0)
                break; /* to go on later: keep stream.cursor() and stream.log_id(), or give options.cursor_file */
        }
    } catch (const tocsin::error &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
