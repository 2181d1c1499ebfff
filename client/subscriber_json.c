/* The last event told, as JSON. */
#include "client/message.h"
#include "client/subscriber.h"

int tocsin_subscriber_snapshot_json(struct tocsin_subscriber *subscriber, struct tocsin_text *json)
{
    if (!subscriber || !json || !subscriber->is_record_told)
        return TOCSIN_E_INVALID;
    return message_snapshot_json(&subscriber->json, &subscriber->record, json);
}

int tocsin_subscriber_event_json(struct tocsin_subscriber *subscriber, struct tocsin_text *json)
{
    if (!subscriber || !json || !subscriber->is_record_told)
        return TOCSIN_E_INVALID;
    return message_event_json(&subscriber->json, &subscriber->record, json);
}
