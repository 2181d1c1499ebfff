/* Compresses a file that is complete, with zstd. */
#ifndef CLIENT_LOGGER_COMPRESS_H
#define CLIENT_LOGGER_COMPRESS_H

/* Makes NAME.zst of NAME in the directory, or NAME.1.zst where that is taken, forces it to the disk, and removes NAME.
 * What a process that was killed left half done is in NAME.zst.part, which is written anew. 0 or TOCSIN_E_IO: errno tells
 * why; TOCSIN_E_NOMEM. NAME is there still after an error. */
int compress_file(int dir_fd, const char *name);

#endif
