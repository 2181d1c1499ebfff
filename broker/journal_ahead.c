/* Lines of a batch are written in pieces. Those of a long batch are written by another thread while the journal
 * makes the next lines of the same batch: the disk works meanwhile. The order of everything else is as if they were
 * written together: the last piece is in the log before the sync is asked for, and what is seen or acknowledged was
 * covered by that sync.
 *
 * A piece that finds no room is kept and tried again, and no other is begun before it. While the syncer has a piece,
 * the log is his: the journal looks at it only when the batch is empty, and commits before. */
#include <string.h>

#include "broker/clock.h"
#include "broker/journal_internal.h"

static void write_piece(void *arg)
{
    struct journal_piece *piece = arg;
    piece->result = log_file_write(piece->log, text_span(&piece->lines), piece->last_seq, piece->hash,
                                   piece->received_us, piece->batch);
}

/* All lines made so far; the piece before must be written. */
static void cut_piece(struct journal *journal)
{
    struct journal_piece *piece = &journal->piece;
    struct batch *batch = &journal->batch;
    if (batch->taken_len == 0)
        journal->write_began_us = clock_monotonic_us();
    batch_take_lines(batch, &piece->lines);
    piece->log = journal->options.log;
    piece->last_seq = batch->next_seq - 1;
    piece->received_us = batch->received_us;
    piece->batch = batch->first_seq;
    memcpy(piece->hash, batch->hash, sizeof piece->hash);
}

void journal_await_piece(struct journal *journal)
{
    if (journal->piece.is_writing)
        syncer_wait(journal->syncer);
    journal->piece.is_writing = false;
}

/* Whoever has begun with the piece, it has been tried; now it is insisted on. */
static int end_piece(struct journal *journal)
{
    struct journal_piece *piece = &journal->piece;
    while (piece->result == TOCSIN_E_NOSPACE && journal_wait_for_room(journal))
        write_piece(piece);
    if (piece->result != TOCSIN_OK)
        return piece->result;
    journal_note_room(journal);
    journal->unsynced_bytes += piece->lines.len;
    text_clear(&piece->lines);
    return TOCSIN_OK;
}

/* The piece that was cut off last, if it is not written yet. */
static int finish_piece(struct journal *journal)
{
    struct journal_piece *piece = &journal->piece;
    if (piece->lines.len == 0)
        return TOCSIN_OK;
    if (piece->is_writing)
        journal_await_piece(journal);
    else
        write_piece(piece);
    return end_piece(journal);
}

int journal_write_ahead(struct journal *journal)
{
    if (journal->options.sync.mode != SETTINGS_SYNC_BATCH || journal->batch.lines.len < journal->piece_len)
        return TOCSIN_OK;
    int result = finish_piece(journal);
    if (result != TOCSIN_OK)
        return result;
    cut_piece(journal);
    if (!journal->syncer) {
        write_piece(&journal->piece);
        return end_piece(journal);
    }
    journal->piece.is_writing = true;
    syncer_begin(journal->syncer, write_piece, &journal->piece);
    return TOCSIN_OK;
}

int journal_write_rest(struct journal *journal)
{
    int result = finish_piece(journal);
    if (result != TOCSIN_OK || journal->batch.lines.len == 0)
        return result;
    cut_piece(journal);
    return finish_piece(journal);
}
