#ifndef BINDINGS_CPP_TESTS_BYTES_OF_HPP
#define BINDINGS_CPP_TESTS_BYTES_OF_HPP

#include <string>

inline std::string bytes_of(const std::string &hex)
{
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    return bytes;
}

#endif
