/* Days as numbers: 20261121 is 21 November 2026. */
#ifndef BROKER_LOG_DAY_H
#define BROKER_LOG_DAY_H

#include <stdint.h>

enum log_zone { LOG_ZONE_UTC, LOG_ZONE_LOCAL }; /* whose midnights divide the days; local: that of TZ, after tzset() */

/* The day that a time falls on (microseconds since 1970); 99991231 for all that is later. */
int log_day_of(uint64_t us, enum log_zone zone);

#endif
