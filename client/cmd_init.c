/* tocsin init: a broker that is safe to open to a network, set up in one folder: its key, an admin's and a first client's,
 * the access file and the configuration. Nothing is ever overwritten: when one of the files is there, nothing is done, and
 * what was begun and failed is taken away again. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/command.h"
#include "client/complain.h"
#include "client/out.h"
#include "client/tocsin_curve.h"
#include "client/write_all.h"
#include "proto/text.h"

#define PATH_ROOM (PATH_MAX + 64)

/* As root the broker's files are given to this user, where there is one. */
#define SERVICE_USER "tocsin"

/* All that is made; of keys the public file is named. */
static const char *const names[] = {"broker.key", "broker.key_secret", "admin.key",   "admin.key_secret",
                                    "client.key", "client.key_secret", "access.yaml", "tocsind.yaml"};
#define NAME_COUNT (sizeof names / sizeof *names)

/* What the broker itself must be able to read. */
static const char *const of_broker[] = {"broker.key_secret", "access.yaml", "tocsind.yaml"};

struct setup {
    char dir[PATH_MAX];
    struct tocsin_key broker;
    struct tocsin_key admin;
    struct tocsin_key client;
};

static const char *path_of(const struct setup *setup, const char *name, char path[PATH_ROOM])
{
    snprintf(path, PATH_ROOM, "%s/%s", setup->dir, name);
    return path;
}

/* --- the folder --- */

/* The folder when none is named. */
static bool default_dir(char *out, size_t size)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (geteuid() == 0)
        return snprintf(out, size, "/etc/tocsin") < (int)size;
    if (config && config[0] == '/')
        return snprintf(out, size, "%s/tocsin", config) < (int)size;
    return home && home[0] == '/' && snprintf(out, size, "%s/.config/tocsin", home) < (int)size;
}

/* Makes the folder and those above it. */
static bool make_dir(char *dir)
{
    for (char *slash = strchr(dir + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool is_there = mkdir(dir, 0755) == 0 || errno == EEXIST;
        *slash = '/';
        if (!is_there)
            return false;
    }
    return mkdir(dir, 0750) == 0 || errno == EEXIST;
}

static bool is_printable(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return false;
    }
    return true;
}

static int find_dir(struct setup *setup, const struct options *options)
{
    char dir[PATH_MAX];
    bool is_named = options->operand_count == 1;
    if (options->operand_count > 1 || (is_named && !*options->operands[0])) {
        complain("one folder at most (tocsin help init)");
        return EXIT_CODE_USAGE;
    }
    if (is_named ? snprintf(dir, sizeof dir, "%s", options->operands[0]) >= (int)sizeof dir
                 : !default_dir(dir, sizeof dir)) {
        complain("which folder? Name one");
        return EXIT_CODE_USAGE;
    }
    if (!is_printable(dir)) {
        complain("%s: control characters in a path: no", dir);
        return EXIT_CODE_USAGE;
    }
    if (make_dir(dir) && realpath(dir, setup->dir))
        return EXIT_CODE_OK;
    complain("%s: %s", dir, strerror(errno));
    return EXIT_CODE_FAILED;
}

static bool is_empty(const struct setup *setup)
{
    char path[PATH_ROOM];
    struct stat stat;
    for (size_t i = 0; i < NAME_COUNT; i++) {
        if (lstat(path_of(setup, names[i], path), &stat) == 0) {
            complain("%s is there already, and nothing is ever overwritten: name another folder, or move it away",
                     path);
            return false;
        }
    }
    return true;
}

/* --- the files --- */

static bool write_key(const struct setup *setup, struct tocsin_key *key, const char *name)
{
    char path[PATH_ROOM], file[64], error[PATH_ROOM + 256] = "libzmq makes no keys";
    snprintf(file, sizeof file, "%s.key", name);
    if (tocsin_key_make(key) == TOCSIN_OK &&
        tocsin_key_write(key, path_of(setup, file, path), name, error, sizeof error) == TOCSIN_OK)
        return true;
    complain("%s", error);
    return false;
}

static bool write_file(const struct setup *setup, const char *name, const struct text *text)
{
    char path[PATH_ROOM];
    int fd = text->failed
                 ? -1
                 : open(path_of(setup, name, path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (text->failed)
        errno = ENOMEM;
    bool is_written = fd >= 0 && write_all(fd, text_span(text)) && fsync(fd) == 0;
    int error = errno;
    if (fd >= 0)
        close(fd);
    if (!is_written)
        complain("%s/%s: %s", setup->dir, name, strerror(error));
    return is_written;
}

/* As YAML has it in double quotes; there are no control characters in it. */
static void put_quoted(struct text *out, const char *text)
{
    text_put_char(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            text_put_char(out, '\\');
        text_put_char(out, *text);
    }
    text_put_str(out, "\"\n");
}

static bool write_access(const struct setup *setup)
{
    struct text text;
    text_init(&text);
    text_printf(&text,
                "# Who may come in, and what he may do: docs/SECURITY.md. Read again at `systemctl reload tocsind`.\n"
                "keys:\n"
                "  - name: admin                      # everything\n"
                "    public: \"%s\"\n"
                "    publish: [\"*\"]\n"
                "    producers: [\"*\"]\n"
                "    live: true\n"
                "    read: [\"\"]\n"
                "    admin: true                      # tocsin reload\n"
                "  - name: client                     # publishes anything under its own name, and reads nothing\n"
                "    public: \"%s\"\n"
                "    publish: [\"*\"]                   # narrower, as [\"CoreEvent/sip1\", \"CoreEvent/sip1/*\"]\n",
                setup->admin.public_key, setup->client.public_key);
    bool is_written = write_file(setup, "access.yaml", &text);
    text_fini(&text);
    return is_written;
}

static bool write_config(const struct setup *setup)
{
    char path[PATH_ROOM];
    struct text text;
    text_init(&text);
    text_put_str(&text, "# All that can be set: docs/CONFIGURATION.md, or tocsind --help.\ncurve-key: ");
    put_quoted(&text, path_of(setup, "broker.key_secret", path));
    text_put_str(&text, "access: ");
    put_quoted(&text, path_of(setup, "access.yaml", path));
    text_put_str(&text, "ingest: \"tcp://*:5560\"\n"
                        "append: \"tcp://*:5561\"\n"
                        "live: \"tcp://*:5562\"\n"
                        "stream: \"tcp://*:5563\"\n");
    bool is_written = write_file(setup, "tocsind.yaml", &text);
    text_fini(&text);
    return is_written;
}

/* True also where there is nothing to give away. */
static bool give_to_service(const struct setup *setup)
{
    const struct passwd *user = geteuid() == 0 ? getpwnam(SERVICE_USER) : NULL;
    char path[PATH_ROOM];
    for (size_t i = 0; user && i < sizeof of_broker / sizeof *of_broker; i++) {
        if (lchown(path_of(setup, of_broker[i], path), user->pw_uid, user->pw_gid) != 0) {
            complain("%s: cannot be given to the user %s: %s", path, SERVICE_USER, strerror(errno));
            return false;
        }
    }
    return !user || lchown(setup->dir, 0, user->pw_gid) == 0;
}

static bool write_files(struct setup *setup)
{
    if (write_key(setup, &setup->broker, "broker") && write_key(setup, &setup->admin, "admin") &&
        write_key(setup, &setup->client, "client") && write_access(setup) && write_config(setup) &&
        give_to_service(setup))
        return true;
    char path[PATH_ROOM];
    for (size_t i = 0; i < NAME_COUNT; i++) /* none was there before */
        unlink(path_of(setup, names[i], path));
    return false;
}

/* --- */

static int tell(const struct setup *setup, bool is_quiet)
{
    char host[HOST_NAME_MAX + 1] = "HOST";
    gethostname(host, sizeof host - 1);
    if (!is_quiet) {
        complain("%s is ready. Start the broker: tocsind -c %s/tocsind.yaml", setup->dir, setup->dir);
        complain(
            "an admin's key is admin.key_secret, a first client's client.key_secret: take them to where they are used");
        complain("and this is what a client needs beside its key:");
    }
    return out_line("tocsin pub -s %s --key client.key_secret --server-key '%s' -t Test/me -y Hello -m hello", host,
                    setup->broker.public_key);
}

int command_init(const struct options *options)
{
    struct setup setup = {.dir = ""};
    int code = find_dir(&setup, options);
    if (code != EXIT_CODE_OK)
        return code;
    bool is_done = is_empty(&setup) && write_files(&setup);
    code = is_done ? tell(&setup, options_has(options, OPTION_QUIET)) : EXIT_CODE_FAILED;
    explicit_bzero(&setup, sizeof setup);
    return code;
}
