/* The content of a compressed file of the log (proto/zst/zst.h), from its start to its end, or from anywhere in it. */
#ifndef CLIENT_PACKED_FILE_H
#define CLIENT_PACKED_FILE_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct packed_file;

/* Takes the descriptor, also when it fails. 0; -EBADMSG: it is not in the seekable form; another negative errno. */
int packed_file_open(struct packed_file **file, int fd);
void packed_file_close(struct packed_file **file);

/* The next bytes: how many, 0 at the end; -EBADMSG: it is damaged; another negative errno. */
ssize_t packed_file_read(struct packed_file *file, void *bytes, size_t len);

/* What is read next begins there; beyond the end nothing does. 0; errors as packed_file_read. */
int packed_file_seek(struct packed_file *file, uint64_t offset);

/* How long the content of a file of the directory is; `otherwise` where that cannot be told. */
uint64_t packed_file_content_len(int dir, const char *name, uint64_t otherwise);

/* The same as a stream, which fclose closes and fseeko moves; NULL with errno. */
FILE *packed_file_stream(int fd);

#endif
