/* How events are shown: formats, lines, and that nothing of an event drives a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "client/escape.h"
#include "client/format.h"
#include "client/json_indent.h"
#include "client/print.h"
#include "client/record_json.h"
#include "client/tocsin.h"

static struct tocsin_event *event;
static struct tocsin_message message;
static struct text json;

static struct tocsin_text text_of(struct span span)
{
    return (struct tocsin_text){(const char *)span.data, span.len};
}

/* Makes the message that a subscriber would tell for this event. */
static void make_message(const char *source_id, const char *summary, const char *snapshot)
{
    static char topic[TOCSIN_TOPIC_MAX];
    struct record record = {.seq = 1234, .prev = 1200, .received_us = 1700000000000007};
    tocsin_event_set(event, TOCSIN_LEVEL_WARNING, "StreamEvent", "StreamCreated", source_id, summary);
    tocsin_event_set_cause(event, "BFrameDetected");
    tocsin_event_set_time(event, "2026-11-21T09:30:00.125+09:00");
    tocsin_event_snapshot_json(event, snapshot);
    const uint8_t *bytes;
    size_t len;
    assert_int_equal(tocsin_event_encode(event, &bytes, &len), TOCSIN_OK);
    assert_true(event_view(span_of(bytes, len), &record.event));
    text_clear(&json);
    record_json_write(&json, &record);
    message = (struct tocsin_message){
        .kind = TOCSIN_MESSAGE_EVENT,
        .topic = {topic, event_topic(&record.event, topic)},
        .seq = record.seq,
        .prev = record.prev,
        .received_us = record.received_us,
        .level = record.event.level,
        .time = text_of(record.event.time),
        .category = text_of(record.event.category),
        .type = text_of(record.event.type),
        .source_id = text_of(record.event.source_id),
        .summary = text_of(record.event.summary),
        .cause = text_of(record.event.cause),
        .snapshot = text_of(record.event.snapshot),
        .event = text_of(record.event.bytes),
        .log_id = {"log-1", 5},
    };
}

static int set_up(void **state)
{
    (void)state;
    setenv("TZ", "Asia/Tokyo", 1);
    tzset();
    event = tocsin_event_new();
    text_init(&json);
    make_message(
        "#default#app/cam", "A camera came",
        "{\"width\":1920,\"fps\":29.97,\"tracks\":[{\"id\":7},{\"id\":8,\"name\":\"audio\"}],\"on\":true,\"no\":null}");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tocsin_event_free(&event);
    text_fini(&json);
    return 0;
}

static const char *shown(const char *format_text, bool is_utc)
{
    static char buffer[8192];
    const char *fault;
    size_t offset;
    struct format *format = format_read(format_text, &fault, &offset);
    if (!format)
        fail_msg("\"%s\": %zu: %s", format_text, offset, fault);
    struct text out;
    text_init(&out);
    format_put(&out, format, &message, text_span(&json), is_utc);
    assert_true(out.len < sizeof buffer);
    if (out.len > 0)
        memcpy(buffer, out.data, out.len);
    buffer[out.len] = '\0';
    text_fini(&out);
    format_free(&format);
    return buffer;
}

static void every_letter_shows_its_part(void **state)
{
    (void)state;
    assert_string_equal(shown("%t|%c|%i|%y|%l|%s|%n|%e|%%", true),
                        "StreamEvent/#default#app/cam|StreamEvent|#default#app/cam|StreamCreated|Warning|A camera came|"
                        "1234|log-1|%");
    assert_string_equal(shown("%I %U", true), "2026-11-21T00:30:00.125000Z 1795221000.125000000");
    assert_string_equal(shown("%I", false), "2026-11-21T09:30:00.125000+09:00");
    assert_string_equal(
        shown("%p", true),
        "{\"time\":\"2026-11-21T09:30:00.125+09:00\",\"level\":\"Warning\",\"category\":\"StreamEvent\","
        "\"type\":\"StreamCreated\",\"sourceId\":\"#default#app/cam\",\"summary\":\"A camera came\","
        "\"cause\":\"BFrameDetected\",\"snapshot\":{\"width\":1920,\"fps\":29.97,\"tracks\":[{\"id\":7},"
        "{\"id\":8,\"name\":\"audio\"}],\"on\":true,\"no\":null}}");
    assert_memory_equal(shown("%j", true), "{\"seq\":1234,\"received\":\"2023-11-14T22:13:20.000007Z\",", 49);
    assert_memory_equal(shown("%J", true), "{\n  \"seq\": 1234,\n  \"received\"", 29);
    assert_memory_equal(shown("%x", true), "88a474696d65", 12);
    assert_int_equal(strlen(shown("%x", true)), 2 * message.event.len);
}

static void a_path_shows_any_member(void **state)
{
    (void)state;
    assert_string_equal(shown("%{snapshot.width} %{snapshot.fps} %{snapshot.on} %{snapshot.no}", true),
                        "1920 29.97 true null");
    assert_string_equal(shown("%{snapshot.tracks[1].name} %{snapshot.tracks[0]}", true), "audio {\"id\":7}");
    assert_string_equal(shown("%{seq} %{prev} %{topic} %{cause} %{received}", true),
                        "1234 1200 StreamEvent/#default#app/cam BFrameDetected 2023-11-14T22:13:20.000007Z");
    assert_string_equal(shown("[%{snapshot.tracks[2]}%{snapshot.width.x}%{nothing}%{snapshot[0]}%{summary[0]}]", true),
                        "[]");
}

static void width_and_precision_count_characters(void **state)
{
    (void)state;
    assert_string_equal(shown("[%10l][%-10l][%.4l][%-6.4l][%08n][%2l]", true),
                        "[   Warning][Warning   ][Warn][Warn  ][00001234][Warning]");
    make_message("s", "Größe 中文", "1");
    assert_string_equal(shown("[%12s][%.3s][%-9.7s]", true), "[    Größe 中文][Grö][Größe 中  ]");
}

static void at_shows_the_time_by_strftime(void **state)
{
    (void)state;
    assert_string_equal(shown("@Y-@m-@d @H:@M:@S.@N @@ @z", false), "2026-11-21 09:30:00.125000000 @ +0900");
    assert_string_equal(shown("@H:@M", true), "00:30");
}

static void escapes_stand_for_characters(void **state)
{
    (void)state;
    assert_string_equal(shown("a\\tb\\nc\\\\d\\e[1m", true), "a\tb\nc\\d\033[1m");
    assert_int_equal(shown("a\\0b", true)[1], '\0');
    assert_string_equal(shown("", true), "");
}

static void a_format_that_is_none_tells_where(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t offset;
    } wrong[] = {{"ab%q", 2},    {"%", 0},       {"%{", 0},     {"%{}", 0},   {"%{a..b}", 0}, {"%{.a}", 0},
                 {"%{a[}", 0},   {"%{a[x]}", 0}, {"%{[0]}", 0}, {"%{a]}", 0}, {"%-5", 0},     {"x%5.", 1},
                 {"%99999s", 0}, {"\\q", 0},     {"a\\", 1},    {"@", 0},     {"@E", 0},      {"%{a[99999999999]}", 0}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *fault;
        size_t offset;
        struct format *format = format_read(wrong[i].text, &fault, &offset);
        if (format || !fault)
            fail_msg("\"%s\" was accepted", wrong[i].text);
        if (wrong[i].offset != offset)
            fail_msg("\"%s\": fault at %zu", wrong[i].text, offset);
    }
}

static void a_line_shows_topic_type_summary_and_cause(void **state)
{
    (void)state;
    struct printer printer = {.form = PRINT_SHORT, .is_utc = true};
    struct text out;
    text_init(&out);
    print_event(&out, &printer, &message, text_span(&json));
    printer.form = PRINT_ISO;
    printer.is_utc = false;
    print_event(&out, &printer, &message, text_span(&json));
    text_put_char(&out, '\0');
    assert_string_equal(out.data,
                        "Nov 21 00:30:00.125 Warning StreamEvent/#default#app/cam StreamCreated: A camera came "
                        "(BFrameDetected)\n2026-11-21T09:30:00.125000+09:00 Warning StreamEvent/#default#app/cam "
                        "StreamCreated: A camera came (BFrameDetected)\n");
    text_fini(&out);
}

/* Whether anything in it would drive a terminal; a newline may end it. */
static bool is_safe(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.data[i];
        if ((byte < 0x20 && byte != '\n') || byte == 0x7f)
            return false;
        if (byte == 0xc2 && i + 1 < text.len && text.data[i + 1] < 0xa0) /* C1 */
            return false;
        if (byte == 0xe2 && i + 2 < text.len && text.data[i + 1] == 0x80 && text.data[i + 2] >= 0xa8 &&
            text.data[i + 2] <= 0xae) /* U+2028 to U+202E */
            return false;
        if (byte == 0xef && i + 2 < text.len && text.data[i + 1] == 0xbb && text.data[i + 2] == 0xbf) /* U+FEFF */
            return false;
    }
    return true;
}

static void nothing_of_an_event_reaches_a_terminal_raw(void **state)
{
    (void)state;
    /* What may be in a summary or sourceId is no control, but may turn the direction of text; a snapshot holds
     * anything. */
    make_message("s\xe2\x80\xae"
                 "txt",
                 "x\xe2\x80\xa8y\xef\xbb\xbf",
                 "{\"\\u001b]0;title\\u0007\":\"\\u001b[2J\\u009b31m\\r\\n\\u202e\",\"plain\":\"\\u001b["
                 "2J\\u0007\\u009b\\u007f\"}");
    const char *const formats[] = {"%t %i %s",          "%p",          "%j",     "%J",
                                   "%{snapshot.plain}", "%{snapshot}", "%-5.9s", "%{summary} %{sourceId} %{topic}"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const char *text = shown(formats[i], true);
        if (!is_safe(span_of_str(text)))
            fail_msg("%s lets a control through: %s", formats[i], text);
    }
    assert_string_equal(shown("%{snapshot.plain}", true), "\\u001b[2J\\u0007\\u009b\\u007f");
    assert_string_equal(shown("%i", true), "s\\u202etxt");
    for (unsigned form = 0; form < PRINT_RAW; form++) {
        struct printer printer = {.form = (enum print_form)form, .is_utc = true};
        struct text out;
        text_init(&out);
        print_event(&out, &printer, &message, text_span(&json));
        assert_true(is_safe(text_span(&out)));
        text_fini(&out);
    }
}

static void bytes_that_are_no_utf8_are_shown_as_such(void **state)
{
    (void)state;
    struct text out;
    text_init(&out);
    escape_text(&out, span_of("a\xff\xc3(\x1b\x7f\xc2\x85 é\xe2\x80", 13));
    text_put_char(&out, '\0');
    assert_string_equal(out.data, "a\\xff\\xc3(\\u001b\\u007f\\u0085 é\\xe2\\x80");
    text_fini(&out);
}

static void json_is_indented_without_being_changed(void **state)
{
    (void)state;
    struct text out;
    text_init(&out);
    json_indent(&out, span_of_str("{\"a\":[1,{\"b,{\\\"\":[]}],\"c\":{},\"d\":\"x:y\"}"));
    text_put_char(&out, '\0');
    assert_string_equal(out.data, "{\n  \"a\": [\n    1,\n    {\n      \"b,{\\\"\": []\n    }\n  ],\n  \"c\": {},\n"
                                  "  \"d\": \"x:y\"\n}");
    text_fini(&out);
}

static void colours_are_sequences_of_ours_only(void **state)
{
    (void)state;
    struct printer printer = {.form = PRINT_SHORT, .is_utc = true, .has_color = true};
    struct text out;
    text_init(&out);
    print_event(&out, &printer, &message, text_span(&json));
    text_put_char(&out, '\0');
    assert_non_null(strstr(out.data, " \033[1;33mWarning\033[0m "));
    text_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_letter_shows_its_part, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_path_shows_any_member, set_up, tear_down),
        cmocka_unit_test_setup_teardown(width_and_precision_count_characters, set_up, tear_down),
        cmocka_unit_test_setup_teardown(at_shows_the_time_by_strftime, set_up, tear_down),
        cmocka_unit_test_setup_teardown(escapes_stand_for_characters, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_format_that_is_none_tells_where, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_line_shows_topic_type_summary_and_cause, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_of_an_event_reaches_a_terminal_raw, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bytes_that_are_no_utf8_are_shown_as_such, set_up, tear_down),
        cmocka_unit_test_setup_teardown(json_is_indented_without_being_changed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(colours_are_sequences_of_ours_only, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
