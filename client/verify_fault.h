/* A line that does not follow on those before it, looked at closely: was it altered, added, moved, is one missing, or is
 * it what a crash leaves behind? */
#ifndef CLIENT_VERIFY_FAULT_H
#define CLIENT_VERIFY_FAULT_H

#include "client/verify_walk.h"

/* Reports on line `index` of the block, and what it was in `walk`: VERIFY_BROKEN came of it. The reader is used up. */
void verify_fault_judge(struct verify_walk *walk, struct verify_reader *reader, struct verify_block *block,
                        size_t index);

#endif
