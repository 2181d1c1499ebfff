/* tocsin alert explain: why an alert fired: the rule, the events, who would be told or why not; and, of the bridge with
 * that state, what it did.
 *
 * The happy path: the past goes through the rules as with `alert test`; what each rule sees is noted, and of the alerts
 * that match the last ones are told in full. What can fail: as with `alert test`; no alert matches (1). */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/alert/episode.h"
#include "client/alert/rehearsal.h"
#include "client/clock.h"
#include "client/command.h"
#include "client/complain.h"
#include "client/escape.h"
#include "client/out.h"

#define EPISODES_MAX 10u

struct explaining {
    struct rehearsal rehearsal;
    struct label_matchers matchers;
    const char *fingerprint; /* instead of matchers; NULL: none */
    struct witness *witness;
    bool *is_wanted;                       /* a rule, by its index: its alerts could match */
    struct episode episodes[EPISODES_MAX]; /* a ring */
    size_t episode_count;                  /* in all */
    struct span key;                       /* of the alert that is about to be told; borrowed */
    bool is_utc;
    bool is_short_of_memory;
    bool is_incomplete;
    struct out out;
};

/* --- while the past goes through --- */

static void on_match(void *context, const struct rule *rule, struct span key, const struct tocsin_message *message)
{
    struct explaining *explaining = context;
    size_t index = (size_t)(rule - explaining->rehearsal.rules.rules.items);
    if (explaining->is_wanted[index] && !witness_note(explaining->witness, (uint32_t)index, key, message))
        explaining->is_incomplete = true;
}

static void on_raw_alert(void *context, const struct alert *alert)
{
    struct explaining *explaining = context;
    explaining->key = alert->key;
}

static bool is_asked(const struct explaining *explaining, const struct notice *notice)
{
    if (explaining->fingerprint)
        return strcmp(explaining->fingerprint, notice->fingerprint) == 0;
    return explaining->matchers.count == 0 || label_matchers_hold(&explaining->matchers, &notice->labels);
}

static struct episode *find_episode(struct explaining *explaining, const struct notice *notice)
{
    for (size_t i = 0; i < EPISODES_MAX; i++) {
        struct episode *episode = &explaining->episodes[i];
        if (episode->rule && episode->notice.starts_us == notice->starts_us &&
            strcmp(episode->notice.fingerprint, notice->fingerprint) == 0)
            return episode;
    }
    return NULL;
}

/* So far back an event may lie that the alert is made of. */
static uint64_t reach_of(const struct rule *rule)
{
    return rule->kind == RULE_COUNT ? rule->window_us : rule->kind == RULE_STATE ? rule->for_us : UINT64_MAX;
}

static void take_witnesses(const struct explaining *explaining, struct episode *episode)
{
    uint32_t index = (uint32_t)(episode->rule - explaining->rehearsal.rules.rules.items);
    const struct witness_group *group = witness_find(explaining->witness, index, explaining->key);
    uint64_t reach_us = reach_of(episode->rule), starts_us = episode->notice.starts_us;
    size_t kept = !group ? 0 : group->count < WITNESS_SEEN_MAX ? (size_t)group->count : WITNESS_SEEN_MAX;
    bool is_one =
        episode->rule->kind == RULE_EACH || episode->rule->kind == RULE_ABSENT || episode->rule->kind == RULE_NEW;
    episode->count = group ? group->count : 0;
    for (size_t i = is_one && kept > 0 ? kept - 1 : 0; i < kept; i++) {
        const struct witness_seen *seen = &group->seen[(group->at + WITNESS_SEEN_MAX - kept + i) % WITNESS_SEEN_MAX];
        if (reach_us >= starts_us || seen->received_us >= starts_us - reach_us)
            episode->seen[episode->seen_count++] = *seen;
    }
}

static void begin_episode(struct explaining *explaining, const struct notice *notice, const struct mute *mute,
                          const struct rule *rule, uint64_t seq)
{
    struct episode *episode = &explaining->episodes[explaining->episode_count++ % EPISODES_MAX];
    episode_fini(episode);
    *episode = (struct episode){.rule = rule, .mute = *mute, .seq = seq};
    text_init(&episode->told);
    if (!notice_copy(&episode->notice, notice))
        explaining->is_short_of_memory = true;
    take_witnesses(explaining, episode);
}

static void on_alert(void *context, const struct notice *notice, const struct mute *mute, const struct rule *rule,
                     uint64_t seq)
{
    struct explaining *explaining = context;
    struct episode *episode;
    if (!is_asked(explaining, notice))
        return;
    if (notice->is_firing)
        begin_episode(explaining, notice, mute, rule, seq);
    else if ((episode = find_episode(explaining, notice)) != NULL)
        episode->notice.ends_us = notice->ends_us;
}

static void on_letter(void *context, const struct receiver *receiver, bool is_managers, enum tell tell,
                      const struct letter *letter, uint64_t at_us)
{
    struct explaining *explaining = context;
    (void)tell;
    for (size_t i = 0; i < letter->count; i++) {
        struct episode *episode = find_episode(explaining, &letter->notices[i]);
        if (!episode)
            continue;
        struct text *told = &episode->told;
        text_put_str(told, "              ");
        notice_put_time(told, at_us, explaining->is_utc);
        text_printf(told, "  %s, to ", letter->notices[i].is_firing ? "firing" : "resolved");
        escape_text(told, span_of_str(receiver->name));
        if (is_managers)
            text_put_str(told, " (Alertmanager)");
        if (letter->count > 1)
            text_printf(told, ", with %zu others of its group", letter->count - 1);
        text_put_char(told, '\n');
    }
}

/* --- what is told --- */

static int tell_all(struct explaining *explaining, const char *state)
{
    char *journal = NULL;
    size_t count = explaining->episode_count, first = count > EPISODES_MAX ? count - EPISODES_MAX : 0;
    if (count == 0) {
        complain("no such alert began in this part of the log");
        return EXIT_CODE_FAILED;
    }
    if (state && asprintf(&journal, "%s.journal", state) < 0)
        return EXIT_CODE_FAILED;
    if (first > 0 && !explaining->rehearsal.settings.is_quiet)
        complain("%zu alerts match; these are the last %u", count, EPISODES_MAX);
    if (explaining->is_incomplete)
        complain("there were too many alerts to note the events of all");
    for (size_t i = first; i < count; i++)
        episode_put(&explaining->out.text, &explaining->episodes[i % EPISODES_MAX], &explaining->rehearsal.silences,
                    journal, explaining->is_utc);
    free(journal);
    int error = explaining->is_short_of_memory ? TOCSIN_E_NOMEM : out_flush(&explaining->out);
    return out_code(error);
}

/* --- the command --- */

static bool is_fingerprint(const char *word)
{
    return strlen(word) == NOTICE_FINGERPRINT_LEN && strspn(word, "0123456789abcdef") == NOTICE_FINGERPRINT_LEN;
}

static bool read_words(struct explaining *explaining, const struct options *options)
{
    bool is_good = true;
    for (size_t i = 0; i < options->operand_count && is_good; i++) {
        struct text why;
        if (is_fingerprint(options->operands[i])) {
            explaining->fingerprint = options->operands[i];
            continue;
        }
        text_init(&why);
        is_good = label_matchers_add(&explaining->matchers, span_of_str(options->operands[i]), &why);
        if (!is_good)
            complain("%s: %.*s", options->operands[i], (int)why.len, why.data);
        text_fini(&why);
    }
    return is_good;
}

/* The events of a rule whose name already does not match need not be noted. */
static bool choose_rules(struct explaining *explaining)
{
    const struct rules *rules = &explaining->rehearsal.rules.rules;
    explaining->witness = witness_new((uint64_t)clock_now_us());
    explaining->is_wanted = calloc(rules->count + 1, sizeof *explaining->is_wanted);
    if (!explaining->witness || !explaining->is_wanted) {
        complain("%s", tocsin_error_text(TOCSIN_E_NOMEM));
        return false;
    }
    for (size_t i = 0; i < rules->count; i++) {
        explaining->is_wanted[i] = true;
        for (size_t m = 0; m < explaining->matchers.count; m++) {
            const struct label_matcher *matcher = &explaining->matchers.items[m];
            if (strcmp(matcher->name, "alertname") == 0 && matcher->is_equal && !matcher->is_regex &&
                strcmp(matcher->value, rules->items[i].name) != 0)
                explaining->is_wanted[i] = false;
        }
    }
    return true;
}

int command_alert_explain(const struct options *options)
{
    struct explaining *explaining = calloc(1, sizeof *explaining);
    struct options without_words = *options; /* which are no topics */
    int code = EXIT_CODE_USAGE;
    if (!explaining) {
        complain("%s", tocsin_error_text(TOCSIN_E_NOMEM));
        return EXIT_CODE_FAILED;
    }
    struct dispatch_calls calls = {on_alert, on_letter, explaining};
    without_words.operand_count = 0;
    out_init(&explaining->out, STDOUT_FILENO);
    if (rehearsal_read(&explaining->rehearsal, &without_words) && read_words(explaining, options)) {
        explaining->is_utc = explaining->rehearsal.settings.printer.is_utc;
        explaining->rehearsal.on_match = on_match;
        explaining->rehearsal.on_alert = on_raw_alert;
        code = choose_rules(explaining) ? rehearsal_run(&explaining->rehearsal, &calls) : EXIT_CODE_FAILED;
        if (code == EXIT_CODE_OK)
            code = tell_all(explaining, options_get(options, OPTION_STATE_OF_ALERT));
    }
    for (size_t i = 0; i < EPISODES_MAX; i++)
        episode_fini(&explaining->episodes[i]);
    free(explaining->is_wanted);
    witness_free(&explaining->witness);
    label_matchers_fini(&explaining->matchers);
    rehearsal_fini(&explaining->rehearsal);
    out_fini(&explaining->out);
    free(explaining);
    return code;
}
