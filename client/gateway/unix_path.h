/* The path of a unix socket: taken over only where nobody answers, and taken away only where it is still ours. */
#ifndef CLIENT_GATEWAY_UNIX_PATH_H
#define CLIENT_GATEWAY_UNIX_PATH_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/un.h>

struct unix_path {
    struct sockaddr_un address;
    dev_t device; /* of the socket that we bound */
    ino_t inode;
    bool is_bound;
};

/* Binds `fd`, a socket of `type`. A socket that is there already is replaced when nobody answers there; anything else
 * is left alone. Complains and returns false where it cannot. */
bool unix_path_bind(struct unix_path *path, const char *text, int fd, int type, mode_t mode);

/* Removes the path, where it is still the socket that was bound. */
void unix_path_remove(struct unix_path *path);

#endif
