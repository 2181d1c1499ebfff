/* Letters made one, where a receiver takes fewer than there are. */
#include <stdlib.h>

#include "client/alert/letter.h"

static struct notice *find(const struct letter *letter, const char *fingerprint)
{
    for (size_t i = 0; i < letter->count; i++) {
        if (memcmp(letter->notices[i].fingerprint, fingerprint, NOTICE_FINGERPRINT_LEN) == 0)
            return &letter->notices[i];
    }
    return NULL;
}

static size_t count_new(const struct letter *letter, const struct letter *later)
{
    size_t count = 0;
    for (size_t i = 0; i < later->count; i++)
        count += find(letter, later->notices[i].fingerprint) == NULL;
    return count;
}

static bool take_in(struct letter *letter, const struct notice *notice)
{
    struct notice copied, *known = find(letter, notice->fingerprint);
    if (!known)
        return letter_add(letter, notice);
    bool is_news = known->is_firing != notice->is_firing || known->starts_us != notice->starts_us;
    if (!notice_copy(&copied, notice)) {
        notice_fini(&copied);
        return false;
    }
    notice_fini(known);
    *known = copied;
    letter->superseded += is_news;
    return true;
}

/* A letter that several became is of no group. */
static bool become_merged(struct letter *letter)
{
    static const char key[] = "{}";
    if (letter->merged > 0)
        return true;
    char *copied = strdup(key);
    if (!copied)
        return false;
    free(letter->key);
    labels_fini(&letter->labels);
    letter->key = copied;
    letter->is_group = true;
    letter->merged = 1;
    return true;
}

bool letter_merge(struct letter *letter, const struct letter *later)
{
    if (letter->count + count_new(letter, later) > LETTER_NOTICES_MAX || !become_merged(letter))
        return false;
    for (size_t i = 0; i < later->count; i++) {
        if (!take_in(letter, &later->notices[i]))
            return false;
    }
    letter->merged += later->merged > 0 ? later->merged : 1;
    letter->superseded += later->superseded;
    letter->others += later->others;
    letter->repeats = 0;
    return true;
}
