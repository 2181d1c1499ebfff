#include "client/sub_options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/arg.h"
#include "client/complain.h"
#include "client/filter.h"

static bool add_topic(struct sub_options *settings, const struct options *options, const char *text)
{
    struct topic_arg *topic = &settings->topics[settings->topic_count];
    if (!topic_arg_read(topic, text)) {
        complain("out of memory");
        return false;
    }
    settings->filters[settings->topic_count++] = topic->filter;
    struct filter_set *set = NULL;
    bool is_good = filter_set_new(&set, &topic->filter, 1) == TOCSIN_OK;
    filter_set_free(&set);
    if (!is_good)
        complain("\"%s\" is no topic: it is CATEGORY or CATEGORY/SOURCE, with * for any category (tocsin help %s)",
                 text, commands[options->command].name);
    return is_good;
}

static bool add_topics_of(struct sub_options *settings, const struct options *options, enum option_id id)
{
    for (size_t i = 0; i < options->value_count; i++) {
        if (options->values[i].id == id && !add_topic(settings, options, options->values[i].value))
            return false;
    }
    return true;
}

static bool read_topics(struct sub_options *settings, const struct options *options)
{
    struct tocsin_subscriber_options *subscriber = &settings->subscriber;
    size_t most = options->value_count + options->operand_count + 1;
    settings->topics = calloc(most, sizeof *settings->topics);
    settings->filters = calloc(most, sizeof *settings->filters);
    settings->types = calloc(most, sizeof *settings->types);
    if (!settings->topics || !settings->filters || !settings->types) {
        complain("out of memory");
        return false;
    }
    if (!add_topics_of(settings, options, OPTION_TOPIC))
        return false;
    for (size_t i = 0; i < options->operand_count; i++) {
        if (!add_topic(settings, options, options->operands[i]))
            return false;
    }
    subscriber->filters = settings->filters;
    subscriber->filter_count = settings->topic_count;
    if (!add_topics_of(settings, options, OPTION_EXCLUDE))
        return false;
    subscriber->exclude = settings->filters + subscriber->filter_count;
    subscriber->exclude_count = settings->topic_count - subscriber->filter_count;
    for (size_t i = 0; i < options->value_count; i++) {
        if (options->values[i].id == OPTION_TYPE)
            settings->types[subscriber->type_count++] = options->values[i].value;
    }
    subscriber->types = settings->types;
    return true;
}

static bool read_format(struct printer *printer, const struct options *options)
{
    const char *text = options_get(options, OPTION_FORMAT), *fault;
    size_t offset;
    printer->ending = "\n";
    printer->ending_len = options_has(options, OPTION_NO_NEWLINE) ? 0 : 1;
    if (options_has(options, OPTION_NUL)) {
        printer->ending = "\0";
        printer->ending_len = 1;
    }
    if (!text)
        return true;
    printer->format = format_read(text, &fault, &offset);
    if (!printer->format)
        complain("--format: \"%s\": character %zu: %s", text, offset + 1, fault ? fault : "out of memory");
    return printer->format != NULL;
}

/* auto, always, never */
static bool read_color(struct printer *printer, const struct options *options)
{
    enum { AUTO, ALWAYS, NEVER };
    unsigned choice = AUTO;
    if (!arg_choice(options, OPTION_COLOR, &choice))
        return false;
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
    bool is_wanted = (!no_color || !*no_color) && (!terminal || strcmp(terminal, "dumb") != 0);
    printer->has_color = choice == ALWAYS || (choice == AUTO && is_wanted && isatty(STDOUT_FILENO) == 1);
    return true;
}

static bool read_output(struct printer *printer, const struct options *options)
{
    const char *output = options_get(options, OPTION_OUTPUT);
    printer->form = output ? print_form_find(output) : PRINT_SHORT;
    if (printer->form == PRINT_FORM_COUNT) {
        complain("--output: \"%s\" is not allowed: allowed are short, iso, json, json-pretty, raw", output);
        return false;
    }
    if (printer->form == PRINT_RAW && isatty(STDOUT_FILENO) == 1) {
        complain("--output raw is MessagePack, nothing for a terminal: send it to a file or a pipe");
        return false;
    }
    printer->is_utc = options_has(options, OPTION_UTC);
    return read_color(printer, options) && read_format(printer, options);
}

/* The same for the stream door. */
static void fill_stream(struct sub_options *settings)
{
    const struct tocsin_subscriber_options *subscriber = &settings->subscriber;
    settings->where.cursor_file = settings->past.cursor_path;
    settings->stream = (struct tocsin_stream_options){
        .stream = settings->where.endpoint,
        .from = settings->past.from,
        .from_value = settings->past.from_value,
        .filters = subscriber->filters,
        .filter_count = subscriber->filter_count,
        .exclude = subscriber->exclude,
        .exclude_count = subscriber->exclude_count,
        .min_level = subscriber->min_level,
        .types = subscriber->types,
        .type_count = subscriber->type_count,
        .latest = settings->past.latest,
        .ends_at_head = !settings->past.follows,
        .cursor_file = settings->past.cursor_path,
        .commits_by_hand = true,
        .connect_timeout_ms = settings->where.timeout_ms,
        .curve = where_curve(&settings->where),
    };
}

bool sub_options_read(struct sub_options *settings, const struct options *options)
{
    unsigned gaps = GAPS_WARN;
    *settings = (struct sub_options){0};
    bool is_read =
        matcher_init(&settings->matcher, options) && past_options_read(&settings->past, options) &&
        where_find(options, settings->past.is_asked ? ENDPOINT_STREAM : ENDPOINT_LIVE, &settings->where) &&
        read_topics(settings, options) &&
        arg_level_range(options, OPTION_PRIORITY, &settings->subscriber.min_level, &settings->matcher.max_level) &&
        arg_count(options, OPTION_LIMIT, &settings->count) &&
        arg_duration_ms(options, OPTION_WAIT, &settings->wait_ms) && arg_choice(options, OPTION_GAPS, &gaps) &&
        read_output(&settings->printer, options);
    settings->gaps = (enum sub_gaps)gaps;
    settings->is_quiet = options_has(options, OPTION_QUIET);
    settings->is_verbose = options_has(options, OPTION_VERBOSE);
    settings->subscriber.live = settings->where.endpoint;
    settings->subscriber.connect_timeout_ms = settings->where.timeout_ms;
    settings->subscriber.curve = where_curve(&settings->where);
    fill_stream(settings);
    return is_read;
}

void sub_options_fini(struct sub_options *settings)
{
    for (size_t i = 0; i < settings->topic_count; i++)
        topic_arg_fini(&settings->topics[i]);
    free(settings->topics);
    free(settings->filters);
    free(settings->types);
    format_free(&settings->printer.format);
    matcher_fini(&settings->matcher);
    past_options_fini(&settings->past);
}
