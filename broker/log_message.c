#include "broker/log_message.h"

#include <errno.h>
#include <string.h>

#include "proto/tocsin_base.h"

#define GIVE_RIGHTS "Give the user that tocsind runs as the right to read and write there, or choose another --log-dir"
#define MAKE_ROOM   "Make room on its disk (or raise the quota) and start again"
#define CANNOT_LOCK "This file system cannot lock a directory; the log needs a local one"

/* The path and its rights are the operator's to mend (INVALID); what is not listed is the disk's. */
static const struct {
    int error;
    int code;
    const char *advice;
} table[] = {
    {EACCES, TOCSIN_E_INVALID, GIVE_RIGHTS},
    {EPERM, TOCSIN_E_INVALID, GIVE_RIGHTS},
    {EROFS, TOCSIN_E_INVALID,
     "The file system is mounted read-only: mount it for writing, or choose another --log-dir"},
    {ENOENT, TOCSIN_E_INVALID, "Choose another --log-dir"},
    {ENOTDIR, TOCSIN_E_INVALID, "Choose another --log-dir"},
    {ENAMETOOLONG, TOCSIN_E_INVALID, "Choose another --log-dir"},
    {ELOOP, TOCSIN_E_INVALID,
     "The log is written to plain files only: put the file itself in the place of the symbolic link"},
    {ENOLCK, TOCSIN_E_INVALID, CANNOT_LOCK},
    {EBADF, TOCSIN_E_INVALID, CANNOT_LOCK},
    {EOPNOTSUPP, TOCSIN_E_INVALID, CANNOT_LOCK},
    {ENOSPC, TOCSIN_E_NOSPACE, MAKE_ROOM},
    {EDQUOT, TOCSIN_E_NOSPACE, MAKE_ROOM},
    {EFBIG, TOCSIN_E_NOSPACE, MAKE_ROOM},
    {EMFILE, TOCSIN_E_IO, "Raise the limit of open files"},
    {ENFILE, TOCSIN_E_IO, "Raise the limit of open files"},
    {ENOMEM, TOCSIN_E_NOMEM, "Give the broker more memory"},
};

int log_message_error(struct text *message, const char *what, const char *dir, const char *name, int error)
{
    const char *advice = "Look for failures of the disk in the system's log before starting again";
    int code = TOCSIN_E_IO;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (table[i].error != -error)
            continue;
        advice = table[i].advice;
        code = table[i].code;
    }
    text_printf(message, "cannot %s %s%s%s: %s. %s.", what, dir, name == NULL ? "" : "/", name == NULL ? "" : name,
                strerror(-error), advice);
    return code;
}
