#include "broker/exit_code.h"

#include "proto/tocsin_base.h"

enum exit_code exit_code_of_log(int error)
{
    switch (error) {
    case TOCSIN_E_CORRUPT:
        return EXIT_CODE_CORRUPT;
    case TOCSIN_E_LOCKED:
        return EXIT_CODE_IN_USE;
    case TOCSIN_E_INVALID:
        return EXIT_CODE_CANNOT_CREATE;
    case TOCSIN_E_IO:
    case TOCSIN_E_NOSPACE:
        return EXIT_CODE_DISK;
    default:
        return EXIT_CODE_FAILED;
    }
}

const char *exit_code_advice(int error)
{
    switch (error) {
    case TOCSIN_E_NOSPACE:
        return "Make room on its disk (or raise the quota) and start again.";
    case TOCSIN_E_IO:
        return "Look for failures of the disk in the system's log before starting again.";
    default:
        return "";
    }
}
