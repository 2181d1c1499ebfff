#include "tests/generate.h"

#include "proto/error.h"
#include "proto/tocsin_base.h"

enum key {
    KEY_LEVEL,
    KEY_CATEGORY,
    KEY_TYPE,
    KEY_SOURCE_ID,
    KEY_SUMMARY,
    KEY_TIME,
    KEY_CAUSE,
    KEY_SNAPSHOT,
    KEY_COUNT
};

#define REQUIRED_COUNT 5

static const char *const names[KEY_COUNT] = {"level",   "category", "type",  "sourceId",
                                             "summary", "time",     "cause", "snapshot"};

static unsigned below(struct generator *generator, unsigned limit)
{
    return (unsigned)generate_below(generator, limit);
}

static void put_time(struct generator *generator, struct text *out)
{
    bool is_leap = below(generator, 20) == 0;
    text_printf(out, "%04u-%02u-%02uT", below(generator, 10000), 1 + below(generator, 12), 1 + below(generator, 28));
    if (is_leap)
        text_put_str(out, "23:59:60");
    else
        text_printf(out, "%02u:%02u:%02u", below(generator, 24), below(generator, 60), below(generator, 60));
    if (below(generator, 2)) {
        text_put_char(out, '.');
        for (unsigned digits = 1 + below(generator, 9); digits > 0; digits--)
            text_put_char(out, (char)('0' + below(generator, 10)));
    }
    if (is_leap || below(generator, 2))
        text_put_char(out, 'Z');
    else
        text_printf(out, "%c%02u:%02u", below(generator, 2) ? '+' : '-', below(generator, 24), below(generator, 60));
}

static void put_token(struct generator *generator, struct text *out, unsigned len_max)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    unsigned len = 1 + below(generator, below(generator, 4) ? 20 : len_max);
    for (; len > 0; len--)
        text_put_char(out, letters[below(generator, sizeof letters - 1)]);
}

static void put_content(struct generator *generator, struct text *out, enum key key)
{
    switch (key) {
    case KEY_LEVEL:
        text_put_str(out, level_word((enum tocsin_level)below(generator, TOCSIN_LEVEL_COUNT)));
        break;
    case KEY_CATEGORY:
        put_token(generator, out, TOCSIN_CATEGORY_MAX);
        break;
    case KEY_SOURCE_ID:
        generate_string(generator, out, TOCSIN_SOURCE_ID_MAX, true);
        if (out->len == 0)
            text_put_char(out, '#');
        break;
    case KEY_SUMMARY:
        generate_string(generator, out, TOCSIN_SUMMARY_MAX, true);
        break;
    case KEY_TIME:
        put_time(generator, out);
        break;
    default: /* type and cause are of one length */
        put_token(generator, out, TOCSIN_TYPE_MAX);
        break;
    }
}

static unsigned pick_keys(struct generator *generator, enum key *keys)
{
    unsigned count = 0;
    for (unsigned key = 0; key < KEY_COUNT; key++)
        if (key < REQUIRED_COUNT || below(generator, 4) > 0)
            keys[count++] = (enum key)key;
    for (unsigned i = count - 1; i > 0; i--) {
        unsigned other = below(generator, i + 1);
        enum key key = keys[i];
        keys[i] = keys[other];
        keys[other] = key;
    }
    return count;
}

void generate_event(struct generator *generator, struct text *out, size_t snapshot_max)
{
    enum key keys[KEY_COUNT];
    unsigned count = pick_keys(generator, keys);
    generate_put_map(generator, out, count);
    for (unsigned i = 0; i < count; i++) {
        generate_put_str(generator, out, span_of_str(names[keys[i]]));
        if (keys[i] == KEY_SNAPSHOT) {
            generate_value(generator, out, TOCSIN_DEPTH_MAX, snapshot_max);
            continue;
        }
        text_clear(&generator->content);
        put_content(generator, &generator->content, keys[i]);
        generate_put_str(generator, out, text_span(&generator->content));
    }
}

static uint8_t pick_byte(struct generator *generator, struct span alphabet)
{
    uint64_t bits = generate_bits(generator);
    return bits & 1 ? alphabet.data[generate_below(generator, alphabet.len)] : (uint8_t)(bits >> 8);
}

/* Makes a hole of `len` bytes at `at`. */
static bool open_hole(struct text *bytes, size_t at, size_t len)
{
    if (!text_reserve(bytes, len))
        return false;
    memmove(bytes->data + at + len, bytes->data + at, bytes->len - at);
    bytes->len += len;
    return true;
}

static void damage_once(struct generator *generator, struct text *bytes, struct span alphabet)
{
    size_t at = generate_below(generator, bytes->len);
    size_t run = 1 + generate_below(generator, 8);
    if (run > bytes->len - at)
        run = bytes->len - at;
    switch (generate_below(generator, 16)) {
    case 0: /* cut off */
        bytes->len = at;
        break;
    case 1: /* taken out */
    case 2:
        memmove(bytes->data + at, bytes->data + at + run, bytes->len - at - run);
        bytes->len -= run;
        break;
    case 3: /* put in */
    case 4:
        if (open_hole(bytes, at, 1))
            bytes->data[at] = (char)pick_byte(generator, alphabet);
        break;
    case 5: /* doubled */
        if (open_hole(bytes, at, run))
            memcpy(bytes->data + at, bytes->data + at + run, run);
        break;
    case 6: /* a bit turned over */
    case 7:
        bytes->data[at] = (char)(bytes->data[at] ^ (1 << generate_below(generator, 8)));
        break;
    case 8: /* a number or length off by one */
        bytes->data[at] = (char)(bytes->data[at] + (generate_below(generator, 2) ? 1 : -1));
        break;
    default:
        bytes->data[at] = (char)pick_byte(generator, alphabet);
        break;
    }
}

void generate_damage(struct generator *generator, struct text *bytes, struct span alphabet)
{
    static const unsigned times[] = {1, 1, 1, 1, 2, 3, 5};
    unsigned count = times[generate_below(generator, sizeof times / sizeof *times)];
    for (; count > 0 && bytes->len > 0; count--)
        damage_once(generator, bytes, alphabet);
}
