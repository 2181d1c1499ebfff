#include "client/curve.h"

#include <string.h>
#include <zmq.h>

bool curve_public_of(uint8_t public_key[CURVE_KEY_LEN], const uint8_t secret_key[CURVE_KEY_LEN])
{
    char public_text[CURVE_Z85_LEN + 1], secret_text[CURVE_Z85_LEN + 1];
    curve_key_write(secret_text, secret_key);
    bool is_done = zmq_curve_public(public_text, secret_text) == 0 &&
                   curve_key_read(public_key, span_of(public_text, CURVE_Z85_LEN));
    explicit_bzero(secret_text, sizeof secret_text);
    return is_done;
}

static bool read_key(uint8_t key[CURVE_KEY_LEN], const char *text)
{
    return text && curve_key_read(key, span_of_str(text));
}

int curve_take(struct curve *curve, const struct tocsin_curve *given)
{
    uint8_t public_key[CURVE_KEY_LEN];
    *curve = (struct curve){.is_on = false};
    if (!given)
        return TOCSIN_OK;
    bool is_good = read_key(curve->server_key, given->server_key) && read_key(curve->secret_key, given->secret_key) &&
                   curve_public_of(curve->public_key, curve->secret_key);
    if (is_good && given->public_key)
        is_good = read_key(public_key, given->public_key) && memcmp(public_key, curve->public_key, CURVE_KEY_LEN) == 0;
    if (!is_good) {
        curve_forget(curve);
        return TOCSIN_E_INVALID;
    }
    curve->is_on = true;
    return TOCSIN_OK;
}

void curve_forget(struct curve *curve)
{
    explicit_bzero(curve, sizeof *curve);
}

bool curve_set(void *socket, const char *endpoint, const struct curve *curve)
{
    if (!curve->is_on || strncmp(endpoint, "tcp://", 6) != 0)
        return true;
    return zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, curve->server_key, CURVE_KEY_LEN) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, curve->public_key, CURVE_KEY_LEN) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, curve->secret_key, CURVE_KEY_LEN) == 0;
}
