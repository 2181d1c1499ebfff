#include "client/alert/letter.h"

#include <sodium.h>
#include <stdlib.h>

bool letter_begin(struct letter *letter, const char *key, bool is_group, const struct labels *labels)
{
    *letter = (struct letter){.key = strdup(key), .is_group = is_group};
    return letter->key && labels_copy(&letter->labels, labels);
}

bool letter_add(struct letter *letter, const struct notice *notice)
{
    struct notice *notices = realloc(letter->notices, (letter->count + 1) * sizeof *notices);
    if (!notices)
        return false;
    letter->notices = notices;
    return notice_copy(&notices[letter->count++], notice);
}

void letter_fini(struct letter *letter)
{
    for (size_t i = 0; i < letter->count; i++)
        notice_fini(&letter->notices[i]);
    free(letter->notices);
    labels_fini(&letter->labels);
    free(letter->key);
    *letter = (struct letter){.key = NULL};
}

bool letter_copy(struct letter *to, const struct letter *from)
{
    if (!letter_begin(to, from->key, from->is_group, &from->labels))
        return false;
    to->others = from->others;
    to->merged = from->merged;
    to->superseded = from->superseded;
    to->repeats = from->repeats;
    for (size_t i = 0; i < from->count; i++) {
        if (!letter_add(to, &from->notices[i]))
            return false;
    }
    return true;
}

static size_t firing_count(const struct letter *letter)
{
    size_t count = 0;
    for (size_t i = 0; i < letter->count; i++)
        count += letter->notices[i].is_firing;
    return count;
}

bool letter_is_firing(const struct letter *letter)
{
    return firing_count(letter) > 0;
}

void letter_make_id(char id[LETTER_ID_MAX], const struct letter *letter, const char *receiver, size_t target)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    struct text text;
    text_init(&text);
    text_printf(&text, "%s\n%zu\n%s\n%u", receiver, target, letter->key, letter->repeats);
    for (size_t i = 0; i < letter->count; i++)
        text_printf(&text, "\n%s\n%llu\n%d", letter->notices[i].fingerprint,
                    (unsigned long long)letter->notices[i].starts_us, letter->notices[i].is_firing);
    crypto_hash_sha256(hash, (const uint8_t *)text.data, text.len);
    text_fini(&text);
    memcpy(id, "msg_", 4);
    sodium_bin2hex(id + 4, LETTER_ID_MAX - 4, hash, 16);
}

void letter_make_dedup_key(char key[NOTICE_FINGERPRINT_LEN + 1], const struct letter *letter)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    if (!letter->is_group) {
        memcpy(key, letter->notices[0].fingerprint, NOTICE_FINGERPRINT_LEN + 1);
        return;
    }
    crypto_hash_sha256(hash, (const uint8_t *)letter->key, strlen(letter->key));
    sodium_bin2hex(key, NOTICE_FINGERPRINT_LEN + 1, hash, NOTICE_FINGERPRINT_LEN / 2);
}

static void put_group(struct text *out, const struct letter *letter)
{
    for (size_t i = 0; i < letter->labels.count; i++)
        text_printf(out, "%s%s=%s", i > 0 ? ", " : " of ", letter->labels.items[i].name, letter->labels.items[i].value);
}

void letter_put_subject(struct text *out, const struct letter *letter)
{
    const struct notice *first = &letter->notices[0];
    if (letter->count == 1 && letter->others == 0) {
        text_printf(out, "%s: %s", notice_label(first, "alertname"), notice_summary(first));
        return;
    }
    size_t firing = firing_count(letter);
    text_printf(out, "%zu firing, %zu resolved", firing, letter->count - firing);
    put_group(out, letter);
    text_printf(out, "; first %s: %s", notice_label(first, "alertname"), notice_summary(first));
}

void letter_put_remark(struct text *out, const struct letter *letter)
{
    if (letter->others > 0)
        text_printf(out, "%zu more alerts of the group are not in this notice. ", letter->others);
    if (letter->merged > 0)
        text_printf(out, "%zu notices came faster than this receiver's rate_limit allows and are one here",
                    letter->merged);
    if (letter->superseded > 0)
        text_printf(out, "; %zu of what they told was replaced by later news of the same alerts", letter->superseded);
    if (letter->merged > 0)
        text_put_char(out, '.');
}
