/* The words that every floor shares: errors, refusals, levels. Part of the public interface. */
#ifndef TOCSIN_BASE_H
#define TOCSIN_BASE_H

#ifdef __cplusplus
extern "C" {
#endif

/* Failures of functions; 0 is success. */
enum tocsin_error {
    TOCSIN_OK = 0,
#define TOCSIN_ERROR(name, value, text) TOCSIN_E_##name = (value),
#include "tocsin_error.def"
#undef TOCSIN_ERROR
};

/* Reasons to refuse an event; 0 means that it was accepted. */
enum tocsin_refusal {
    TOCSIN_ACCEPTED = 0,
#define TOCSIN_REFUSAL(name, word, text) TOCSIN_REFUSAL_##name,
#include "tocsin_refusal.def"
#undef TOCSIN_REFUSAL
    TOCSIN_REFUSAL_COUNT
};

/* Severity, rising. */
enum tocsin_level {
#define TOCSIN_LEVEL(name, word) TOCSIN_LEVEL_##name,
#include "tocsin_level.def"
#undef TOCSIN_LEVEL
    TOCSIN_LEVEL_COUNT
};

/* Limits of the protocol, in bytes where nothing else is said (PROTOCOL.md sections 1 and 2). */
#define TOCSIN_CATEGORY_MAX    64
#define TOCSIN_TYPE_MAX        128
#define TOCSIN_SOURCE_ID_MAX   128
#define TOCSIN_SUMMARY_MAX     8192
#define TOCSIN_CAUSE_MAX       128
#define TOCSIN_FIELD_MAX       128
#define TOCSIN_DEPTH_MAX       32
#define TOCSIN_EVENT_BYTES_MAX 1048576
#define TOCSIN_TOPIC_MAX       200
#define TOCSIN_PRODUCER_MAX    64

#ifdef __cplusplus
}
#endif

#endif
