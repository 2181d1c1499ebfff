/* All that stands between the network and the doors: the broker's key, the access table and the handler that asks it.
 * Without a key there is none of it, and the doors are open. */
#ifndef BROKER_SECURITY_H
#define BROKER_SECURITY_H

#include "broker/access_gate.h"
#include "broker/arrivals.h"
#include "broker/denials.h"
#include "broker/doors.h"
#include "broker/settings.h"
#include "broker/stats.h"
#include "broker/zap.h"

struct security {
    bool is_on;
    const struct settings *settings; /* borrowed */
    struct door_key key;
    struct access_gate *gate; /* NULL: off */
    struct zap *zap;
    struct denials denials;
    struct arrivals arrivals;
};

/* Reads the key and the access file, for --check-config. Errors as server_key_read and access_file_read. */
int security_check(const struct settings *settings, struct text *message);

/* Reads both and starts the handler, before any door is open. security_close is due in any case. Errors as above;
 * TOCSIN_E_NOMEM. */
int security_open(struct security *security, const struct settings *settings, void *zmq, struct stats *stats,
                  struct text *message);

/* The key for doors; NULL: off. */
const struct door_key *security_key(const struct security *security);

/* Tries a door that was opened. Errors as door_try. */
int security_try(struct security *security, const struct door *door, void *zmq, struct text *message);

/* Reads the access file again; on an error the old table stays. Errors as access_file_read. */
int security_reload(struct security *security, struct text *message);

/* When all doors and views are closed. */
void security_close(struct security *security);

#endif
