#include "client/past_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "client/arg.h"
#include "client/complain.h"
#include "client/time_arg.h"

#define NAME_MAX_LEN 64
#define LAST_MAX     1000000 /* their seqs are remembered */

static bool read_time(const struct options *options, enum option_id id, uint64_t *time_us)
{
    const char *text = options_get(options, id);
    struct timespec now;
    int64_t us;
    if (!text)
        return true;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t now_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
    if (!time_arg_read(text, now_us, options_has(options, OPTION_UTC) || options_has(options, OPTION_UTC_OF_REPLAY),
                       &us)) {
        complain("--%s: \"%s\" is no time: as 2026-11-21 09:30, 09:30, 15m, today (tocsin help %s)",
                 option_table[id].name, text, commands[options->command].name);
        return false;
    }
    *time_us = (uint64_t)us;
    return true;
}

/* Makes the folders that the path needs. */
static bool make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool is_there = mkdir(path, 0777) == 0 || errno == EEXIST;
        if (!is_there)
            complain("--cursor: cannot make the folder %s: %s", path, strerror(errno));
        *slash = '/';
        if (!is_there)
            return false;
    }
    return true;
}

/* A name is a file in the user's state. */
static bool read_cursor(struct past_options *past, const char *text)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    if (strchr(text, '/')) {
        past->cursor_path = strdup(text);
        return past->cursor_path != NULL;
    }
    size_t len = strlen(text);
    if (len == 0 || len > NAME_MAX_LEN || strspn(text, allowed) != len || *text == '.') {
        complain("--cursor: \"%s\" is no name: allowed are 64 of A-Z a-z 0-9 _ . -; a file has a / in its path", text);
        return false;
    }
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    bool has_state = state && *state == '/';
    if (!has_state && (!home || *home != '/')) {
        complain("--cursor: neither XDG_STATE_HOME nor HOME is set: give a path");
        return false;
    }
    if (asprintf(&past->cursor_path, "%s%s/tocsin/cursors/%s", has_state ? state : home,
                 has_state ? "" : "/.local/state", text) < 0)
        past->cursor_path = NULL;
    return past->cursor_path && make_folders(past->cursor_path);
}

/* At most one of those that say where to begin. */
static bool read_start(struct past_options *past, const struct options *options)
{
    uint64_t seq = 0;
    uint64_t since_us = 0;
    if (!read_time(options, OPTION_SINCE, &since_us) || !arg_count(options, OPTION_SEQ, &seq) ||
        !arg_count(options, OPTION_LAST, &past->last_count))
        return false;
    if (past->last_count > LAST_MAX) {
        complain("--last: a million at most");
        return false;
    }
    bool has_since = options_has(options, OPTION_SINCE), has_all = options_has(options, OPTION_ALL);
    if (has_since + has_all + (seq > 0) + (past->last_count > 0) > 1) {
        complain("--since, --seq, --last and --all each say where to begin: give one");
        return false;
    }
    bool begins_anywhere = has_since || has_all || seq > 0 || past->last_count > 0;
    bool is_past = past->cursor_path || past->until_us != UINT64_MAX || options->command != COMMAND_SUB;
    past->from = has_all || (!begins_anywhere && is_past && !past->latest) ? TOCSIN_FROM_FIRST : TOCSIN_FROM_NEW;
    if (has_since) {
        past->from = TOCSIN_FROM_TIME;
        past->from_value = since_us;
    } else if (seq > 0) {
        past->from = TOCSIN_FROM_SEQ;
        past->from_value = seq;
    }
    past->is_asked = begins_anywhere || is_past || past->latest || past->follows;
    return true;
}

bool past_options_read(struct past_options *past, const struct options *options)
{
    const char *cursor = options_get(options, OPTION_CURSOR);
    *past = (struct past_options){.until_us = UINT64_MAX, .until_seq = UINT64_MAX};
    past->latest = options_has(options, OPTION_LATEST);
    past->follows = options_has(options, OPTION_FOLLOW);
    if (!read_time(options, OPTION_UNTIL, &past->until_us) || (cursor && !read_cursor(past, cursor)))
        return false;
    if (cursor && past->until_us != UINT64_MAX) {
        complain("--cursor goes on from run to run, and takes no --until");
        return false;
    }
    if (!read_start(past, options))
        return false;
    if (past->from == TOCSIN_FROM_TIME && past->from_value > past->until_us) {
        complain("--until is before --since");
        return false;
    }
    return true;
}

void past_options_fini(struct past_options *past)
{
    free(past->cursor_path);
    past->cursor_path = NULL;
}

bool past_is_over(const struct past_options *past, const struct tocsin_message *message)
{
    return message->received_us > past->until_us || message->seq > past->until_seq;
}
