/* How tocsind ends: --help and the manual page list it from the same table. */
#ifndef BROKER_EXIT_CODE_H
#define BROKER_EXIT_CODE_H

enum exit_code {
#define EXIT_CODE(ID, value, meaning) EXIT_CODE_##ID = (value),
#include "broker/exit_code.def"
#undef EXIT_CODE
};

/* How it ends when the log cannot be opened or written, by the storage's error. */
enum exit_code exit_code_of_log(int error);

/* What to do about a disk that has failed, a sentence; "" where there is nothing to say. */
const char *exit_code_advice(int error);

#endif
