/* The commands, each in its own file. They complain by themselves and return the exit code. */
#ifndef CLIENT_COMMAND_H
#define CLIENT_COMMAND_H

#include "client/options.h"

enum verify_code {
#define VERIFY_CODE(name, value, meaning) VERIFY_CODE_##name = (value),
#include "client/verify_code.def"
#undef VERIFY_CODE
};

int command_pub(const struct options *options);
int command_sub(const struct options *options);
int command_query(const struct options *options);
int command_replay(const struct options *options);
int command_log(const struct options *options);
int command_status(const struct options *options);
int command_alert(const struct options *options);
int command_alert_test(const struct options *options);
int command_alert_check(const struct options *options);
int command_alert_explain(const struct options *options);
int command_alert_silence(const struct options *options);
int command_info(const struct options *options);
int command_reload(const struct options *options);
int command_verify(const struct options *options);
int command_gateway(const struct options *options);
int command_gateway_opensips(const struct options *options);
int command_gateway_ome(const struct options *options);
int command_gateway_json(const struct options *options);
int command_init(const struct options *options);
int command_keygen(const struct options *options);
int command_help(const struct options *options);

#endif
