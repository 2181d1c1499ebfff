#include "client/gateway/ome_open.h"

#include <ctype.h>

#include "client/gateway/ome_text.h"
#include "client/gateway/value.h"
#include "proto/rfc3339.h"
#include "proto/tocsin_base.h"
#include "proto/wire.h"

#define TIME_LAST_MS UINT64_C(253402300799999) /* the end of the year 9999 */
#define TIME_LEN     24                        /* 2026-11-21T00:30:00.125Z */
#define MS_LEN       23                        /* of it, without the Z */

/* Who raised an event: its id without the server's, and whether the input or an output of a stream. */
struct origin {
    const char *category;
    struct span id;
    const char *side; /* "", " (input)" or " (output)" */
};

/* The category of a type, by how it begins. */
static const char *category_of_type(struct span type)
{
    static const struct {
        const char *family;
        const char *category;
    } families[] = {
        {"Server", "ServerEvent"}, {"Host", "HostEvent"},      {"App", "AppEvent"},          {"Stream", "StreamEvent"},
        {"Push", "StreamEvent"},   {"Session", "StreamEvent"}, {"Recording", "StreamEvent"}, {"Api", "RestApiEvent"},
    };
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        size_t len = strlen(families[i].family);
        if (type.len >= len && memcmp(type.data, families[i].family, len) == 0)
            return families[i].category;
    }
    return NULL;
}

static struct span without_server(struct span id, struct span server)
{
    bool is_below = server.len > 0 && id.len > server.len + 1 && memcmp(id.data, server.data, server.len) == 0 &&
                    id.data[server.len] == '/';
    return is_below ? span_of(id.data + server.len + 1, id.len - server.len - 1) : id;
}

/* /i and /o behind a stream's name */
static void take_side(struct origin *origin)
{
    struct span *id = &origin->id;
    if (id->len < 2 || id->data[id->len - 2] != '/')
        return;
    uint8_t side = id->data[id->len - 1];
    if (side != 'i' && side != 'o')
        return;
    origin->side = side == 'i' ? " (input)" : " (output)";
    id->len -= 2;
}

/* The most specific of the producer's ids. */
static struct origin origin_of(struct span producer, struct span server)
{
    static const struct {
        const char *key;
        const char *category;
    } kinds[] = {{"streamID", "StreamEvent"}, {"appID", "AppEvent"}, {"hostID", "HostEvent"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct span id = value_str(value_member(producer, kinds[i].key));
        if (id.len == 0)
            continue;
        struct origin origin = {kinds[i].category, without_server(id, server), ""};
        if (i == 0)
            take_side(&origin);
        return origin;
    }
    return (struct origin){"ServerEvent", server, ""};
}

/* StreamOutputsUpdated: "Stream outputs updated" */
static void put_words(struct text *out, struct span type)
{
    for (size_t i = 0; i < type.len; i++) {
        int c = type.data[i];
        bool begins_word = i > 0 && isupper(c) && islower(type.data[i - 1]);
        if (begins_word)
            text_put_char(out, ' ');
        text_put_char(out, (char)(begins_word ? tolower(c) : c));
    }
}

static void put_summary(struct text *out, struct span event, struct span type, const struct origin *origin)
{
    struct text summary;
    struct text line;
    struct span message = value_str(value_member(event, "message"));
    text_init(&summary);
    text_init(&line);
    if (message.len > 0) {
        text_put(&summary, message.data, message.len);
    } else {
        put_words(&summary, type);
        text_put_str(&summary, ": ");
        text_put(&summary, origin->id.data, origin->id.len);
        text_put_str(&summary, origin->side);
    }
    ome_text_put_line(&line, text_span(&summary), TOCSIN_SUMMARY_MAX);
    wire_write_str(out, text_span(&line));
    out->failed |= summary.failed || line.failed;
    text_fini(&summary);
    text_fini(&line);
}

/* False where the line has no time that can be told: the event then gets that of its receipt. */
static bool write_time(char *out, struct span line)
{
    struct span value = value_member(line, "timestampMillis");
    struct wire_reader reader = wire_reader_of(value);
    uint64_t ms;
    if (!value.data || !wire_read_uint(&reader, &ms) || ms > TIME_LAST_MS)
        return false;
    char us[RFC3339_US_LEN];
    rfc3339_write_us(us, ms * 1000);
    memcpy(out, us, MS_LEN);
    out[MS_LEN] = 'Z';
    return true;
}

static void put_pair(struct text *out, const char *key, struct span text)
{
    wire_write_str(out, span_of_str(key));
    wire_write_str(out, text);
}

static void put_source(struct text *out, struct span id)
{
    struct text line;
    text_init(&line);
    ome_text_put_line(&line, id, SIZE_MAX);
    put_pair(out, "sourceId", text_span(&line));
    out->failed |= line.failed;
    text_fini(&line);
}

const char *ome_open_put(struct text *out, struct span line)
{
    struct span event = value_member(line, "event"), data = value_member(line, "data");
    struct span type = value_str(value_member(event, "type")), producer = value_member(event, "producer");
    struct span server = value_str(value_member(producer, "serverID"));
    if (!server.data)
        server = value_str(value_member(line, "serverID"));
    if (type.len == 0)
        return "event.type is missing";
    struct origin origin = origin_of(producer, server);
    if (origin.id.len == 0)
        return "nothing tells whose event it is";
    const char *category = category_of_type(type);
    char time[TIME_LEN];
    bool has_time = write_time(time, line);
    wire_write_map(out, 5U + has_time + (data.data != NULL));
    if (has_time)
        put_pair(out, "time", span_of(time, TIME_LEN));
    put_pair(out, "level", span_of_str(span_is(type, "ServerStat") ? "Debug" : "Info"));
    put_pair(out, "category", span_of_str(category ? category : origin.category));
    put_pair(out, "type", type);
    put_source(out, origin.id);
    wire_write_str(out, span_of_str("summary"));
    put_summary(out, event, type, &origin);
    if (data.data) {
        wire_write_str(out, span_of_str("snapshot"));
        ome_text_put_clean(out, data);
    }
    return NULL;
}
