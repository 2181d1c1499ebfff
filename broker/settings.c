/* Settings, from all their sources. The happy path: defaults, then the flags are taken apart (they name the file), then
 * file, environment and flags are laid over each other in this order, then the whole is checked. The first fault ends
 * it with a sentence. */
#include "broker/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "broker/printable.h"
#include "broker/settings_table.h"

#define HOST_NAME_ROOM 256

/* The host's name with what a label may not hold replaced; a host without one is called tocsind. */
static void host_label(char *out)
{
    if (gethostname(out, HOST_NAME_ROOM) != 0 || out[0] == '\0')
        memcpy(out, "tocsind", sizeof "tocsind");
    out[settings_table[SETTINGS_ID_name].max] = '\0';
    for (char *at = out; *at; at++) {
        const bool is_letter = (*at | 32) >= 'a' && (*at | 32) <= 'z';
        if (!is_letter && !(*at >= '0' && *at <= '9') && *at != '_' && *at != '.' && *at != '-')
            *at = '-';
    }
}

int settings_init(struct settings *settings)
{
    *settings = (struct settings){.config = NULL};
    struct text message;
    text_init(&message);
    int error = TOCSIN_OK;
    for (int id = 0; error == TOCSIN_OK && id < SETTINGS_COUNT; id++) {
        if (!settings_table[id].worked_out)
            error = settings_set(settings, (enum settings_id)id, span_of_str(settings_table[id].value),
                                 (struct settings_origin){SETTINGS_BY_DEFAULT, 0, 0}, NULL, &message);
    }
    char name[HOST_NAME_ROOM];
    host_label(name);
    if (error == TOCSIN_OK)
        error = setting_set_string(&settings->name, span_of_str(name));
    text_fini(&message);
    return error;
}

void settings_fini(struct settings *settings)
{
    for (int id = 0; id < SETTINGS_COUNT; id++)
        setting_kinds[settings_table[id].kind].release((char *)settings + settings_table[id].offset);
    free(settings->config);
    settings->config = NULL;
}

/* --- the environment --- */

const char *settings_env_value(char *const *envp, const char *name)
{
    const size_t len = strlen(name);
    for (; envp && *envp; envp++)
        if (strncmp(*envp, name, len) == 0 && (*envp)[len] == '=' && (*envp)[len + 1] != '\0')
            return *envp + len + 1;
    return NULL;
}

static int read_environment(struct settings *settings, char *const *envp, struct text *message)
{
    for (int id = 0; id < SETTINGS_COUNT; id++) {
        char name[SETTINGS_ENV_MAX];
        settings_env_name(&settings_table[id], name);
        const char *const value = settings_env_value(envp, name);
        if (!value)
            continue;
        const int error = settings_set(settings, (enum settings_id)id, span_of_str(value),
                                       (struct settings_origin){SETTINGS_BY_ENVIRONMENT, 0, 0}, NULL, message);
        if (error != TOCSIN_OK)
            return error;
    }
    return TOCSIN_OK;
}

char *settings_default_log_dir(char *const *envp, bool is_root, struct text *message)
{
    char *directory;
    if (is_root)
        return strdup(settings_table[SETTINGS_ID_log_dir].value);
    const char *const state = settings_env_value(envp, "XDG_STATE_HOME");
    const char *const home = settings_env_value(envp, "HOME");
    if (state && state[0] == '/') /* relative ones are to be ignored, says the XDG base directory specification */
        return asprintf(&directory, "%s/tocsin", state) < 0 ? NULL : directory;
    if (home && home[0] == '/')
        return asprintf(&directory, "%s/.local/state/tocsin", home) < 0 ? NULL : directory;
    text_put_str(message, "no directory for the log: neither XDG_STATE_HOME nor HOME is set in the environment; name "
                          "one with --log-dir");
    return NULL;
}

static int work_out_log_dir(struct settings *settings, char *const *envp, struct text *message)
{
    if (settings->log_dir)
        return TOCSIN_OK;
    const size_t len_before = message->len;
    char *const directory = settings_default_log_dir(envp, geteuid() == 0, message);
    if (!directory)
        return message->len > len_before ? TOCSIN_E_SYNTAX : TOCSIN_E_NOMEM;
    const int error = settings_set(settings, SETTINGS_ID_log_dir, span_of_str(directory),
                                   (struct settings_origin){SETTINGS_BY_DEFAULT, 0, 0}, NULL, message);
    free(directory);
    return error;
}

/* The key of the log's checkpoints is kept with the log unless someone says otherwise. */
static int work_out_log_key(struct settings *settings)
{
    char *path;
    if (settings->log_key)
        return TOCSIN_OK;
    if (asprintf(&path, "%s/tocsind.key", settings->log_dir) < 0)
        return TOCSIN_E_NOMEM;
    const int error = setting_set_string(&settings->log_key, span_of_str(path));
    free(path);
    return error;
}

/* --- the file --- */

static int complain_of_file(struct text *message, const char *path, int cause)
{
    text_put_str(message, "cannot read the configuration file ");
    printable_quote(message, span_of_str(path));
    text_printf(message, ": %s", strerror(cause));
    return TOCSIN_E_IO;
}

/* Reads all of it into `content`, and a byte beyond the limit to see that it was passed. */
static int read_all(const char *path, struct text *content, struct text *message)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return complain_of_file(message, path, errno);
    int error = TOCSIN_OK;
    while (content->len <= SETTINGS_FILE_MAX) {
        if (!text_reserve(content, SETTINGS_FILE_MAX + 1 - content->len)) {
            error = TOCSIN_E_NOMEM;
            break;
        }
        const ssize_t got = read(fd, content->data + content->len, SETTINGS_FILE_MAX + 1 - content->len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            error = complain_of_file(message, path, errno);
        if (got <= 0)
            break;
        content->len += (size_t)got;
    }
    close(fd);
    return error;
}

int settings_read_file(struct settings *settings, const char *path, struct text *message)
{
    struct text content;
    text_init(&content);
    int error = read_all(path, &content, message);
    if (error == TOCSIN_OK)
        error = settings_read_yaml(settings, text_span(&content), path, message);
    text_fini(&content);
    return error;
}

/* --- all of them --- */

static int read_flag_values(struct settings *settings, const struct settings_flags *flags, struct text *message)
{
    for (int id = 0; id < SETTINGS_COUNT; id++) {
        if (!flags->values[id])
            continue;
        const int error = settings_set(settings, (enum settings_id)id, span_of_str(flags->values[id]),
                                       (struct settings_origin){SETTINGS_BY_FLAG, 0, 0}, NULL, message);
        if (error != TOCSIN_OK)
            return error;
    }
    return TOCSIN_OK;
}

int settings_load(struct settings *settings, char *const *argv, char *const *envp, enum settings_action *action,
                  struct text *message)
{
    struct settings_flags flags;
    int error = settings_read_flags(&flags, argv, message);
    if (error != TOCSIN_OK)
        return error;
    *action = flags.action;
    if (flags.action == SETTINGS_HELP || flags.action == SETTINGS_VERSION)
        return TOCSIN_OK;
    if (flags.config)
        error = settings_read_file(settings, flags.config, message);
    if (error == TOCSIN_OK)
        error = read_environment(settings, envp, message);
    if (error == TOCSIN_OK)
        error = read_flag_values(settings, &flags, message);
    if (error == TOCSIN_OK)
        error = work_out_log_dir(settings, envp, message);
    if (error == TOCSIN_OK)
        error = work_out_log_key(settings);
    return error == TOCSIN_OK ? settings_check(settings, message) : error;
}
