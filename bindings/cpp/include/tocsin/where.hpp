/* Where the broker is, and the keys to it; included by tocsin.hpp. */
#ifndef TOCSIN_WHERE_HPP
#define TOCSIN_WHERE_HPP

#include <chrono>
#include <string>

#include <tocsin_curve.h>

#include "error.hpp"

namespace tocsin
{

/* Keys, 40 characters of Z85 each, for a broker that encrypts; an empty public key is worked out. */
struct curve {
    std::string server_key{}; /* the broker's public key */
    std::string secret_key{}; /* this program's own */
    std::string public_key{};

    /* From this program's secret file, and the broker's public file or its 40 characters. */
    static curve read(const std::string &secret_file, const std::string &server_file_or_key)
    {
        tocsin_key own = {}, server = {};
        char reason[256] = "";
        int code = tocsin_key_read(&own, secret_file.c_str(), reason, sizeof reason);
        if (code == TOCSIN_OK)
            code = tocsin_key_read_public(&server, server_file_or_key.c_str(), reason, sizeof reason);
        if (code != TOCSIN_OK)
            throw error(code, reason);
        return {server.public_key, own.secret_key, own.public_key};
    }
};

/* Where the broker is. An endpoint of its own goes before the server. */
struct where {
    std::string server{};                         /* HOST[:BASEPORT]; 127.0.0.1:5560 */
    std::string endpoint{};                       /* of the door that is opened: "ipc:///run/tocsin/live" */
    std::chrono::milliseconds connect_timeout{0}; /* 0: 5 s; negative: for ever */
    tocsin::curve keys{};                         /* without a server_key: no encryption */
};

namespace detail
{

/* The C side of a place; points into it. */
struct lent_place {
    tocsin_curve keys = {};

    template <typename options> lent_place(options &given, const where &place)
    {
        given.server = or_null(place.server);
        given.connect_timeout_ms = to_ms(place.connect_timeout);
        if (place.keys.server_key.empty())
            return;
        keys.server_key = place.keys.server_key.c_str();
        keys.secret_key = place.keys.secret_key.c_str();
        keys.public_key = or_null(place.keys.public_key);
        given.curve = &keys;
    }
    lent_place(const lent_place &) = delete;
    lent_place &operator=(const lent_place &) = delete;
};

} // namespace detail

} // namespace tocsin

#endif
