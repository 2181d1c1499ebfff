/* The event logs of a directory, as they are called now. */
#ifndef CLIENT_GATEWAY_FOLLOW_LIST_H
#define CLIENT_GATEWAY_FOLLOW_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/gateway/follow_name.h"
#include "client/gateway/follow_state.h"

struct follow_entry {
    char name[FOLLOW_FILE_NAME_MAX + 1];
    struct follow_name order;
    uint64_t device;
    uint64_t inode;
    uint64_t size;
    int64_t modified_ns;
    bool is_found; /* for the caller: it is known which file it is */
};

struct follow_list {
    struct follow_entry *entries;
    size_t count;
};

/* Lists the plain files of `dir` that are logs called `base`, each once, in no order. 0, or TOCSIN_E_IO with errno;
 * TOCSIN_E_TIMEOUT: they are renamed all the time; TOCSIN_E_NOMEM. follow_list_fini is due in any case. */
int follow_list_read(struct follow_list *list, const char *dir, const char *base);
void follow_list_fini(struct follow_list *list);

#endif
