#include "client/heartbeat.h"

#include "proto/tocsin_base.h"
#include "proto/utf8.h"
#include "proto/wire.h"

int heartbeat_read(struct span bytes, struct heartbeat *out)
{
    struct wire_reader reader = wire_reader_of(bytes);
    uint32_t count;
    uint64_t version;
    if (!wire_read_array(&reader, &count) || count != 4 || !wire_read_uint(&reader, &version) ||
        version != HEARTBEAT_VERSION)
        return TOCSIN_E_PROTOCOL;
    if (!wire_read_uint(&reader, &out->head) || !wire_read_str(&reader, &out->log_id) ||
        out->log_id.len > HEARTBEAT_LOG_ID_MAX || utf8_inspect(out->log_id) != 0)
        return TOCSIN_E_PROTOCOL;
    return wire_skip(&reader) && reader.at == reader.end ? TOCSIN_OK : TOCSIN_E_PROTOCOL;
}
