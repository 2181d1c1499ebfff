/* `tocsin status --check`: the state as a monitoring plugin tells it (Nagios, Icinga and those like them). Pure. */
#ifndef CLIENT_TRACKER_CHECK_H
#define CLIENT_TRACKER_CHECK_H

#include "client/tracker/state_json.h"

/* How such a plugin ends. */
enum check_code {
#define CHECK_CODE(name, value, meaning) CHECK_##name = (value),
#include "client/tracker/check_code.def"
#undef CHECK_CODE
};

/* Appends the one line, TEXT | PERFDATA, with its newline; returns the code. */
enum check_code check_write(struct text *out, const struct state_view *view);

/* Appends the line of a check that could not be made. */
void check_write_unknown(struct text *out, const char *reason);

#endif
