/* Settings that name a place in the network: the doors (endpoints of libzmq) and the address of http. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/un.h>

#include "broker/printable.h"
#include "broker/settings_table.h"

#define HOST_MAX 63 /* an IPv6 address in figures takes at most 45 */

struct place {
    struct span host; /* without brackets */
    bool is_bracketed;
    bool has_any_port; /* `*` or 0 */
    uint16_t port;
};

static bool read_port(struct span text, struct place *place)
{
    uint32_t port = 0;
    if (span_is(text, "*")) {
        place->port = 0;
        place->has_any_port = true;
        return true;
    }
    if (text.len == 0 || text.len > 5)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        port = port * 10 + (uint32_t)(text.data[i] - '0');
    }
    place->port = (uint16_t)port;
    place->has_any_port = port == 0;
    return port <= UINT16_MAX;
}

/* Splits HOST:PORT or [HOST]:PORT. NULL when well, else what is wrong. */
static const char *split_place(struct span text, struct place *place)
{
    const uint8_t *const colon = text.len > 0 ? memrchr(text.data, ':', text.len) : NULL;
    if (!colon)
        return "names no port";
    place->host = span_of(text.data, (size_t)(colon - text.data));
    place->is_bracketed = place->host.len > 0 && place->host.data[0] == '[';
    if (place->is_bracketed && place->host.data[place->host.len - 1] != ']')
        return "names no port, or lacks a bracket";
    if (place->is_bracketed)
        place->host = span_of(place->host.data + 1, place->host.len - 2);
    else if (memchr(place->host.data, ':', place->host.len))
        return "has an IPv6 address without brackets";
    if (!read_port(span_of(colon + 1, (size_t)(text.data + text.len - colon - 1)), place))
        return "has no good port (1 to 65535; 0 or * for any free one)";
    return NULL;
}

static bool is_address(struct span host, int family)
{
    char text[HOST_MAX + 1];
    uint8_t address[sizeof(struct in6_addr)];
    if (host.len == 0 || host.len > HOST_MAX)
        return false;
    memcpy(text, host.data, host.len);
    text[host.len] = '\0';
    return inet_pton(family, text, address) == 1;
}

/* --- endpoint --- */

/* Names of interfaces as Linux has them; libzmq takes one in place of an address. */
static bool is_interface_name(struct span host)
{
    if (host.len == 0 || host.len > 15)
        return false;
    for (size_t i = 0; i < host.len; i++) {
        const uint8_t byte = host.data[i];
        const bool is_letter = (byte | 32) >= 'a' && (byte | 32) <= 'z';
        if (!is_letter && !(byte >= '0' && byte <= '9' && i > 0) && !(memchr("_.-", byte, 3) && i > 0))
            return false;
    }
    return true;
}

static const char *check_tcp(struct span place_text)
{
    struct place place = {.port = 0};
    const char *const wrong = split_place(place_text, &place);
    if (wrong)
        return wrong;
    if (place.is_bracketed)
        return is_address(place.host, AF_INET6) ? NULL : "has no IPv6 address in its brackets";
    if (span_is(place.host, "localhost"))
        return "names a host, but a door is bound to an address: write 127.0.0.1 or [::1]";
    if (span_is(place.host, "*") || is_address(place.host, AF_INET) || is_interface_name(place.host))
        return NULL;
    return "has no address: write * (all), one in figures such as 127.0.0.1 or [::1], or an interface";
}

static const char *check_ipc(struct span path)
{
    const size_t path_max = sizeof((struct sockaddr_un *)NULL)->sun_path - 1;
    if (path.len == 0)
        return "has no path";
    return path.len <= path_max ? NULL : "has a path longer than a socket's may be (107 bytes)";
}

static const char *check_inproc(struct span name)
{
    return name.len > 0 ? NULL : "has no name";
}

static const struct {
    const char *scheme;
    const char *(*check)(struct span rest);
} transports[] = {{"tcp://", check_tcp}, {"ipc://", check_ipc}, {"inproc://", check_inproc}};

const char *setting_check_endpoint(struct span value)
{
    for (size_t i = 0; i < sizeof transports / sizeof *transports; i++) {
        const size_t len = strlen(transports[i].scheme);
        if (value.len >= len && memcmp(value.data, transports[i].scheme, len) == 0)
            return transports[i].check(span_of(value.data + len, value.len - len));
    }
    return "is no endpoint";
}

int setting_read_endpoint(const struct setting *setting, struct span value, void *field, struct text *why)
{
    if (span_is(value, "none")) {
        setting_release_string(field);
        return TOCSIN_OK;
    }
    const char *const wrong = value.len > setting->max ? "is too long" : setting_check_endpoint(value);
    if (!wrong)
        return setting_set_string(field, value);
    printable_quote(why, value);
    text_printf(why, " %s; allowed are tcp://ADDRESS:PORT, ipc://PATH, inproc://NAME and none", wrong);
    return TOCSIN_E_SYNTAX;
}

void setting_write_endpoint(const void *field, struct text *out)
{
    const char *const endpoint = *(char *const *)field;
    text_put_str(out, endpoint ? endpoint : "none");
}

/* --- address --- */

void setting_release_address(void *field)
{
    struct settings_address *const address = field;
    free(address->host);
    *address = (struct settings_address){NULL, 0};
}

int setting_read_address(const struct setting *setting, struct span value, void *field, struct text *why)
{
    struct settings_address *const address = field;
    if (span_is(value, "none")) {
        setting_release_address(field);
        return TOCSIN_OK;
    }
    struct place place = {.port = 0};
    const char *wrong = value.len > setting->max ? "is too long" : split_place(value, &place);
    if (!wrong && !is_address(place.host, place.is_bracketed ? AF_INET6 : AF_INET))
        wrong = "has no address in figures";
    if (!wrong) {
        const int error = setting_set_string(&address->host, place.host);
        if (error == TOCSIN_OK)
            address->port = place.port;
        return error;
    }
    printable_quote(why, value);
    text_printf(why,
                " %s; allowed are an address and a port, such as 127.0.0.1:8560, 0.0.0.0:8560 (all), [::1]:8560, "
                "and none",
                wrong);
    return TOCSIN_E_SYNTAX;
}

void setting_write_address(const void *field, struct text *out)
{
    const struct settings_address *const address = field;
    if (!address->host)
        text_put_str(out, "none");
    else
        text_printf(out, strchr(address->host, ':') ? "[%s]:%u" : "%s:%u", address->host, (unsigned)address->port);
}
