#include "client/alert/episode.h"

#include "client/alert/alert_journal.h"
#include "client/alert/rule_text.h"
#include "client/escape.h"

void episode_fini(struct episode *episode)
{
    notice_fini(&episode->notice);
    text_fini(&episode->told);
}

static void put_heading(struct text *out, const struct episode *episode, bool is_utc)
{
    const struct notice *notice = &episode->notice;
    escape_text(out, span_of_str(notice_label(notice, "alertname")));
    text_put_str(out, "  ");
    notice_put_time(out, notice->starts_us, is_utc);
    if (notice->ends_us > 0) {
        text_put_str(out, " to ");
        notice_put_time(out, notice->ends_us, is_utc);
    } else {
        text_put_str(out, ", goes on");
    }
    text_printf(out, "\n  fingerprint %s\n  labels     ", notice->fingerprint);
    for (size_t i = 0; i < notice->labels.count; i++) {
        text_printf(out, " %s=", notice->labels.items[i].name);
        escape_text(out, span_of_str(notice->labels.items[i].value));
    }
    text_put_char(out, '\n');
}

static void put_events(struct text *out, const struct episode *episode, bool is_utc)
{
    text_printf(out, "  events      %llu seen by the rule with these values so far",
                (unsigned long long)episode->count);
    text_printf(out, episode->seq > 0 ? "; it fired with seq %llu\n" : "; none made it fire\n",
                (unsigned long long)episode->seq);
    for (size_t i = 0; i < episode->seen_count; i++) {
        const struct witness_seen *seen = &episode->seen[i];
        text_printf(out, "              seq %llu  ", (unsigned long long)seen->seq);
        notice_put_time(out, seen->received_us, is_utc);
        text_put_str(out, "  ");
        escape_text(out, span_of_str(seen->type));
        text_put_str(out, "  ");
        escape_text(out, span_of_str(seen->summary));
        text_put_char(out, '\n');
    }
}

static void put_mute(struct text *out, const struct mute *mute, const struct silences *silences)
{
    if (mute->kind == MUTE_NONE)
        return;
    text_printf(out, "  kept back   when it began: %s by %s", mute->kind == MUTE_SILENCED ? "silenced" : "inhibited",
                mute->by);
    for (size_t i = 0; i < silences->count && mute->kind == MUTE_SILENCED; i++) {
        if (strcmp(silences->items[i].id, mute->by) != 0)
            continue;
        text_put_str(out, ", ");
        escape_text(out, span_of_str(silences->items[i].author));
        text_put_str(out, ": ");
        escape_text(out, span_of_str(silences->items[i].comment));
    }
    text_put_char(out, '\n');
}

void episode_put(struct text *out, const struct episode *episode, const struct silences *silences, const char *journal,
                 bool is_utc)
{
    put_heading(out, episode, is_utc);
    rule_text_put(out, episode->rule, "  rule        ", "              ");
    put_events(out, episode, is_utc);
    put_mute(out, &episode->mute, silences);
    text_put_str(out, episode->told.len > 0 ? "  told        by these rules and silences:\n"
                                            : "  told        nobody, by these rules and silences\n");
    text_put(out, episode->told.data, episode->told.len);
    size_t before = out->len;
    if (journal) {
        text_put_str(out, "  the bridge\n");
        size_t begun = out->len;
        alert_journal_explain(out, journal, &episode->notice, "              ");
        if (out->len == begun)
            out->len = before;
    }
    text_put_char(out, '\n');
}
