/* Why nobody is told of an alert. */
#ifndef CLIENT_ALERT_MUTE_H
#define CLIENT_ALERT_MUTE_H

#include "client/alert/notice.h"

enum mute_kind { MUTE_NONE, MUTE_SILENCED, MUTE_INHIBITED };

struct mute {
    enum mute_kind kind;
    char by[NOTICE_FINGERPRINT_LEN + 1]; /* the silence's id, or the fingerprint of the alert that goes on */
};

#endif
