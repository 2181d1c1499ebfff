/* The valid events of proto/vectors to a broker and back through the wrapper, with the same topics and the same values:
 * round SERVER. Each line of stdin is an event in hex, its topic and its text in the log, with tabs between. */
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "bytes_of.hpp"
#include <tocsin.hpp>

namespace
{

struct vector_case {
    std::string topic;
    std::string text; // the members without their braces
};

/* The members of the event, of a line that has its place around them; without the time, where the broker has added that. */
std::string_view members(std::string_view line, bool has_time)
{
    std::size_t begin = line.find(",\"time\":") + 1;
    if (!has_time)
        begin = line.find(",\"level\":") + 1;
    return line.substr(begin, line.rfind(",\"prev\":") - begin);
}

std::vector<vector_case> append_all(const tocsin::where &place)
{
    std::vector<vector_case> cases;
    tocsin::appender appender("round", place);
    for (std::string line; std::getline(std::cin, line);) {
        const std::size_t first = line.find('\t'), second = line.find('\t', first + 1);
        const std::string bytes = bytes_of(line.substr(0, first)), log = line.substr(second + 1);
        appender.append(tocsin::event::from_msgpack(bytes.data(), bytes.size()));
        cases.push_back({line.substr(first + 1, second - first - 1), log.substr(1, log.size() - 2)});
    }
    appender.close();
    return cases;
}

} // namespace

int main(int, char **argv)
{
    tocsin::where place;
    place.server = argv[1];
    const std::vector<vector_case> cases = append_all(place);
    tocsin::stream stream(tocsin::from::first(), {}, place);
    std::size_t told = 0;
    int failures = 0;
    for (const tocsin::message &message : stream) {
        if (message.category() == "BrokerEvent")
            continue;
        const vector_case &wanted = cases[told++];
        const bool has_time = wanted.text.rfind("\"time\":", 0) == 0;
        const std::string_view text = members(stream.event_json(), has_time);
        if (message.topic() != wanted.topic || text != wanted.text) {
            std::cerr << message.topic() << ' ' << text << "\nin place of\n"
                      << wanted.topic << ' ' << wanted.text << "\n";
            failures++;
        }
        if (told == cases.size())
            break;
    }
    std::cout << "C++: " << told << " vectors through the broker, " << failures << " wrong\n";
    return failures == 0 && told > 200 ? 0 : 1;
}
