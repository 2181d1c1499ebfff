/* How tocsind ends (docs/CONFIGURATION.md lists them); from 64 on as sysexits.h names them. */
#ifndef BROKER_EXIT_CODE_H
#define BROKER_EXIT_CODE_H

enum exit_code {
    EXIT_CODE_OK = 0,
    EXIT_CODE_FAILED = 1,
    EXIT_CODE_USAGE = 2,          /* a flag, a variable or the configuration file is wrong */
    EXIT_CODE_CORRUPT = 65,       /* the log is damaged */
    EXIT_CODE_UNAVAILABLE = 69,   /* an address cannot be listened at */
    EXIT_CODE_CANNOT_CREATE = 73, /* the log's directory cannot be made or used */
    EXIT_CODE_DISK = 74,          /* the log cannot be written, or not be made durable */
    EXIT_CODE_IN_USE = 75,        /* another broker has the log's directory */
};

/* How it ends when the log cannot be opened or written, by the storage's error. */
enum exit_code exit_code_of_log(int error);

/* What to do about a disk that has failed, a sentence; "" where there is nothing to say. */
const char *exit_code_advice(int error);

#endif
