/* A batch is written only when the one before is durable. So a crash can spoil the lines of the last batch, in any
 * order of their pages ("bad line, then good line" is legal there), and nothing before.
 *
 * The first bad line has, or had, the seq s = last good seq + 1. Its batch began at s or earlier. Any later batch began
 * behind it, above s. So if anything behind the bad byte was written in a batch that began above s, then the bad line
 * was durable once: damage. Otherwise the bad line is in the last batch: a torn tail. Behind a gap the first line goes
 * alone in its batch, with a seq that the state knows: such a batch is the one that was being written, and no proof.
 *
 * The batch is read from the end of each piece of bytes that an LF closes, ,"batch":N,"hash":"…"} — from every such
 * piece, not only from whole lines, so that a line that lost the LF before it still bears witness, and so does one that
 * an editor gave a CR. No event can forge it: within a line no LF follows an object's end, nor a CR. A torn page leaves
 * zeros, which are no digits. */
#include "broker/log_damage.h"

#include <string.h>

#include "broker/log_lines.h"

#define PIECE_MAX    (4u << 20)   /* longer pieces are looked at in parts */
#define SEQ_LEAP_MAX (1ull << 32) /* a seq further ahead than this is a spoilt digit */
#define HASH_HEAD    ",\"hash\":\""
#define BATCH_HEAD   ",\"batch\":"
#define SEQ_HEAD     "{\"seq\":"
#define LINE_END_LEN (sizeof HASH_HEAD - 1 + CHAIN_HEX_LEN + 2)
#define DIGITS_MAX   20u

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_hex(uint8_t byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'f');
}

/* True when the piece ends as a line does; *rest is then what is before ,"hash". */
static bool has_line_end(struct span piece, struct span *rest)
{
    if (piece.len > 0 && piece.data[piece.len - 1] == '\r')
        piece.len--;
    if (piece.len < LINE_END_LEN)
        return false;
    const uint8_t *at = piece.data + piece.len - LINE_END_LEN;
    if (memcmp(at, HASH_HEAD, sizeof HASH_HEAD - 1) != 0)
        return false;
    at += sizeof HASH_HEAD - 1;
    for (size_t i = 0; i < CHAIN_HEX_LEN; i++)
        if (!is_hex(at[i]))
            return false;
    *rest = span_of(piece.data, piece.len - LINE_END_LEN);
    return memcmp(at + CHAIN_HEX_LEN, "\"}", 2) == 0;
}

static bool read_digits(const uint8_t *at, size_t len, uint64_t *value)
{
    *value = 0;
    if (len == 0 || len >= DIGITS_MAX)
        return false;
    for (size_t i = 0; i < len; i++)
        *value = *value * 10 + (uint64_t)(at[i] - '0');
    return true;
}

/* The batch that a piece was written in; 0 when it does not say. */
static uint64_t batch_of(struct span piece)
{
    struct span rest;
    uint64_t batch;
    size_t digits = 0;

    if (!has_line_end(piece, &rest))
        return 0;
    while (digits < rest.len && digits < DIGITS_MAX && is_digit(rest.data[rest.len - 1 - digits]))
        digits++;
    if (rest.len - digits < sizeof BATCH_HEAD - 1 || !read_digits(rest.data + rest.len - digits, digits, &batch))
        return 0;
    const uint8_t *head = rest.data + rest.len - digits - (sizeof BATCH_HEAD - 1);
    return memcmp(head, BATCH_HEAD, sizeof BATCH_HEAD - 1) == 0 ? batch : 0;
}

/* The seq that a piece begins with; 0 when it does not. */
static uint64_t seq_of(struct span piece)
{
    uint64_t seq;
    size_t digits = 0;
    size_t head = sizeof SEQ_HEAD - 1;

    if (piece.len < head || memcmp(piece.data, SEQ_HEAD, head) != 0)
        return 0;
    while (head + digits < piece.len && digits < DIGITS_MAX && is_digit(piece.data[head + digits]))
        digits++;
    return read_digits(piece.data + head, digits, &seq) ? seq : 0;
}

static void look_at(struct log_damage *damage, struct span piece, uint64_t last_seq, uint64_t next_seq)
{
    uint64_t batch = batch_of(piece);
    uint64_t seq = seq_of(piece);

    if (batch > last_seq + 1 && batch != next_seq)
        damage->is_proven = true;
    if (seq < batch)
        seq = batch;
    if (seq > damage->seq_max && seq > last_seq && seq - last_seq <= SEQ_LEAP_MAX)
        damage->seq_max = seq;
}

/* A file of ours begins with a line, with a part of one, or with what a lost page leaves, even in the midst of it. */
static bool begins_like_a_log(struct span piece)
{
    size_t len = piece.len < sizeof SEQ_HEAD - 1 ? piece.len : sizeof SEQ_HEAD - 1;
    for (size_t i = 0; i < len; i++)
        if (piece.data[i] != '\0' && piece.data[i] != (uint8_t)SEQ_HEAD[i])
            return false;
    return len > 0;
}

int log_damage_look(struct log_damage *damage, const struct disk *disk, int fd, const struct log_place *end,
                    uint64_t next_seq)
{
    struct log_lines lines;
    struct span piece;
    enum log_lines_result result;
    bool is_first = true;
    int error = 0;

    *damage = (struct log_damage){0};
    log_lines_init(&lines, disk, fd, end->offset, PIECE_MAX);
    do {
        result = log_lines_next(&lines, &piece, &error);
        if (result != LOG_LINES_LINE && result != LOG_LINES_PIECE)
            break;
        if (is_first && end->offset == 0)
            damage->is_foreign = !begins_like_a_log(piece);
        is_first = false;
        if (result == LOG_LINES_LINE)
            look_at(damage, piece, end->seq, next_seq);
    } while (result == LOG_LINES_LINE || log_lines_drop(&lines));
    log_lines_fini(&lines);
    return error;
}
