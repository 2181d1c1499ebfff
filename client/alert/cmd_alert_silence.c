/* tocsin alert silence: which alerts nobody is told of for a time, in a file that the bridge takes up.
 *
 * The happy path: the file is locked and read, changed, and replaced as a whole. What can fail: the words (2), the file:
 * it is no list of silences, or cannot be read or written (1). */
#include <errno.h>
#include <pwd.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/alert/notice.h"
#include "client/alert/silences.h"
#include "client/arg.h"
#include "client/clock.h"
#include "client/command.h"
#include "client/complain.h"
#include "client/escape.h"
#include "client/kept_file.h"
#include "client/out.h"
#include "client/time_arg.h"
#include "proto/utf8.h"

struct silencing {
    const struct options *options;
    const char *path;
    bool is_json;
    bool is_utc;
    uint64_t now_us;
    struct silences silences;
    char added[SILENCE_ID_LEN + 1]; /* the id of what was */
};

/* --- the file --- */

static bool read_file(struct silencing *silencing)
{
    struct text message;
    text_init(&message);
    bool is_good = silences_read_file(&silencing->silences, silencing->path, &message);
    if (!is_good)
        complain("%.*s", (int)message.len, message.data);
    text_fini(&message);
    return is_good;
}

static bool write_file(struct silencing *silencing, const struct kept_file *file)
{
    struct text content;
    text_init(&content);
    silences_prune(&silencing->silences, silencing->now_us);
    silences_put_json(&content, &silencing->silences);
    bool is_good = !content.failed && kept_file_write(file, text_span(&content)) == TOCSIN_OK;
    if (!is_good)
        complain("%s: %s", silencing->path, content.failed ? "out of memory" : strerror(errno));
    text_fini(&content);
    return is_good;
}

/* Reads, lets `change` do its work, and writes. */
static int change_file(struct silencing *silencing, int (*change)(struct silencing *silencing))
{
    struct kept_file file = {.lock_fd = -1};
    int error = kept_file_open(&file, silencing->path), code = EXIT_CODE_FAILED;
    if (error)
        complain("%s: %s", silencing->path, error == TOCSIN_E_IO ? strerror(errno) : tocsin_error_text(error));
    else if (read_file(silencing))
        code = change(silencing);
    if (code == EXIT_CODE_OK && !write_file(silencing, &file))
        code = EXIT_CODE_FAILED;
    kept_file_close(&file);
    return code;
}

/* --- add --- */

static bool read_matchers(const struct silencing *silencing, struct silence *silence)
{
    const struct options *options = silencing->options;
    if (options->operand_count < 2) {
        complain("which alerts? As alertname=NotReady or 'sourceId=~\"sip.*\"'; all that are given must hold");
        return false;
    }
    for (size_t i = 1; i < options->operand_count; i++) {
        struct text why;
        text_init(&why);
        bool is_good = label_matchers_add(&silence->matchers, span_of_str(options->operands[i]), &why);
        if (!is_good)
            complain("%s: %.*s", options->operands[i], (int)why.len, why.data);
        text_fini(&why);
        if (!is_good)
            return false;
    }
    return true;
}

static bool read_time(const struct silencing *silencing, enum option_id id, const char *name, uint64_t *us)
{
    int64_t time_us;
    const char *given = options_get(silencing->options, id);
    if (!given)
        return true;
    if (!time_arg_read(given, (int64_t)silencing->now_us, silencing->is_utc, &time_us)) {
        complain("%s: \"%s\" is no time: as now, 2026-11-21 09:30 or 2026-11-21T09:30:00Z", name, given);
        return false;
    }
    *us = (uint64_t)time_us;
    return true;
}

static bool read_span(const struct silencing *silencing, struct silence *silence)
{
    int64_t for_us = 0;
    const char *duration = options_get(silencing->options, OPTION_FOR);
    silence->starts_us = silencing->now_us;
    if (!read_time(silencing, OPTION_STARTS, "--starts", &silence->starts_us) ||
        !read_time(silencing, OPTION_ENDS, "--ends", &silence->ends_us))
        return false;
    if (duration && (!duration_arg_read(duration, &for_us) || for_us <= 0)) {
        complain("--for: \"%s\" is no duration: as 2h or 1h30m", duration);
        return false;
    }
    if ((duration != NULL) == (silence->ends_us != 0)) {
        complain("how long? Give --for or --ends");
        return false;
    }
    if (duration)
        silence->ends_us = silence->starts_us + (uint64_t)for_us;
    if (silence->ends_us > silence->starts_us && silence->ends_us > silencing->now_us)
        return true;
    complain("it would end before it begins, or has ended");
    return false;
}

static char *copy_author(const struct options *options)
{
    const char *given = options_get(options, OPTION_AUTHOR);
    const struct passwd *user = given ? NULL : getpwuid(getuid());
    return strdup(given ? given : user ? user->pw_name : "");
}

static void make_id(struct silence *silence)
{
    uint8_t bytes[SILENCE_ID_LEN / 2];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(silence->id, sizeof silence->id, bytes, sizeof bytes);
}

/* All that goes into the file is text. */
static bool has_good_words(const struct options *options)
{
    bool is_good = true;
    for (size_t i = 0; i < options->operand_count; i++)
        is_good = is_good && (utf8_inspect(span_of_str(options->operands[i])) & UTF8_INVALID) == 0;
    for (size_t i = 0; i < options->value_count; i++)
        is_good = is_good && (utf8_inspect(span_of_str(options->values[i].value)) & UTF8_INVALID) == 0;
    if (!is_good)
        complain("what is given is no UTF-8");
    return is_good;
}

static int add(struct silencing *silencing)
{
    struct silence silence = {.starts_us = 0};
    const char *comment = options_get(silencing->options, OPTION_COMMENT);
    int code = EXIT_CODE_USAGE;
    make_id(&silence);
    if (!comment)
        complain("--comment: why?");
    if (comment && has_good_words(silencing->options) && read_matchers(silencing, &silence) &&
        read_span(silencing, &silence)) {
        memcpy(silencing->added, silence.id, sizeof silence.id);
        silence.author = copy_author(silencing->options);
        silence.comment = strdup(comment);
        bool is_full = silencing->silences.count >= SILENCES_MAX;
        bool is_good = silence.author && silence.comment && !is_full && silences_add(&silencing->silences, &silence);
        if (!is_good)
            complain("%s", is_full ? "there are 10000 silences already" : "out of memory");
        code = is_good ? EXIT_CODE_OK : EXIT_CODE_FAILED;
    }
    silence_fini(&silence);
    return code;
}

/* --- expire --- */

static struct silence *find(const struct silencing *silencing, const char *id)
{
    for (size_t i = 0; i < silencing->silences.count; i++) {
        if (strcmp(silencing->silences.items[i].id, id) == 0)
            return &silencing->silences.items[i];
    }
    return NULL;
}

static int expire(struct silencing *silencing)
{
    const struct options *options = silencing->options;
    if (options->operand_count < 2) {
        complain("which silence? Its id, as `list` shows it");
        return EXIT_CODE_USAGE;
    }
    for (size_t i = 1; i < options->operand_count; i++) {
        struct silence *silence = find(silencing, options->operands[i]);
        if (!silence || silence->ends_us <= silencing->now_us) {
            complain("%s: %s", options->operands[i],
                     silence ? "has ended already" : "there is no silence with this id");
            return EXIT_CODE_FAILED;
        }
        silence->ends_us = silencing->now_us;
        if (silence->starts_us > silence->ends_us)
            silence->starts_us = silence->ends_us;
    }
    return EXIT_CODE_OK;
}

/* --- list --- */

static const char *state_of(const struct silence *silence, uint64_t now_us)
{
    return silence_is_active(silence, now_us) ? "active" : silence->starts_us > now_us ? "pending" : "expired";
}

static void put_line(struct text *out, const struct silence *silence, const struct silencing *silencing)
{
    struct text words;
    text_init(&words);
    for (size_t i = 0; i < silence->matchers.count; i++) {
        text_put_str(&words, "  ");
        label_matcher_put(&words, &silence->matchers.items[i]);
    }
    text_printf(&words, "  %s: %s", silence->author, silence->comment);
    text_printf(out, "%s  %-7s  ", silence->id, state_of(silence, silencing->now_us));
    notice_put_time(out, silence->starts_us, silencing->is_utc);
    text_put_str(out, " to ");
    notice_put_time(out, silence->ends_us, silencing->is_utc);
    escape_text(out, text_span(&words));
    text_put_char(out, '\n');
    out->failed |= words.failed;
    text_fini(&words);
}

static int list(struct silencing *silencing)
{
    struct out out;
    bool shows_all = options_has(silencing->options, OPTION_ALL_SILENCES);
    if (!read_file(silencing))
        return EXIT_CODE_FAILED;
    out_init(&out, STDOUT_FILENO);
    for (size_t i = 0; i < silencing->silences.count; i++) {
        const struct silence *silence = &silencing->silences.items[i];
        if (!shows_all && silence->ends_us <= silencing->now_us)
            continue;
        if (silencing->is_json)
            silence_put_json(&out.text, silence);
        else
            put_line(&out.text, silence, silencing);
        if (silencing->is_json)
            text_put_char(&out.text, '\n');
    }
    int error = out_flush(&out);
    out_fini(&out);
    return out_code(error);
}

/* --- the command --- */

int command_alert_silence(const struct options *options)
{
    unsigned output = 0;
    int code = EXIT_CODE_USAGE;
    struct silencing silencing = {.options = options,
                                  .path = options_get(options, OPTION_SILENCES),
                                  .is_utc = options_has(options, OPTION_UTC),
                                  .now_us = clock_wall_us()};
    const char *verb = options->operand_count > 0 ? options->operands[0] : "";
    if (!silencing.path)
        complain("--silences: which file?");
    if (!silencing.path || !arg_choice(options, OPTION_OUTPUT_OF_ALERT, &output))
        return EXIT_CODE_USAGE;
    silencing.is_json = output == 1;
    if (strcmp(verb, "add") == 0)
        code = change_file(&silencing, add);
    else if (strcmp(verb, "expire") == 0)
        code = change_file(&silencing, expire);
    else if (strcmp(verb, "list") == 0)
        code = list(&silencing);
    else
        complain("%s%sexpected add, list or expire", verb, *verb ? ": " : "");
    if (code == EXIT_CODE_OK && silencing.added[0] != '\0')
        code = out_line("%s", silencing.added);
    silences_fini(&silencing.silences);
    return code;
}
