#include "broker/log_message.h"

#include <errno.h>
#include <string.h>

#include "broker/disk.h"
#include "proto/tocsin_base.h"

static const char *advice_for(int error)
{
    switch (-error) {
    case EACCES:
    case EPERM:
        return "Give the user that tocsind runs as the right to read and write there, or choose another --log-dir";
    case EROFS:
        return "The file system is mounted read-only: mount it for writing, or choose another --log-dir";
    case ENOENT:
    case ENOTDIR:
        return "Choose another --log-dir";
    case ELOOP:
        return "The log is written to plain files only: put the file itself in the place of the symbolic link";
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return "Make room on its disk (or raise the quota) and start again";
    case EMFILE:
    case ENFILE:
        return "Raise the limit of open files";
    case ENOMEM:
        return "Give the broker more memory";
    case ENOLCK:
    case EBADF:
    case EOPNOTSUPP:
        return "This file system cannot lock a directory; the log needs a local one";
    default:
        return "Look for failures of the disk in the system's log before starting again";
    }
}

static int code_for(int error)
{
    if (disk_is_full(error))
        return TOCSIN_E_NOSPACE;
    if (error == -ENOMEM)
        return TOCSIN_E_NOMEM;
    return error == -ELOOP ? TOCSIN_E_INVALID : TOCSIN_E_IO;
}

int log_message_error(struct text *message, const char *what, const char *dir, const char *name, int error)
{
    text_printf(message, "cannot %s %s%s%s: %s. %s.", what, dir, name == NULL ? "" : "/", name == NULL ? "" : name,
                strerror(-error), advice_for(error));
    return code_for(error);
}
