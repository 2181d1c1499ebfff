/* The manual page of tocsind, tocsind(8). */
#include "broker/settings_table.h"
#include "proto/roff.h"

/* The first line of an entry: the flag, bold, and what it takes, in italics. */
static void put_flag(char letter, const char *name, const char *argument, struct text *out)
{
    text_put_str(out, ".TP\n");
    if (letter)
        text_printf(out, "\\fB\\-%c\\fR, ", letter);
    text_put_str(out, "\\fB\\-\\-");
    roff_put(out, name);
    text_put_str(out, "\\fR");
    if (argument) {
        text_put_str(out, " \\fI");
        roff_put(out, argument);
        text_put_str(out, "\\fR");
    }
    text_put_char(out, '\n');
}

static void put_actions(struct text *out)
{
    text_put_str(out, ".SH OPTIONS\n");
    put_flag('c', "config", "FILE", out);
    text_put_str(out, "Read settings from a YAML file of\n.I name: value\nlines.\n");
#define SETTINGS_ACTION(ID, letter, name, help)                                                                        \
    put_flag(letter, name, NULL, out);                                                                                 \
    roff_put(out, help);                                                                                               \
    text_put_char(out, '\n');
#include "broker/settings.def"
}

static void put_setting(const struct setting *setting, struct text *out)
{
    char env_name[SETTINGS_ENV_MAX];
    settings_env_name(setting, env_name);
    put_flag(0, setting->name, setting_kinds[setting->kind].metavar, out);
    roff_put(out, setting->help);
    text_put_str(out, "\n.br\nDefault: ");
    roff_put(out, settings_default_of(setting));
    settings_put_limits(setting, "; allowed: ", out);
    text_printf(out, ".\nEnvironment:\n.BR %s .\n", env_name);
}

static void put_files(struct text *out)
{
    text_put_str(out, ".SH FILES\nIn the directory of\n.BR log\\-dir :\n");
    roff_put_entry(out, "events.log", "the audit log of today, one event in JSON a line");
    roff_put_entry(out, "events.log.YYYYMMDD", "an earlier day; with .zst behind it: compressed");
    roff_put_entry(out, "events.log.torn.SEQ", "what a crash left unfinished at the end, set aside");
    roff_put_entry(out, "events.log.sig", "where the log stood, signed");
    roff_put_entry(out, "tocsind.key, tocsind.key.pub", "the key that signs it, and what tocsin verify wants of it");
    roff_put_entry(out, "tocsind.state, tocsind.index...", "spare reading; made anew when they are missing");
}

static void put_signals(struct text *out)
{
    text_put_str(out, ".SH SIGNALS\n");
    roff_put_entry(out, "SIGTERM, SIGINT",
                   "Stop in order: what has been taken is written, acknowledged and published first.");
    roff_put_entry(out, "SIGHUP", "Read the access file again; other settings need a new start.");
}

void settings_write_man(struct text *out)
{
    text_put_str(out,
                 ".\\\" Printed from broker/settings.def (cmake --build BUILD --target settings_docs); do not edit.\n"
                 ".TH TOCSIND 8 \"\" \"tocsin " TOCSIN_VERSION "\"\n.SH NAME\n"
                 "tocsind \\- event broker for the operational events of media and telephony servers\n"
                 ".SH SYNOPSIS\n.B tocsind\n[\\fB\\-c\\fR \\fIFILE\\fR] [\\fB\\-\\-SETTING\\fR \\fIVALUE\\fR]...\n"
                 ".SH DESCRIPTION\n");
    roff_put(out, settings_purpose);
    text_put_str(out, "\n");
    put_actions(out);
    text_put_str(out, ".SH SETTINGS\n");
    roff_put(out, settings_guide);
    text_put_char(out, '\n');
    for (size_t id = 0; id < SETTINGS_COUNT; id++)
        put_setting(&settings_table[id], out);
    put_files(out);
    put_signals(out);
    text_put_str(out, ".SH EXIT STATUS\n");
#define EXIT_CODE(ID, value, meaning) roff_put_entry(out, #value, meaning);
#include "broker/exit_code.def"
#undef EXIT_CODE
    text_put_str(out, ".SH SEE ALSO\n.BR tocsin (1)\n");
}
