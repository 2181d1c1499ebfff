/* The text of a file with keys of CURVE, as czmq's zcert has it and pyzmq's zmq.auth reads and writes it: ZPL, with the
 * values public-key and (in the secret file) secret-key in a section called curve. Pure. */
#ifndef PROTO_CURVE_CERT_H
#define PROTO_CURVE_CERT_H

#include "proto/curve_key.h"
#include "proto/text.h"

/* Largest file that can be one. */
#define CURVE_CERT_MAX 16384

struct curve_cert {
    uint8_t public_key[CURVE_KEY_LEN];
    uint8_t secret_key[CURVE_KEY_LEN];
    bool has_secret;
};

/* Reads a whole file. NULL when it is one; else what is wrong, a fragment that follows the file's name and line, and
 * `*line` is the line, from 1 (0: of the whole). Sections and values that are not ours are passed over. Where there is
 * no secret key (czmq writes 40 zeros or nothing into a public file) has_secret is false. */
const char *curve_cert_read(struct curve_cert *cert, struct span text, size_t *line);

/* Appends the text of the secret file, or of the public one. `name` is what the key is called, without control
 * characters, quotes and backslashes; `when` is the time as text. */
void curve_cert_write(struct text *out, const struct curve_cert *cert, bool is_secret, const char *name,
                      const char *when);

#endif
