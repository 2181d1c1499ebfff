/* The seekable form of a compressed file, as zstd publishes it: frames of zstd one behind the other, each of which can be
 * unpacked by itself, and behind them a frame that other readers skip, with the lengths of them all. `zstd -d` and
 * `zstdcat` read it like any other. Numbers are little-endian:
 *
 *   0x184D2A5E  u32 length of what follows
 *   for each frame: u32 packed length, u32 content length [, u32 checksum, where the flag says so]
 *   u32 count of frames, u8 flags (0x80: with checksums), 0x8F92EAB1 */
#ifndef PROTO_ZST_ZST_H
#define PROTO_ZST_ZST_H

#define ZST_SUFFIX ".zst"

#define ZST_SKIP_MAGIC   0x184D2A5Eu
#define ZST_SEEK_MAGIC   0x8F92EAB1u
#define ZST_SKIP_LEN     8u
#define ZST_FOOT_LEN     9u
#define ZST_CHECKSUM     0x80u
#define ZST_RESERVED     0x7Cu
#define ZST_ENTRY_LEN    8u
#define ZST_CHECKSUM_LEN 4u

/* Longer frames are not read, and more of them not either: memory for both is bounded. */
#define ZST_FRAME_MAX  (8u << 20)
#define ZST_FRAMES_MAX (4u << 20)

#endif
