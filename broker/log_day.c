#include "broker/log_day.h"

#include <time.h>

#define LAST_DAY    99991231
#define LAST_SECOND 253402300799u /* of the year 9999 */

int log_day_of(uint64_t us, enum log_zone zone)
{
    struct tm parts;
    time_t seconds = (time_t)(us / 1000000);

    if (us / 1000000 > LAST_SECOND)
        return LAST_DAY;
    struct tm *found = zone == LOG_ZONE_LOCAL ? localtime_r(&seconds, &parts) : gmtime_r(&seconds, &parts);
    if (found == NULL || parts.tm_year > 9999 - 1900)
        return LAST_DAY;
    return (parts.tm_year + 1900) * 10000 + (parts.tm_mon + 1) * 100 + parts.tm_mday;
}
