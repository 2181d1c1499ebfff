#include "client/verify_report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "client/escape.h"
#include "proto/json.h"
#include "proto/rfc3339.h"

void verify_report_init(struct verify_report *report)
{
    *report = (struct verify_report){.verdict = VERIFY_INTACT};
    text_init(&report->reason);
    text_init(&report->doubts);
    text_init(&report->notes);
}

void verify_report_fini(struct verify_report *report)
{
    text_fini(&report->reason);
    text_fini(&report->doubts);
    text_fini(&report->notes);
}

/* Names of producers and files come from outside: they are made safe here, once. */
static void put_sentence(struct text *out, const char *format, va_list arguments)
{
    char *sentence = NULL;
    int len = vasprintf(&sentence, format, arguments);
    if (len < 0)
        return;
    escape_text(out, span_of(sentence, (size_t)len));
    free(sentence);
}

void verify_report_fault(struct verify_report *report, const struct verify_place *place, const char *format, ...)
{
    va_list arguments;
    if (report->verdict == VERIFY_TAMPERED)
        return;
    if (report->verdict == VERIFY_UNSURE) {
        text_put(&report->doubts, report->reason.data, report->reason.len);
        text_put_char(&report->doubts, '\n');
    }
    report->verdict = VERIFY_TAMPERED;
    report->has_place = true;
    report->place = *place;
    text_clear(&report->reason);
    va_start(arguments, format);
    put_sentence(&report->reason, format, arguments);
    va_end(arguments);
}

void verify_report_doubt(struct verify_report *report, const struct verify_place *place, const char *format, ...)
{
    va_list arguments;
    bool is_first = report->verdict == VERIFY_INTACT;
    if (is_first) {
        report->verdict = VERIFY_UNSURE;
        report->has_place = place != NULL;
        if (place != NULL)
            report->place = *place;
    }
    va_start(arguments, format);
    put_sentence(is_first ? &report->reason : &report->doubts, format, arguments);
    va_end(arguments);
    if (!is_first)
        text_put_char(&report->doubts, '\n');
}

void verify_report_note(struct verify_report *report, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_sentence(&report->notes, format, arguments);
    va_end(arguments);
    text_put_char(&report->notes, '\n');
}

static const char *const words[] = {"intact", "tampered", "unsure"};
static const char *const heads[] = {"intact", "tampered", "cannot tell"};

static void put_time(struct text *out, uint64_t us)
{
    char time[RFC3339_US_LEN];
    rfc3339_write_us(time, us);
    text_put(out, time, sizeof time);
}

/* The next of the sentences that an LF each ends; false: there is none. */
static bool next_sentence(struct span *rest, struct span *sentence)
{
    if (rest->len == 0)
        return false;
    const uint8_t *lf = memchr(rest->data, '\n', rest->len);
    *sentence = span_of(rest->data, lf == NULL ? rest->len : (size_t)(lf - rest->data));
    size_t taken = sentence->len + (lf != NULL);
    *rest = span_of(rest->data + taken, rest->len - taken);
    return true;
}

static void put_sentences(struct text *out, const char *head, struct span rest)
{
    struct span sentence;
    while (next_sentence(&rest, &sentence))
        text_printf(out, "%s: %.*s\n", head, (int)sentence.len, (const char *)sentence.data);
}

static void put_head(struct text *out, const struct verify_report *report)
{
    text_put_str(out, heads[report->verdict]);
    if (report->verdict != VERIFY_INTACT && report->has_place)
        text_printf(out, ": %s, line %" PRIu64 " (seq %" PRIu64 ")", report->place.file, report->place.line,
                    report->place.seq);
    if (report->reason.len > 0) {
        text_put_str(out, ": ");
        text_put(out, report->reason.data, report->reason.len);
    }
    text_put_char(out, '\n');
}

static void put_extent(struct text *out, const struct verify_report *report)
{
    text_printf(out, "sound:  %" PRIu64 " line%s in %" PRIu64 " file%s", report->line_count,
                report->line_count == 1 ? "" : "s", report->file_count, report->file_count == 1 ? "" : "s");
    if (report->line_count > 0) {
        text_printf(out, ", seq %" PRIu64 " to %" PRIu64 ", ", report->first_seq, report->last_seq);
        put_time(out, report->first_received_us);
        text_put_str(out, " to ");
        put_time(out, report->last_received_us);
    }
    text_put_str(out, "\nsigned: ");
    if (report->checkpoint_count == 0) {
        text_put_str(out, "nothing\n");
    } else {
        char fingerprint[VERIFY_FINGERPRINT_LEN + 1];
        verify_keys_fingerprint(fingerprint, report->key);
        text_printf(out, "through seq %" PRIu64 ", ", report->signed_seq);
        put_time(out, report->signed_received_us);
        text_printf(out, ", by %" PRIu64 " checkpoint%s; key %s\n", report->checkpoint_count,
                    report->checkpoint_count == 1 ? "" : "s", fingerprint);
    }
    if (report->has_receipts)
        text_printf(out, "receipts that fit: %" PRIu64 "\n", report->receipt_count);
}

void verify_report_put(struct text *out, const struct verify_report *report, bool is_quiet)
{
    put_head(out, report);
    if (is_quiet)
        return;
    put_extent(out, report);
    put_sentences(out, "also", text_span(&report->doubts));
    put_sentences(out, "note", text_span(&report->notes));
}

static void put_json_sentences(struct text *out, const char *name, struct span rest)
{
    struct span sentence;
    const char *between = "";
    text_printf(out, ",\"%s\":[", name);
    for (; next_sentence(&rest, &sentence); between = ",") {
        text_put_str(out, between);
        json_write_string(out, sentence);
    }
    text_put_char(out, ']');
}

static void put_json_time(struct text *out, const char *name, uint64_t us)
{
    text_printf(out, ",\"%s\":\"", name);
    put_time(out, us);
    text_put_char(out, '"');
}

void verify_report_put_json(struct text *out, const struct verify_report *report)
{
    static const char *const trusts[] = {"none", "beside the log", "given"};
    text_printf(out, "{\"result\":\"%s\",\"reason\":", words[report->verdict]);
    json_write_string(out, report->reason.len > 0 ? text_span(&report->reason) : span_of_str(""));
    if (report->has_place) {
        text_put_str(out, ",\"file\":");
        json_write_string(out, span_of_str(report->place.file));
        text_printf(out, ",\"line\":%" PRIu64 ",\"seq\":%" PRIu64, report->place.line, report->place.seq);
    }
    text_printf(out, ",\"log_id\":\"%s\",\"files\":%" PRIu64 ",\"lines\":%" PRIu64 ",\"bytes\":%" PRIu64,
                report->log_id, report->file_count, report->line_count, report->byte_count);
    if (report->line_count > 0) {
        text_printf(out, ",\"first_seq\":%" PRIu64 ",\"last_seq\":%" PRIu64, report->first_seq, report->last_seq);
        put_json_time(out, "first_received", report->first_received_us);
        put_json_time(out, "last_received", report->last_received_us);
    }
    text_printf(out, ",\"checkpoints\":%" PRIu64 ",\"key_from\":\"%s\"", report->checkpoint_count,
                trusts[report->trust]);
    if (report->checkpoint_count > 0) {
        char fingerprint[VERIFY_FINGERPRINT_LEN + 1];
        verify_keys_fingerprint(fingerprint, report->key);
        text_printf(out, ",\"signed_seq\":%" PRIu64 ",\"key\":\"%s\"", report->signed_seq, fingerprint);
        put_json_time(out, "signed_received", report->signed_received_us);
    }
    if (report->has_receipts)
        text_printf(out, ",\"receipts\":%" PRIu64, report->receipt_count);
    put_json_sentences(out, "doubts", text_span(&report->doubts));
    put_json_sentences(out, "notes", text_span(&report->notes));
    text_put_str(out, "}\n");
}
