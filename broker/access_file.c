/* The happy path: a map with the member `keys`, a list of maps, each of them a key, and before it maybe `realms`. What
 * is wrong with any of them ends it with a sentence. */
#include "broker/access_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/access_reader.h"
#include "broker/printable.h"
#include "proto/tocsin_base.h"

static const char *const field_names[] = {
#define ACCESS_FIELD(name, help) #name,
#include "broker/access_field.def"
};

static const char *field_name(size_t i)
{
    return field_names[i];
}

static int (*const field_readers[])(struct access_reader *reader) = {
#define ACCESS_FIELD(name, help) access_read_##name,
#include "broker/access_field.def"
};

/* The current event is a member's name. */
static int read_member(struct access_reader *reader)
{
    int error = yaml_reader_check_scalar(&reader->yaml, "a member's name");
    int found = error == TOCSIN_OK ? access_find_name(reader, field_name, ACCESS_FIELD_COUNT) : -1;
    if (found < 0)
        return error != TOCSIN_OK ? error : TOCSIN_E_SYNTAX;
    if (reader->seen[found])
        return access_refuse_value(reader, "is given twice");
    reader->seen[found] = true;
    return field_readers[found](reader);
}

static int add_key(struct access_reader *reader)
{
    const struct access_key *other;
    if (!reader->seen[ACCESS_FIELD_name] || !reader->seen[ACCESS_FIELD_public])
        return access_refuse(reader, "the key that ends here lacks its name or its public key");
    if (reader->key.not_before >= reader->key.not_after)
        return access_refuse(reader, "the key that ends here is never valid: not_after is not later than not_before");
    reader->key.line = reader->line;
    struct access_key key = reader->key;
    reader->key = (struct access_key){.line = 0};
    int error = access_add(reader->access, &key, &other);
    if (error == TOCSIN_E_FULL)
        return access_refuse(reader, "one key more than 100000, which is the most");
    if (error == TOCSIN_E_LOCKED) {
        yaml_reader_put_place(&reader->yaml);
        text_printf(reader->yaml.message, "the public key of %s is that of %s in line %zu", key.name, other->name,
                    other->line);
        return TOCSIN_E_SYNTAX;
    }
    return error;
}

static int read_key(struct access_reader *reader)
{
    reader->key = (struct access_key){.replay = true, .not_after = UINT64_MAX};
    reader->line = yaml_reader_line(&reader->yaml);
    memset(reader->seen, 0, sizeof reader->seen);
    int error = access_check_map(reader, "a key must stand here: a map with name, public and its rights");
    while (error == TOCSIN_OK && (error = yaml_reader_next(&reader->yaml)) == TOCSIN_OK &&
           reader->yaml.event.type != YAML_MAPPING_END_EVENT)
        error = read_member(reader);
    return error == TOCSIN_OK ? add_key(reader) : error;
}

static int read_keys(struct access_reader *reader)
{
    int error = yaml_reader_next(&reader->yaml);
    if (error == TOCSIN_OK)
        error = access_check_list(reader, "keys must be a list");
    if (error != TOCSIN_OK)
        return error;
    while ((error = yaml_reader_next(&reader->yaml)) == TOCSIN_OK &&
           reader->yaml.event.type != YAML_SEQUENCE_END_EVENT) {
        error = read_key(reader);
        if (error != TOCSIN_OK)
            return error;
    }
    return error;
}

/* The current event is a member's name. */
static int read_root_member(struct access_reader *reader, bool seen[2])
{
    int error = yaml_reader_check_scalar(&reader->yaml, "a name");
    bool is_keys = error == TOCSIN_OK && span_is(yaml_reader_scalar(&reader->yaml), "keys");
    bool is_realms = error == TOCSIN_OK && span_is(yaml_reader_scalar(&reader->yaml), "realms");
    if (error != TOCSIN_OK)
        return error;
    if ((!is_keys && !is_realms) || seen[is_keys])
        return access_refuse_value(reader, "is not allowed here: the file has keys, and before them maybe realms");
    if (is_realms && seen[1])
        return access_refuse_value(reader, "must stand before the keys");
    seen[is_keys] = true;
    return is_keys ? read_keys(reader) : access_read_realms(reader);
}

static int read_root(void *arg)
{
    struct access_reader *reader = arg;
    bool seen[2] = {false, false}; /* realms, keys */
    int error;
    while ((error = yaml_reader_next(&reader->yaml)) == TOCSIN_OK &&
           reader->yaml.event.type != YAML_MAPPING_END_EVENT) {
        error = read_root_member(reader, seen);
        if (error != TOCSIN_OK)
            return error;
    }
    return error;
}

int access_file_parse(struct access **access, struct span yaml, const char *file, struct text *message)
{
    struct access_reader reader = {
        .yaml = {.file = file,
                 .yaml = yaml,
                 .message = message,
                 .allowed = "the file must hold `keys:` and a list of keys (docs/SECURITY.md)"},
        .access = access_new(),
        .names = name_map_new(0),
    };
    int error = reader.access && reader.names ? TOCSIN_OK : TOCSIN_E_NOMEM;
    if (error == TOCSIN_OK)
        error = yaml_reader_read(&reader.yaml, read_root, &reader);
    access_key_fini(&reader.key);
    name_map_free(&reader.names);
    if (error != TOCSIN_OK)
        access_free(&reader.access);
    *access = reader.access;
    return error;
}

/* Who can change the file can give himself rights. */
static const char *what_is_wrong(const struct stat *stat)
{
    if (!S_ISREG(stat->st_mode))
        return "is no plain file";
    if ((stat->st_mode & S_IWOTH) != 0)
        return "can be changed by everybody: chmod o-w it";
    return stat->st_size > (off_t)ACCESS_FILE_MAX ? "is larger than 64 MiB" : NULL;
}

static int complain(struct text *message, const char *path, const char *what, int code)
{
    text_put_str(message, "access file ");
    printable_quote(message, span_of_str(path));
    text_printf(message, " %s", what);
    return code;
}

int access_file_read(struct access **access, const char *path, struct text *message)
{
    struct text content;
    struct stat stat;
    *access = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return complain(message, path, strerror(errno), TOCSIN_E_IO);
    text_init(&content);
    const char *wrong = fstat(fd, &stat) == 0 ? what_is_wrong(&stat) : strerror(errno);
    ssize_t got = wrong ? 0 : 1;
    while (got > 0 && content.len <= ACCESS_FILE_MAX && text_reserve(&content, 65536)) {
        got = read(fd, content.data + content.len, 65536);
        content.len += got > 0 ? (size_t)got : 0;
    }
    if (got < 0)
        wrong = strerror(errno);
    close(fd);
    int result = TOCSIN_OK;
    if (wrong)
        result = complain(message, path, wrong, TOCSIN_E_IO);
    else if (content.failed)
        result = TOCSIN_E_NOMEM;
    else
        result = access_file_parse(access, text_span(&content), path, message);
    text_fini(&content);
    return result;
}
