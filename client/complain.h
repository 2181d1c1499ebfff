/* What the command line says to people, on standard error. */
#ifndef CLIENT_COMPLAIN_H
#define CLIENT_COMPLAIN_H

/* Writes "tocsin: ", the formatted text with everything escaped that could drive a terminal, and a newline, at once. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
