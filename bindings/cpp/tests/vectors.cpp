/* Events of proto/vectors through the wrapper: each line of stdin is a verdict and an event in hex,
 * "CODE FIELD HEX" with - for no field; what is accepted is "accepted - HEX". Prints how many there were. */
#include <iostream>
#include <sstream>
#include <string>

#include "bytes_of.hpp"
#include <tocsin.hpp>

namespace
{

std::string verdict_of(const std::string &bytes)
{
    try {
        const tocsin::event event = tocsin::event::from_msgpack(bytes.data(), bytes.size());
        return event.encode() == bytes ? "accepted -" : "altered -";
    } catch (const tocsin::refused &refusal) {
        return std::string(refusal.word()) + " " + (refusal.field().empty() ? "-" : refusal.field());
    }
}

} // namespace

int main()
{
    int count = 0, failures = 0;
    for (std::string line; std::getline(std::cin, line); count++) {
        const std::size_t at = line.rfind(' ');
        const std::string found = verdict_of(bytes_of(line.substr(at + 1)));
        if (found == line.substr(0, at))
            continue;
        std::cerr << found << ", not " << line.substr(0, at) << "\n";
        failures++;
    }
    std::cout << "C++: " << count << " vectors, " << failures << " wrong\n";
    return failures == 0 && count > 600 ? 0 : 1;
}
