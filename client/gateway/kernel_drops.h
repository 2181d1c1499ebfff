/* How many datagrams the kernel dropped because a socket's receive buffer was full. */
#ifndef CLIENT_GATEWAY_KERNEL_DROPS_H
#define CLIENT_GATEWAY_KERNEL_DROPS_H

#include <stdbool.h>
#include <stdint.h>

/* Of the UDP socket `fd` since it was bound: as /proc/net/udp and udp6 say, or the socket itself where those cannot be
 * read. False where neither can. */
bool kernel_drops_read(int fd, uint64_t *drops);

#endif
