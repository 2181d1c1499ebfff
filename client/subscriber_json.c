/* The last event told, as JSON. */
#include "client/record_json.h"
#include "client/subscriber.h"
#include "proto/json.h"

static int finish(struct text *out, struct tocsin_text *json)
{
    text_put_char(out, '\0');
    if (out->failed)
        return TOCSIN_E_NOMEM;
    *json = (struct tocsin_text){out->data, out->len - 1};
    return TOCSIN_OK;
}

int tocsin_subscriber_snapshot_json(struct tocsin_subscriber *subscriber, struct tocsin_text *json)
{
    if (!subscriber || !json || !subscriber->is_record_told)
        return TOCSIN_E_INVALID;
    struct text *out = &subscriber->json;
    text_clear(out);
    if (subscriber->record.event.snapshot.data)
        json_write_value(out, subscriber->record.event.snapshot);
    else
        text_put_str(out, "null");
    return finish(out, json);
}

int tocsin_subscriber_event_json(struct tocsin_subscriber *subscriber, struct tocsin_text *json)
{
    if (!subscriber || !json || !subscriber->is_record_told)
        return TOCSIN_E_INVALID;
    text_clear(&subscriber->json);
    record_json_write(&subscriber->json, &subscriber->record);
    return finish(&subscriber->json, json);
}
