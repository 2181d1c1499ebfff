/* The event logs of a directory, as they are called now. */
#ifndef CLIENT_GATEWAY_OME_LIST_H
#define CLIENT_GATEWAY_OME_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/gateway/ome_name.h"
#include "client/gateway/ome_state.h"

struct ome_entry {
    char name[OME_FILE_NAME_MAX + 1];
    struct ome_name order;
    uint64_t device;
    uint64_t inode;
    uint64_t size;
    int64_t modified_ns;
    bool is_found; /* for the caller: it is known which file it is */
};

struct ome_list {
    struct ome_entry *entries;
    size_t count;
};

/* Lists the plain files of `dir` that are logs called `base`, each once, in no order. 0, or TOCSIN_E_IO with errno;
 * TOCSIN_E_TIMEOUT: they are renamed all the time; TOCSIN_E_NOMEM. ome_list_fini is due in any case. */
int ome_list_read(struct ome_list *list, const char *dir, const char *base);
void ome_list_fini(struct ome_list *list);

#endif
