/* Requests: TLS is checked, redirects and proxies are not followed, and the address that is really connected to must be
 * a public one unless the target says allow_private. What the target answers is thrown away, up to a limit. */
#include "client/alert/attempt.h"

#include <stdlib.h>
#include <unistd.h>

#include "client/alert/body.h"
#include "client/alert/reach.h"
#include "client/alert/sign.h"

#define CONNECT_TIMEOUT_MS 5000L
#define TIMEOUT_MS         10000L
#define PAUSE_MAX_MS       INT64_C(300000)
#define AHEAD              4 /* so many times as long as until it is sent again, as Prometheus has it */

#define PAGERDUTY_URL "https://events.pagerduty.com/v2/enqueue"

static const char *option(const struct attempt *attempt, enum target_option id)
{
    return attempt->lane->target->options[id];
}

/* The target's flag allow_private. */
static bool allows_private(const struct target *target)
{
    static const enum target_option flags[TARGET_COUNT] = {
        [TARGET_WEBHOOK] = TARGET_OPTION_WEBHOOK_ALLOW_PRIVATE,
        [TARGET_ALERTMANAGER] = TARGET_OPTION_ALERTMANAGER_ALLOW_PRIVATE,
        [TARGET_SLACK] = TARGET_OPTION_SLACK_ALLOW_PRIVATE,
        [TARGET_PAGERDUTY] = TARGET_OPTION_PAGERDUTY_ALLOW_PRIVATE,
        [TARGET_EMAIL] = TARGET_OPTION_EMAIL_ALLOW_PRIVATE,
    };
    const char *flag = target->options[flags[target->kind]];
    return flag && strcmp(flag, "true") == 0;
}

/* --- what libcurl calls --- */

static curl_socket_t on_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct attempt *attempt = context;
    (void)purpose;
    if (reach_is_private(&address->addr) && !allows_private(attempt->lane->target)) {
        attempt->is_refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t on_answer(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes, (void)context;
    return size * count;
}

static size_t on_read(char *out, size_t size, size_t count, void *context)
{
    struct attempt *attempt = context;
    size_t left = attempt->body.len - attempt->sent, room = size * count, len = left < room ? left : room;
    memcpy(out, attempt->body.data + attempt->sent, len);
    attempt->sent += len;
    return len;
}

/* --- what is sent --- */

static bool add(struct curl_slist **list, const char *item)
{
    struct curl_slist *longer = curl_slist_append(*list, item);
    if (longer)
        *list = longer;
    return longer != NULL;
}

static bool sign(struct attempt *attempt, uint64_t wall_us)
{
    struct sign_key key;
    char signature[SIGN_SIGNATURE_MAX], header[160];
    const char *secret = option(attempt, TARGET_OPTION_WEBHOOK_SECRET);
    int64_t seconds = (int64_t)(wall_us / 1000000);
    snprintf(header, sizeof header, "webhook-id: %s", attempt->delivery->id);
    bool is_good = add(&attempt->headers, header);
    snprintf(header, sizeof header, "webhook-timestamp: %lld", (long long)seconds);
    is_good = is_good && add(&attempt->headers, header);
    if (!secret || !sign_key_read(&key, secret))
        return is_good;
    sign_write(signature, &key, attempt->delivery->id, seconds, text_span(&attempt->body));
    snprintf(header, sizeof header, "webhook-signature: %s", signature);
    return is_good && add(&attempt->headers, header);
}

static bool set_url(struct attempt *attempt, const char *base, const char *path)
{
    char *url;
    size_t len = strlen(base);
    while (*path && len > 0 && base[len - 1] == '/')
        len--;
    if (asprintf(&url, "%.*s%s", (int)len, base, path) < 0)
        return false;
    bool is_good = curl_easy_setopt(attempt->easy, CURLOPT_URL, url) == CURLE_OK;
    free(url);
    return is_good;
}

/* The addresses of `to`, which are separated by commas. */
static bool add_addresses(struct attempt *attempt)
{
    char *copied = strdup(option(attempt, TARGET_OPTION_EMAIL_TO)), *rest = copied, *at;
    bool is_good = copied != NULL;
    while (is_good && (at = strsep(&rest, ",")) != NULL) {
        at += strspn(at, " ");
        at[strcspn(at, " ")] = '\0';
        is_good = *at == '\0' || add(&attempt->addresses, at);
    }
    free(copied);
    return is_good;
}

static bool set_up_email(struct attempt *attempt, uint64_t wall_us)
{
    const char *username = option(attempt, TARGET_OPTION_EMAIL_USERNAME);
    CURL *easy = attempt->easy;
    body_put_email(&attempt->body, &attempt->delivery->letter, attempt->lane->target, attempt->delivery->id, wall_us);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_USE_SSL, (long)(username ? CURLUSESSL_ALL : CURLUSESSL_TRY));
    curl_easy_setopt(easy, CURLOPT_USERNAME, username);
    curl_easy_setopt(easy, CURLOPT_PASSWORD, option(attempt, TARGET_OPTION_EMAIL_PASSWORD));
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, option(attempt, TARGET_OPTION_EMAIL_FROM));
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(easy, CURLOPT_READDATA, attempt);
    if (!add_addresses(attempt))
        return false;
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, attempt->addresses);
    return set_url(attempt, option(attempt, TARGET_OPTION_EMAIL_SMARTHOST), "");
}

static bool set_up_http(struct attempt *attempt, uint64_t wall_us)
{
    const struct letter *letter = &attempt->delivery->letter;
    const char *url = NULL, *path = "";
    switch (attempt->lane->target->kind) {
    case TARGET_ALERTMANAGER:
        body_put_alertmanager(&attempt->body, letter, wall_us, AHEAD * target_resend_us(attempt->lane->target));
        url = option(attempt, TARGET_OPTION_ALERTMANAGER_URL);
        path = "/api/v2/alerts";
        break;
    case TARGET_SLACK:
        body_put_slack(&attempt->body, letter);
        url = option(attempt, TARGET_OPTION_SLACK_URL);
        break;
    case TARGET_PAGERDUTY:
        body_put_pagerduty(&attempt->body, letter, option(attempt, TARGET_OPTION_PAGERDUTY_ROUTING_KEY));
        url = option(attempt, TARGET_OPTION_PAGERDUTY_URL);
        break;
    default:
        body_put_webhook(&attempt->body, letter, attempt->lane->receiver->name);
        url = option(attempt, TARGET_OPTION_WEBHOOK_URL);
        if (!sign(attempt, wall_us))
            return false;
    }
    curl_easy_setopt(attempt->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(attempt->easy, CURLOPT_POSTFIELDS, attempt->body.data);
    curl_easy_setopt(attempt->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)attempt->body.len);
    return add(&attempt->headers, "Content-Type: application/json") && add(&attempt->headers, "Expect:") &&
           curl_easy_setopt(attempt->easy, CURLOPT_HTTPHEADER, attempt->headers) == CURLE_OK &&
           set_url(attempt, url ? url : PAGERDUTY_URL, path);
}

static bool set_up(struct attempt *attempt, uint64_t wall_us, int64_t now_us)
{
    if (attempt->lane->target->kind == TARGET_COMMAND) {
        body_put_webhook(&attempt->body, &attempt->delivery->letter, attempt->lane->receiver->name);
        return !attempt->body.failed && attempt_start_program(attempt, now_us);
    }
    CURL *easy = attempt->easy = curl_easy_init();
    if (!easy)
        return false;
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "tocsin");
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, attempt);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_answer);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, attempt);
    bool is_mail = attempt->lane->target->kind == TARGET_EMAIL;
    return (is_mail ? set_up_email(attempt, wall_us) : set_up_http(attempt, wall_us)) && !attempt->body.failed;
}

struct attempt *attempt_new(struct lane *lane, struct delivery *delivery, uint64_t wall_us, int64_t now_us)
{
    struct attempt *attempt = calloc(1, sizeof *attempt);
    if (!attempt)
        return NULL;
    *attempt = (struct attempt){.lane = lane, .delivery = delivery};
    text_init(&attempt->body);
    if (!set_up(attempt, wall_us, now_us))
        attempt_free(&attempt);
    return attempt;
}

/* --- what came of it --- */

/* What may be mended, on either side, is tried again; what the target says is wrong with the message itself is not. */
enum attempt_end attempt_judge(struct attempt *attempt, CURLcode result)
{
    long status = 0;
    curl_off_t retry_after_s = 0;
    char *reason = attempt->reason;
    curl_easy_getinfo(attempt->easy, CURLINFO_RESPONSE_CODE, &status);
    if (attempt->is_refused && result != CURLE_OK) {
        snprintf(reason, ATTEMPT_REASON_MAX, "the address is a private one, which allow_private would allow");
        return ATTEMPT_AGAIN;
    }
    if (result != CURLE_OK) {
        snprintf(reason, ATTEMPT_REASON_MAX, "%s", curl_easy_strerror(result));
        return ATTEMPT_AGAIN;
    }
    if (status >= 200 && status < 300)
        return ATTEMPT_DONE;
    snprintf(reason, ATTEMPT_REASON_MAX, "%s %ld%s",
             attempt->lane->target->kind == TARGET_EMAIL ? "SMTP" : "HTTP status", status,
             status >= 300 && status < 400 ? ": redirects are not followed" : "");
    if (status == 400 || status == 410 || status == 413 || status == 422)
        return ATTEMPT_NEVER;
    if (curl_easy_getinfo(attempt->easy, CURLINFO_RETRY_AFTER, &retry_after_s) == CURLE_OK && retry_after_s > 0)
        attempt->pause_ms = retry_after_s < PAUSE_MAX_MS / 1000 ? (int64_t)retry_after_s * 1000 : PAUSE_MAX_MS;
    return ATTEMPT_AGAIN;
}
