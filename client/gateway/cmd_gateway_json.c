/* tocsin gateway json: events as JSON Lines, from files or standard input, or from whoever connects. */
#include <stdlib.h>

#include "client/command.h"
#include "client/complain.h"
#include "client/gateway/json_input.h"

struct json {
    struct gateway gateway;
    struct json_input input;
    bool has_input;
};

static void on_datagram(void *context, struct span bytes, const char *where)
{
    struct json *json = context;
    struct json_lines lines = {.gateway = &json->gateway};
    bool is_full = false;
    json_lines_take(&lines, bytes, true, where, &is_full);
    if (!is_full)
        return;
    counts_add(&json->gateway.counts, COUNT_RECEIVED, 1);
    counts_complain(&json->gateway.counts, COUNT_DROPPED_FULL, 1,
                    "%s: a datagram was dropped: the queue is full (--queue)", where);
}

static size_t on_stream(void *context, struct listen_connection *connection, struct span bytes, bool is_end,
                        enum listen_verdict *verdict)
{
    struct json *json = context;
    struct json_lines *lines = connection->state;
    if (!lines)
        connection->state = lines = calloc(1, sizeof *lines);
    if (!lines) {
        *verdict = LISTEN_CLOSE;
        return 0;
    }
    lines->gateway = &json->gateway;
    bool is_full = false;
    size_t taken = json_lines_take(lines, bytes, is_end, connection->where, &is_full);
    connection->messages = lines->line;
    *verdict = is_full ? LISTEN_WAIT : LISTEN_GO_ON;
    return taken;
}

static void on_closed(void *context, struct listen_connection *connection)
{
    (void)context;
    free(connection->state);
}

static const struct listen_protocol protocol = {SOCK_STREAM, on_datagram, on_stream, NULL, on_closed};

static void resume(void *context)
{
    struct json *json = context;
    if (json->has_input)
        json_input_resume(&json->input);
}

static int run(struct json *json, const struct options *options)
{
    static const char *const standard_input[] = {"-"};
    struct gateway *gateway = &json->gateway;
    size_t count;
    if (!gateway_listen(gateway, &protocol, json, &count))
        return EXIT_CODE_FAILED;
    json->has_input = count == 0 || options->operand_count > 0;
    if (json->has_input && count > 0) {
        complain("either files or --listen");
        return EXIT_CODE_USAGE;
    }
    if (json->has_input && options->operand_count > 0)
        json_input_begin(&json->input, gateway, options->operands, options->operand_count);
    else if (json->has_input)
        json_input_begin(&json->input, gateway, standard_input, 1);
    int code = gateway_run(gateway);
    if (json->has_input && json->input.is_failed && !code)
        code = EXIT_CODE_FAILED;
    if (json->has_input)
        json_input_close(&json->input);
    return !code && json->has_input && counts_refused(&gateway->counts) > 0 ? EXIT_CODE_REFUSED : code;
}

int command_gateway_json(const struct options *options)
{
    struct json json = {.has_input = false};
    int code = gateway_open(&json.gateway, options, NULL, resume, &json);
    if (!code)
        code = run(&json, options);
    gateway_close(&json.gateway);
    return code;
}
