/* OpenTelemetry's collectors and what understands them, over HTTP, in JSON. An answer of 2xx has taken a request. What
 * OpenTelemetry calls retryable, and whatever else may be mended (a wrong address, a missing right), is tried again.
 * Where a request itself is refused (400, 413) its halves are sent, down to the one event that cannot be taken. */
#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>

#include "client/complain.h"
#include "client/logger/target.h"
#include "client/signals.h"

#define CONNECT_TIMEOUT_MS 5000L
#define TIMEOUT_MS         30000L
#define ANSWER_MAX         4096

#define HEAD                                                                                                           \
    "{\"resourceLogs\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":"          \
    "\"tocsin\"}}]},\"scopeLogs\":[{\"scope\":{\"name\":\"tocsin\"},\"logRecords\":["
#define TAIL "]}]}]}"

struct otlp_target {
    struct target target;
    CURL *curl;
    struct curl_slist *headers;
    char *url;
    struct text body;
    struct text answer;   /* the beginning of it */
    size_t request_count; /* entries of the next request at most */
    bool has_told_partial;
    int signal_before; /* the request: one that came before does not end it */
};

static void encode(struct target *target, struct text *out, const struct log_event *event)
{
    (void)target;
    form_otlp_write(out, event);
}

/* --- one request --- */

static size_t on_answer(char *bytes, size_t size, size_t count, void *context)
{
    struct otlp_target *otlp = context;
    size_t len = size * count, room = ANSWER_MAX - otlp->answer.len;
    text_put(&otlp->answer, bytes, len < room ? len : room);
    return len;
}

static int on_progress(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
    const struct otlp_target *otlp = context;
    (void)total, (void)now, (void)up_total, (void)up_now;
    return signals_caught() != otlp->signal_before;
}

static size_t fill(struct otlp_target *otlp, const struct batch *batch)
{
    size_t left = batch->count - batch->done;
    size_t count = left < otlp->request_count ? left : otlp->request_count;
    text_clear(&otlp->body);
    text_put_str(&otlp->body, HEAD);
    for (size_t i = 0; i < count; i++) {
        struct span record = batch_span(batch, batch->done + i);
        if (i > 0)
            text_put_char(&otlp->body, ',');
        text_put(&otlp->body, record.data, record.len);
    }
    text_put_str(&otlp->body, TAIL);
    return count;
}

/* The answer's beginning, for people. */
static int answer_len(const struct otlp_target *otlp)
{
    return otlp->answer.len < 200 ? (int)otlp->answer.len : 200;
}

/* What was taken may be told not to have been, in the answer's text. */
static void tell_partial(struct otlp_target *otlp)
{
    static const char word[] = "rejectedLogRecords";
    bool is_partial = otlp->answer.len > 0 && memmem(otlp->answer.data, otlp->answer.len, word, sizeof word - 1);
    if (!is_partial || otlp->has_told_partial)
        return;
    otlp->has_told_partial = true;
    complain("%s: took a request, and says: %.*s", otlp->url, answer_len(otlp), otlp->answer.data);
}

static enum target_answer judge(struct otlp_target *otlp, long status, size_t count)
{
    curl_off_t retry_after_s = 0;
    if (status >= 200 && status < 300) {
        tell_partial(otlp);
        return TARGET_TAKEN;
    }
    target_away(&otlp->target, "%s: HTTP status %ld%s%.*s", otlp->url, status, otlp->answer.len > 0 ? ": " : "",
                answer_len(otlp), otlp->answer.data ? otlp->answer.data : "");
    if ((status == 400 || status == 413) && count == 1)
        return TARGET_REFUSED;
    if (status == 400 || status == 413)
        otlp->request_count = count / 2;
    else if (curl_easy_getinfo(otlp->curl, CURLINFO_RETRY_AFTER, &retry_after_s) == CURLE_OK && retry_after_s > 0)
        otlp->target.pause_ms = retry_after_s < 300 ? (int)retry_after_s * 1000 : 300000;
    return TARGET_AWAY;
}

static enum target_answer post(struct otlp_target *otlp, size_t count)
{
    long status = 0;
    text_clear(&otlp->answer);
    otlp->signal_before = signals_caught();
    curl_easy_setopt(otlp->curl, CURLOPT_POSTFIELDS, otlp->body.data);
    curl_easy_setopt(otlp->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)otlp->body.len);
    CURLcode result = curl_easy_perform(otlp->curl);
    if (result != CURLE_OK)
        return target_away(&otlp->target, "%s: %s", otlp->url, curl_easy_strerror(result));
    curl_easy_getinfo(otlp->curl, CURLINFO_RESPONSE_CODE, &status);
    return judge(otlp, status, count);
}

static enum target_answer deliver(struct target *target, struct batch *batch)
{
    struct otlp_target *otlp = (struct otlp_target *)target;
    target->pause_ms = 0;
    while (batch->done < batch->count) {
        size_t asked = otlp->request_count, count = fill(otlp, batch);
        if (otlp->body.failed)
            return target_away(target, "out of memory");
        enum target_answer answer = post(otlp, count);
        if (answer == TARGET_AWAY && otlp->request_count < asked)
            continue; /* with half as many */
        if (answer != TARGET_TAKEN) {
            otlp->request_count = SIZE_MAX;
            return answer;
        }
        batch->done += count;
    }
    otlp->request_count = SIZE_MAX;
    return TARGET_TAKEN;
}

/* --- the target --- */

static void free_target(struct target *target)
{
    struct otlp_target *otlp = (struct otlp_target *)target;
    curl_easy_cleanup(otlp->curl);
    curl_slist_free_all(otlp->headers);
    text_fini(&otlp->body);
    text_fini(&otlp->answer);
    free(otlp->url);
    free(otlp);
}

static const struct target_kind kind = {encode, deliver, free_target};

static bool add_header(struct otlp_target *otlp, const char *header)
{
    struct curl_slist *headers = curl_slist_append(otlp->headers, header);
    if (headers)
        otlp->headers = headers;
    return headers != NULL;
}

static bool set_up(struct otlp_target *otlp, const struct target_options *options)
{
    bool is_good = add_header(otlp, "Content-Type: application/json") && add_header(otlp, "Expect:");
    for (size_t i = 0; is_good && i < options->header_count; i++) {
        if (!strchr(options->headers[i], ':') || strpbrk(options->headers[i], "\r\n")) {
            complain("--header: \"%s\" is none: NAME: VALUE", options->headers[i]);
            return false;
        }
        is_good = add_header(otlp, options->headers[i]);
    }
    curl_easy_setopt(otlp->curl, CURLOPT_URL, otlp->url);
    curl_easy_setopt(otlp->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(otlp->curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(otlp->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(otlp->curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
    curl_easy_setopt(otlp->curl, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
    curl_easy_setopt(otlp->curl, CURLOPT_HTTPHEADER, otlp->headers);
    curl_easy_setopt(otlp->curl, CURLOPT_USERAGENT, "tocsin");
    curl_easy_setopt(otlp->curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(otlp->curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(otlp->curl, CURLOPT_XFERINFODATA, otlp);
    curl_easy_setopt(otlp->curl, CURLOPT_WRITEFUNCTION, on_answer);
    curl_easy_setopt(otlp->curl, CURLOPT_WRITEDATA, otlp);
    return is_good;
}

struct target *target_otlp_new(const struct target_options *options, const char *rest)
{
    struct otlp_target *otlp = calloc(1, sizeof *otlp);
    if (!otlp)
        return NULL;
    otlp->target = (struct target){.kind = &kind};
    otlp->request_count = SIZE_MAX;
    otlp->url = strdup(rest);
    otlp->curl = curl_easy_init();
    bool is_url = strncmp(rest, "http://", 7) == 0 || strncmp(rest, "https://", 8) == 0;
    if (!is_url)
        complain("--to: otlp:%s: no URL, as otlp:http://localhost:4318/v1/logs", rest);
    else if (options->has_form)
        complain("--output: OTLP has a form of its own");
    else if (otlp->url && otlp->curl && set_up(otlp, options))
        return &otlp->target;
    free_target(&otlp->target);
    return NULL;
}
