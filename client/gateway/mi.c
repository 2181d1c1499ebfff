#include "client/gateway/mi.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/complain.h"
#include "client/gateway/mi_datagram.h"
#include "client/gateway/value.h"
#include "proto/json_read.h"
#include "proto/tocsin_base.h"
#include "proto/wire.h"

#define CONNECT_MS 2000L
#define REPLY_MS   3000L

/* libcurl's: room for what has come; anything else than `size` ends the transfer. */
static size_t on_bytes(char *bytes, size_t one, size_t size, void *context)
{
    (void)one;
    struct mi *mi = context;
    if (mi->reply.len + size > MI_REPLY_MAX)
        return 0;
    text_put(&mi->reply, bytes, size);
    return mi->reply.failed ? 0 : size;
}

static bool open_http(struct mi *mi)
{
    mi->curl = curl_easy_init();
    if (!mi->curl)
        return false;
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    bool is_set = curl_easy_setopt(mi->curl, CURLOPT_URL, mi->url) == CURLE_OK &&
                  curl_easy_setopt(mi->curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
                  curl_easy_setopt(mi->curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK;
    curl_easy_setopt(mi->curl, CURLOPT_PRIVATE, headers); /* to be freed */
    curl_easy_setopt(mi->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(mi->curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(mi->curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    curl_easy_setopt(mi->curl, CURLOPT_TIMEOUT_MS, REPLY_MS);
    curl_easy_setopt(mi->curl, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(mi->curl, CURLOPT_WRITEDATA, mi);
    return is_set;
}

bool mi_open(struct mi *mi, const char *url)
{
    *mi = (struct mi){.url = url, .fd = -1};
    bool is_http = strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;
    bool is_open = is_http ? open_http(mi) : mi_datagram_is_url(url);
    if (!is_open)
        complain("--subscribe: \"%s\" is not allowed: http://HOST:PORT/mi, or udp:HOST:PORT of mi_datagram", url);
    return is_open;
}

void mi_close(struct mi *mi)
{
    if (mi->curl) {
        struct curl_slist *headers = NULL;
        curl_easy_getinfo(mi->curl, CURLINFO_PRIVATE, (char **)&headers);
        curl_easy_cleanup(mi->curl);
        curl_slist_free_all(headers);
    }
    if (mi->fd >= 0)
        close(mi->fd);
    text_fini(&mi->request);
    text_fini(&mi->reply);
    text_fini(&mi->value);
}

static int fail(struct mi *mi, int error, const char *reason)
{
    snprintf(mi->error, sizeof mi->error, "%.240s", reason);
    return error;
}

static int ask_http(struct mi *mi)
{
    curl_easy_setopt(mi->curl, CURLOPT_POSTFIELDSIZE, (long)mi->request.len);
    curl_easy_setopt(mi->curl, CURLOPT_POSTFIELDS, mi->request.data);
    CURLcode code = curl_easy_perform(mi->curl);
    if (code != CURLE_OK)
        return fail(mi, TOCSIN_E_UNREACHABLE, curl_easy_strerror(code));
    curl_easy_getinfo(mi->curl, CURLINFO_RESPONSE_CODE, &mi->http_status);
    return TOCSIN_OK;
}

static void write_request(struct mi *mi, const char *method, struct span params)
{
    text_clear(&mi->request);
    text_clear(&mi->reply);
    text_printf(&mi->request, "{\"jsonrpc\":\"2.0\",\"id\":%u,\"method\":\"%s\"", ++mi->id, method);
    if (params.data) {
        text_put_str(&mi->request, ",\"params\":");
        text_put(&mi->request, params.data, params.len);
    }
    text_put_char(&mi->request, '}');
}

/* What a reply says, which must be the reply to this request. */
static int read_reply(struct mi *mi, struct span *result)
{
    struct json_fault fault;
    text_clear(&mi->value);
    if (json_read_value(text_span(&mi->reply), MI_DEPTH_MAX, &mi->value, &fault)) {
        snprintf(mi->error, sizeof mi->error, "the reply is no JSON");
        if (mi->curl)
            snprintf(mi->error, sizeof mi->error, "the reply is no JSON (HTTP status %ld)", mi->http_status);
        return TOCSIN_E_PROTOCOL;
    }
    struct span reply = text_span(&mi->value);
    struct span error = value_member(reply, "error");
    if (error.data) {
        struct span text = value_str(value_member(error, "message"));
        snprintf(mi->error, sizeof mi->error, "%.*s", (int)(text.len < 200 ? text.len : 200),
                 text.data ? (const char *)text.data : "an error without a text");
        return TOCSIN_E_REFUSED;
    }
    *result = value_member(reply, "result");
    return result->data ? TOCSIN_OK : fail(mi, TOCSIN_E_PROTOCOL, "the reply has no result");
}

int mi_request(struct mi *mi, const char *method, struct span params, struct span *result)
{
    write_request(mi, method, params);
    if (mi->request.failed)
        return fail(mi, TOCSIN_E_UNREACHABLE, "out of memory");
    int error = mi->curl ? ask_http(mi) : mi_datagram_ask(mi);
    return error ? error : read_reply(mi, result);
}
