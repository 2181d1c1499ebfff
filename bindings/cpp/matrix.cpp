/* The program of the matrix (bindings/README.md). */
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include <tocsin.hpp>

namespace
{

tocsin::where place_of(const char *server)
{
    tocsin::where place;
    place.server = server;
    const char *timeout_ms = std::getenv("TOCSIN_CONNECT_TIMEOUT_MS");
    place.connect_timeout = std::chrono::milliseconds(timeout_ms ? std::atol(timeout_ms) : 30000);
    const char *server_key = std::getenv("TOCSIN_CURVE_SERVER_KEY");
    const char *public_key = std::getenv("TOCSIN_CURVE_PUBLIC_KEY");
    const char *secret_key = std::getenv("TOCSIN_CURVE_SECRET_KEY");
    if (server_key && public_key && secret_key)
        place.keys = tocsin::curve{server_key, secret_key, public_key};
    return place;
}

template <typename function> void each_event(function &&take)
{
    for (std::string line; std::getline(std::cin, line);)
        take(tocsin::event::from_json(line));
}

void publish(const tocsin::where &place)
{
    tocsin::publisher publisher(place);
    each_event([&](const tocsin::event &event) { publisher.publish(event); });
    publisher.close();
}

void append(const tocsin::where &place)
{
    const char *producer = std::getenv("TOCSIN_PRODUCER");
    tocsin::appender::options options;
    options.close_timeout = std::chrono::minutes(1);
    options.on_settled = [](const tocsin::receipt &told) {
        std::cout << "{\"n\":" << told.n << ",\"seq\":" << told.seq << ",\"hash\":\"" << told.hash << "\"}\n";
    };
    tocsin::appender appender(producer ? producer : "matrix-cpp", place, options);
    each_event([&](const tocsin::event &event) { appender.append(event); });
    appender.close();
}

/* The members of the event, of a line that has its place around them. */
std::string_view members(std::string_view line)
{
    std::size_t begin = line.find(",\"time\":") + 1;
    return line.substr(begin, line.rfind(",\"prev\":") - begin);
}

std::string escaped(std::string_view text)
{
    std::string out;
    for (char c : text) {
        if (c == '"' || c == '\\')
            out += '\\';
        out += c;
    }
    return out;
}

template <typename source> void write(source &from, long count)
{
    for (const tocsin::message &message : from) {
        if (message.kind() == TOCSIN_MESSAGE_GAP || message.kind() == TOCSIN_MESSAGE_HOLE)
            throw std::runtime_error("events were lost");
        if (!message.is_event() || message.category() == "BrokerEvent")
            continue;
        std::cout << "{\"topic\":\"" << escaped(message.topic()) << "\",\"event\":{" << members(from.event_json())
                  << "}}\n";
        if (--count == 0)
            return;
    }
}

void run(const std::string &command, const tocsin::where &place, long count)
{
    if (command == "publish") {
        publish(place);
    } else if (command == "append") {
        append(place);
    } else if (command == "live") {
        tocsin::subscriber subscriber({}, place);
        std::cerr << "ready\n";
        write(subscriber, count);
    } else if (command == "stream") {
        tocsin::stream stream(tocsin::from::seq(1), {}, place);
        write(stream, count);
    } else {
        throw std::runtime_error("no such command: " + command);
    }
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 3) {
        std::cerr << "usage: matrix publish|append SERVER, matrix live|stream SERVER N\n";
        return 2;
    }
    try {
        run(argv[1], place_of(argv[2]), argc > 3 ? std::atol(argv[3]) : 0);
        std::cout.flush();
        return std::cout ? 0 : 1;
    } catch (const std::exception &error) {
        std::cerr << "matrix: " << error.what() << '\n';
        return 1;
    }
}
