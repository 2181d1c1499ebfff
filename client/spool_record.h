/* The bytes of a spool's files. Pure.
 *
 * A segment is a file: a head that tells whose it is and its first number, then records back to back. A record is a
 * head of 24 bytes (CRC-32C of all that follows it, length, n, how far the spool was on the disk when this was
 * written), and the event. Numbers rise by one. Integers have their big end first. */
#ifndef CLIENT_SPOOL_RECORD_H
#define CLIENT_SPOOL_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/span.h"
#include "proto/tocsin_base.h"

#define SPOOL_HEAD_LEN        96
#define SPOOL_RECORD_HEAD_LEN 24
#define SPOOL_MARK_LEN        24

struct spool_head {
    char producer[TOCSIN_PRODUCER_MAX + 1];
    uint64_t first_n;
};

void spool_head_write(uint8_t out[SPOOL_HEAD_LEN], const struct spool_head *head);

/* False when that is no head. */
bool spool_head_read(struct span bytes, struct spool_head *head);

struct spool_record {
    uint64_t n;
    uint64_t synced_n; /* all through it was on the disk when this was written */
    struct span event; /* borrowed */
};

/* The bytes before the event. */
void spool_record_write(uint8_t out[SPOOL_RECORD_HEAD_LEN], const struct spool_record *record);

/* Reads the record at the start; returns its length, 0: there is no whole and sound one with this number. */
size_t spool_record_read(struct span bytes, uint64_t n, struct spool_record *record);

/* Looks for sound records with a number above `n` at any place in `bytes`; the highest synced_n that one of them has, 0:
 * there is none. */
uint64_t spool_record_search(struct span bytes, uint64_t n);

/* The file that tells what is settled. */
void spool_mark_write(uint8_t out[SPOOL_MARK_LEN], uint64_t settled_n);
bool spool_mark_read(struct span bytes, uint64_t *settled_n);

#endif
