/* Where settings come from and which source wins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "broker/settings_table.h"
#include "tests/settings_support.h"

/* Three different good values for each setting, and how they are printed. A row for every setting of settings.def. */
static const struct sample {
    enum settings_id id;
    const char *name;
    const char *env;
    const char *values[3];
    const char *printed[3];
} samples[] = {
    {SETTINGS_ID_name, "name", "TOCSIN_NAME", {"a", "B-1", "c.d_e"}, {"a", "B-1", "c.d_e"}},
    {SETTINGS_ID_log_dir,
     "log-dir",
     "TOCSIN_LOG_DIR",
     {"/a", "b/c", "/Größe \"x\""},
     {"/a", "b/c", "\"/Größe \\\"x\\\"\""}},
    {SETTINGS_ID_log_key, "log-key", "TOCSIN_LOG_KEY", {"/k", "a/b.key", "~k"}, {"/k", "a/b.key", "\"~k\""}},
    {SETTINGS_ID_log_zone, "log-zone", "TOCSIN_LOG_ZONE", {"local", "utc", "local"}, {"local", "utc", "local"}},
    {SETTINGS_ID_sync,
     "sync",
     "TOCSIN_SYNC",
     {"interval=5", "none", "interval=2s"},
     {"interval=5", "none", "interval=2000"}},
    {SETTINGS_ID_log_cache_bytes,
     "log-cache-bytes",
     "TOCSIN_LOG_CACHE_BYTES",
     {"64KiB", "0", "1GiB"},
     {"64KiB", "0", "1GiB"}},
    {SETTINGS_ID_compress_after,
     "compress-after",
     "TOCSIN_COMPRESS_AFTER",
     {"90m", "never", "2w"},
     {"90m", "never", "14d"}},
    {SETTINGS_ID_compress_level, "compress-level", "TOCSIN_COMPRESS_LEVEL", {"1", "19", "9"}, {"1", "19", "9"}},
    {SETTINGS_ID_retain_age, "retain-age", "TOCSIN_RETAIN_AGE", {"1h", "1y", "36h"}, {"1h", "365d", "36h"}},
    {SETTINGS_ID_retain_bytes,
     "retain-bytes",
     "TOCSIN_RETAIN_BYTES",
     {"1MiB", "none", "200GiB"},
     {"1MiB", "none", "200GiB"}},
    {SETTINGS_ID_retain_free,
     "retain-free",
     "TOCSIN_RETAIN_FREE",
     {"10%", "none", "5GiB"},
     {"\"10%\"", "none", "5GiB"}},
    {SETTINGS_ID_ingest,
     "ingest",
     "TOCSIN_INGEST",
     {"tcp://127.0.0.1:*", "ipc:///run/i.sock", "inproc://i"},
     {"\"tcp://127.0.0.1:*\"", "ipc:///run/i.sock", "inproc://i"}},
    {SETTINGS_ID_append,
     "append",
     "TOCSIN_APPEND",
     {"tcp://127.0.0.2:*", "none", "tcp://[::1]:65535"},
     {"\"tcp://127.0.0.2:*\"", "none", "\"tcp://[::1]:65535\""}},
    {SETTINGS_ID_live,
     "live",
     "TOCSIN_LIVE",
     {"tcp://lo:7", "ipc://@abstract", "tcp://127.3.0.1:0"},
     {"tcp://lo:7", "\"ipc://@abstract\"", "tcp://127.3.0.1:0"}},
    {SETTINGS_ID_realms,
     "realms",
     "TOCSIN_REALMS",
     {"ops=tcp://127.0.0.1:7000, public=ipc://p", "none", "a=inproc://a"},
     {"\"ops=tcp://127.0.0.1:7000,public=ipc://p\"", "none", "a=inproc://a"}},
    {SETTINGS_ID_stream,
     "stream",
     "TOCSIN_STREAM",
     {"none", "ipc://*", "tcp://127.0.0.1:9999"},
     {"none", "\"ipc://*\"", "tcp://127.0.0.1:9999"}},
    {SETTINGS_ID_http, "http", "TOCSIN_HTTP", {"0.0.0.0:80", "[::1]:0", "none"}, {"0.0.0.0:80", "\"[::1]:0\"", "none"}},
    {SETTINGS_ID_curve_key,
     "curve-key",
     "TOCSIN_CURVE_KEY",
     {"/k", "a.key_secret", "~k"},
     {"/k", "a.key_secret", "\"~k\""}},
    {SETTINGS_ID_access, "access", "TOCSIN_ACCESS", {"/a", "b.yaml", "~a"}, {"/a", "b.yaml", "\"~a\""}},
    {SETTINGS_ID_insecure, "insecure", "TOCSIN_INSECURE", {"true", "false", "true"}, {"true", "false", "true"}},
    {SETTINGS_ID_max_event_bytes,
     "max-event-bytes",
     "TOCSIN_MAX_EVENT_BYTES",
     {"1024", "2MiB", "3M"},
     {"1KiB", "2MiB", "3000000"}},
    {SETTINGS_ID_ring_bytes, "ring-bytes", "TOCSIN_RING_BYTES", {"1GiB", "3M", "4Mi"}, {"1GiB", "3000000", "4MiB"}},
    {SETTINGS_ID_max_memory,
     "max-memory",
     "TOCSIN_MAX_MEMORY",
     {"16MiB", "2GiB", "3G"},
     {"16MiB", "2GiB", "3000000000"}},
    {SETTINGS_ID_max_connections,
     "max-connections",
     "TOCSIN_MAX_CONNECTIONS",
     {"1", "22", "1000000"},
     {"1", "22", "1000000"}},
    {SETTINGS_ID_max_topics, "max-topics", "TOCSIN_MAX_TOPICS", {"1", "22", "16000000"}, {"1", "22", "16000000"}},
    {SETTINGS_ID_max_producers,
     "max-producers",
     "TOCSIN_MAX_PRODUCERS",
     {"1", "22", "10000000"},
     {"1", "22", "10000000"}},
    {SETTINGS_ID_append_window,
     "append-window",
     "TOCSIN_APPEND_WINDOW",
     {"1", "22", "1000000"},
     {"1", "22", "1000000"}},
    {SETTINGS_ID_flood_after_ms,
     "flood-after-ms",
     "TOCSIN_FLOOD_AFTER_MS",
     {"100", "750", "60000"},
     {"100", "750", "60000"}},
    {SETTINGS_ID_flood_share, "flood-share", "TOCSIN_FLOOD_SHARE", {"1", "33", "100"}, {"1", "33", "100"}},
    {SETTINGS_ID_flood_bar_s, "flood-bar", "TOCSIN_FLOOD_BAR", {"1s", "never", "120s"}, {"1s", "never", "2m"}},
    {SETTINGS_ID_live_hwm, "live-hwm", "TOCSIN_LIVE_HWM", {"1", "5", "10000000"}, {"1", "5", "10000000"}},
    {SETTINGS_ID_tail_bytes, "tail-bytes", "TOCSIN_TAIL_BYTES", {"64KiB", "1MiB", "5M"}, {"64KiB", "1MiB", "5000000"}},
    {SETTINGS_ID_log_level,
     "log-level",
     "TOCSIN_LOG_LEVEL",
     {"error", "debug", "warning"},
     {"error", "debug", "warning"}},
    {SETTINGS_ID_salvage, "salvage", "TOCSIN_SALVAGE", {"true", "false", "true"}, {"true", "false", "true"}},
    {SETTINGS_ID_ports_file, "ports-file", "TOCSIN_PORTS_FILE", {"/p", "none", "q"}, {"/p", "none", "q"}},
};
#define SAMPLE_COUNT (sizeof samples / sizeof *samples)

static char flag_text[128], env_text[128], yaml_text[256];

static const char *flag_with(const struct sample *sample, int value)
{
    snprintf(flag_text, sizeof flag_text, "--%s=%s", sample->name, sample->values[value]);
    return flag_text;
}

static const char *env_with(const struct sample *sample, int value)
{
    snprintf(env_text, sizeof env_text, "%s=%s", sample->env, sample->values[value]);
    return env_text;
}

/* What must be set as well for the setting to be allowed. */
static const char *companion_of(const struct sample *sample)
{
    if (sample->id == SETTINGS_ID_curve_key || sample->id == SETTINGS_ID_realms)
        return "TOCSIN_ACCESS=/access.yaml";
    return sample->id == SETTINGS_ID_access ? "TOCSIN_CURVE_KEY=/key" : "OTHER=";
}

static const char *second_companion_of(const struct sample *sample)
{
    return sample->id == SETTINGS_ID_realms ? "TOCSIN_CURVE_KEY=/key" : "ANOTHER=";
}

static const char *yaml_with(const struct sample *sample, int value)
{
    const char *const quoted = strchr(sample->values[value], '[') || strchr(sample->values[value], '"') ? "'" : "";
    snprintf(yaml_text, sizeof yaml_text, "# first line\n  %s:  %s%s%s\n", sample->name, quoted, sample->values[value],
             quoted);
    return yaml_text;
}

static void check(struct loaded *loaded, const struct sample *sample, int value, enum settings_source source)
{
    if (loaded->error != TOCSIN_OK)
        fail_msg("%s: %s", sample->name, loaded->message);
    assert_string_equal(value_of(loaded, sample->id), sample->printed[value]);
    assert_int_equal(loaded->settings.origins[sample->id].source, source);
    loaded_fini(loaded);
}

static void every_setting_has_a_sample(void **state)
{
    (void)state;
    assert_int_equal(SAMPLE_COUNT, SETTINGS_COUNT);
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        assert_int_equal(samples[i].id, i);
        assert_string_equal(settings_table[i].name, samples[i].name);
    }
}

static void every_setting_can_be_a_flag(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        for (int value = 0; value < 3; value++) {
            struct loaded loaded;
            load(&loaded, ARGS(flag_with(&samples[i], value)),
                 ARGS(companion_of(&samples[i]), second_companion_of(&samples[i])));
            check(&loaded, &samples[i], value, SETTINGS_BY_FLAG);
        }
    }
}

static void a_flag_may_have_its_value_as_the_next_argument(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        if (samples[i].id == SETTINGS_ID_salvage || samples[i].id == SETTINGS_ID_insecure)
            continue;
        struct loaded loaded;
        snprintf(flag_text, sizeof flag_text, "--%s", samples[i].name);
        load(&loaded, ARGS(flag_text, samples[i].values[1], "--check-config"),
             ARGS(companion_of(&samples[i]), second_companion_of(&samples[i])));
        assert_int_equal(loaded.action, SETTINGS_CHECK);
        check(&loaded, &samples[i], 1, SETTINGS_BY_FLAG);
    }
}

static void every_setting_can_be_an_environment_variable(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        for (int value = 0; value < 3; value++) {
            struct loaded loaded;
            load(&loaded, ARGS("--check-config"),
                 ARGS(env_with(&samples[i], value), companion_of(&samples[i]), second_companion_of(&samples[i])));
            check(&loaded, &samples[i], value, SETTINGS_BY_ENVIRONMENT);
        }
    }
}

static void every_setting_can_be_in_the_file(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        for (int value = 0; value < 3; value++) {
            struct loaded loaded;
            load(&loaded, ARGS("-c", file_with(yaml_with(&samples[i], value))),
                 ARGS(companion_of(&samples[i]), second_companion_of(&samples[i])));
            assert_int_equal(loaded.settings.origins[samples[i].id].line, 2);
            assert_int_equal(loaded.settings.origins[samples[i].id].column, strlen(samples[i].name) + 6);
            check(&loaded, &samples[i], value, SETTINGS_BY_FILE);
        }
    }
}

static void flag_goes_before_environment_before_file(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        const struct sample *const sample = &samples[i];
        struct loaded loaded;
        const char *const file = file_with(yaml_with(sample, 0));
        load(&loaded, ARGS("-c", file, flag_with(sample, 2)),
             ARGS(env_with(sample, 1), companion_of(sample), second_companion_of(sample)));
        check(&loaded, sample, 2, SETTINGS_BY_FLAG);
        load(&loaded, ARGS("-c", file), ARGS(env_with(sample, 1), companion_of(sample), second_companion_of(sample)));
        check(&loaded, sample, 1, SETTINGS_BY_ENVIRONMENT);
        load(&loaded, ARGS("-c", file, flag_with(sample, 1)), ARGS(companion_of(sample), second_companion_of(sample)));
        check(&loaded, sample, 1, SETTINGS_BY_FLAG);
    }
}

static void the_defaults_are_those_of_the_manual(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, ARGS("--check-config"), NULL);
    const struct settings *const settings = &loaded.settings;
    assert_int_equal(loaded.error, TOCSIN_OK);
    assert_int_equal(settings->log_zone, SETTINGS_ZONE_UTC);
    assert_int_equal(settings->sync.mode, SETTINGS_SYNC_BATCH);
    assert_string_equal(settings->ingest, "tcp://127.0.0.1:5560");
    assert_string_equal(settings->append, "tcp://127.0.0.1:5561");
    assert_string_equal(settings->live, "tcp://127.0.0.1:5562");
    assert_string_equal(settings->stream, "tcp://127.0.0.1:5563");
    assert_string_equal(settings->http.host, "127.0.0.1");
    assert_int_equal(settings->http.port, 8560);
    assert_int_equal(settings->max_event_bytes, 1048576);
    assert_int_equal(settings->ring_bytes, 67108864);
    assert_int_equal(settings->max_topics, 1000000);
    assert_int_equal(settings->live_hwm, 10000);
    assert_int_equal(settings->log_level, LOG_LEVEL_INFO);
    assert_false(settings->salvage);
    assert_null(settings->ports_file);
    assert_null(settings->config);
    assert_string_equal(settings->log_dir, geteuid() == 0 ? "/var/log/tocsin" : "/home/tester/.local/state/tocsin");
    for (int id = 0; id < SETTINGS_COUNT; id++)
        assert_int_equal(settings->origins[id].source, SETTINGS_BY_DEFAULT);
    loaded_fini(&loaded);
}

static void values_reach_their_members(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded,
         ARGS("--name", "b", "--log-dir", "d", "--log-zone", "local", "--sync", "interval=250ms", "--ingest", "none",
              "--http", "[2001:db8::1]:81", "--max-event-bytes", "2k", "--ring-bytes", "1G", "--log-level", "debug",
              "--salvage", "--ports-file", "p"),
         NULL);
    const struct settings *const settings = &loaded.settings;
    assert_int_equal(loaded.error, TOCSIN_OK);
    assert_string_equal(settings->name, "b");
    assert_string_equal(settings->log_dir, "d");
    assert_int_equal(settings->log_zone, SETTINGS_ZONE_LOCAL);
    assert_int_equal(settings->sync.mode, SETTINGS_SYNC_INTERVAL);
    assert_int_equal(settings->sync.interval_ms, 250);
    assert_null(settings->ingest);
    assert_string_equal(settings->http.host, "2001:db8::1");
    assert_int_equal(settings->http.port, 81);
    assert_int_equal(settings->max_event_bytes, 2000);
    assert_int_equal(settings->ring_bytes, 1000000000);
    assert_int_equal(settings->log_level, LOG_LEVEL_DEBUG);
    assert_true(settings->salvage);
    assert_string_equal(settings->ports_file, "p");
    loaded_fini(&loaded);
}

static void none_takes_back_what_another_source_has_set(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, ARGS("--http=none", "--live=none", "--ports-file=none"),
         ARGS("TOCSIN_HTTP=127.0.0.1:1", "TOCSIN_LIVE=inproc://x", "TOCSIN_PORTS_FILE=/x"));
    assert_int_equal(loaded.error, TOCSIN_OK);
    assert_null(loaded.settings.http.host);
    assert_null(loaded.settings.live);
    assert_null(loaded.settings.ports_file);
    loaded_fini(&loaded);
}

static void the_hosts_name_is_made_a_good_name(void **state)
{
    (void)state;
    struct loaded loaded;
    struct loaded again;
    load(&loaded, ARGS("--check-config"), NULL);
    snprintf(flag_text, sizeof flag_text, "--name=%s", loaded.settings.name);
    load(&again, ARGS(flag_text), NULL); /* what was worked out passes the check of what a person writes */
    assert_int_equal(again.error, TOCSIN_OK);
    loaded_fini(&loaded);
    loaded_fini(&again);
}

/* --- the log's directory --- */

static void assert_log_dir(bool is_root, char *const *envp, const char *expected)
{
    struct text message;
    text_init(&message);
    char *const directory = settings_default_log_dir(envp, is_root, &message);
    if (expected) {
        assert_non_null(directory);
        assert_string_equal(directory, expected);
        assert_int_equal(message.len, 0);
    } else {
        assert_null(directory);
        assert_true(message.len > 0);
        assert_non_null(memmem(message.data, message.len, "--log-dir", strlen("--log-dir")));
    }
    free(directory);
    text_fini(&message);
}

static void the_log_goes_to_the_state_directory_or_home_or_var_log(void **state)
{
    (void)state;
    char xdg[] = "XDG_STATE_HOME=/x/state", relative[] = "XDG_STATE_HOME=state", home[] = "HOME=/home/u";
    char empty_xdg[] = "XDG_STATE_HOME=", empty_home[] = "HOME=", longer[] = "XDG_STATE_HOMES=/no";
    assert_log_dir(true, (char *[]){xdg, home, NULL}, "/var/log/tocsin");
    assert_log_dir(false, (char *[]){xdg, home, NULL}, "/x/state/tocsin");
    assert_log_dir(false, (char *[]){home, NULL}, "/home/u/.local/state/tocsin");
    assert_log_dir(false, (char *[]){relative, home, NULL}, "/home/u/.local/state/tocsin");
    assert_log_dir(false, (char *[]){empty_xdg, longer, home, NULL}, "/home/u/.local/state/tocsin");
    assert_log_dir(false, (char *[]){empty_xdg, empty_home, NULL}, NULL);
    assert_log_dir(false, (char *[]){NULL}, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_setting_has_a_sample),
        cmocka_unit_test(every_setting_can_be_a_flag),
        cmocka_unit_test(a_flag_may_have_its_value_as_the_next_argument),
        cmocka_unit_test(every_setting_can_be_an_environment_variable),
        cmocka_unit_test(every_setting_can_be_in_the_file),
        cmocka_unit_test(flag_goes_before_environment_before_file),
        cmocka_unit_test(the_defaults_are_those_of_the_manual),
        cmocka_unit_test(values_reach_their_members),
        cmocka_unit_test(none_takes_back_what_another_source_has_set),
        cmocka_unit_test(the_hosts_name_is_made_a_good_name),
        cmocka_unit_test(the_log_goes_to_the_state_directory_or_home_or_var_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
