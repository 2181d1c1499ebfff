/* A strict reader of Prometheus's text format, version 0.0.4, for tests: it takes what the format's description allows
 * and nothing that its readers only put up with. */
#ifndef TESTS_PROMETHEUS_H
#define TESTS_PROMETHEUS_H

#include <stdbool.h>
#include <stddef.h>

#define PROMETHEUS_SAMPLES_MAX 512
#define PROMETHEUS_NAME_MAX    128

struct prometheus_sample {
    char name[PROMETHEUS_NAME_MAX];
    char label[PROMETHEUS_NAME_MAX]; /* "" where there is none; at most one is understood */
    char value_of_label[PROMETHEUS_NAME_MAX];
    char type[16]; /* of its family */
    char text[64]; /* of the value, as it stands */
    double value;
};

struct prometheus {
    struct prometheus_sample samples[PROMETHEUS_SAMPLES_MAX];
    size_t count;
    const char *fault; /* NULL: none */
    size_t fault_line;
};

/* Reads a whole exposition; `fault` says what is wrong with it. */
void prometheus_read(struct prometheus *out, const char *text, size_t len);

/* The sample with this name and value of its label ("" for none); NULL where there is none. */
const struct prometheus_sample *prometheus_find(const struct prometheus *in, const char *name,
                                                const char *value_of_label);

#endif
