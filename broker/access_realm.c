/* The realms of the access file: a list of maps with a name and topics. */
#include <stdlib.h>

#include "broker/access_reader.h"
#include "broker/printable.h"
#include "proto/tocsin_base.h"

enum { MEMBER_NAME, MEMBER_TOPICS, MEMBER_COUNT };

struct realm {
    char name[DOOR_REALM_NAME_MAX + 1];
    struct access_list topics;
    bool seen[MEMBER_COUNT];
};

static const char *member_name(size_t i)
{
    static const char *const names[] = {"name", "topics"};
    return names[i];
}

static int read_name(struct access_reader *reader, struct realm *realm)
{
    int error = access_next_scalar(reader, "a name");
    struct span name = yaml_reader_scalar(&reader->yaml);
    if (error != TOCSIN_OK)
        return error;
    if (!access_is_name(name))
        return access_refuse_value(reader, "is no name: allowed are 1 to 64 of A-Z a-z 0-9 _ . -");
    if (access_find_realm(reader->access, name))
        return access_refuse_value(reader, "is a name that another realm has already");
    memcpy(realm->name, name.data, name.len);
    return TOCSIN_OK;
}

/* The current event is a member's name. */
static int read_member(struct access_reader *reader, struct realm *realm)
{
    int error = yaml_reader_check_scalar(&reader->yaml, "a member's name");
    int found = error == TOCSIN_OK ? access_find_name(reader, member_name, MEMBER_COUNT) : -1;
    if (found < 0)
        return error != TOCSIN_OK ? error : TOCSIN_E_SYNTAX;
    if (realm->seen[found])
        return access_refuse_value(reader, "is given twice");
    realm->seen[found] = true;
    return found == MEMBER_NAME ? read_name(reader, realm) : access_read_list(reader, &realm->topics);
}

static int add(struct access_reader *reader, const struct realm *realm)
{
    if (!realm->seen[MEMBER_NAME] || realm->topics.count == 0)
        return access_refuse(reader, "the realm that ends here lacks its name or its topics");
    int error = access_add_realm(reader->access, span_of_str(realm->name), &realm->topics);
    return error == TOCSIN_E_FULL ? access_refuse(reader, "one realm more than 8, which is the most") : error;
}

static int read_realm(struct access_reader *reader)
{
    struct realm realm = {.name = ""};
    int error = access_check_map(reader, "a realm must stand here: a map with name and topics");
    while (error == TOCSIN_OK && (error = yaml_reader_next(&reader->yaml)) == TOCSIN_OK &&
           reader->yaml.event.type != YAML_MAPPING_END_EVENT)
        error = read_member(reader, &realm);
    if (error == TOCSIN_OK)
        error = add(reader, &realm);
    access_list_free(&realm.topics);
    return error;
}

int access_read_realms(struct access_reader *reader)
{
    int error = yaml_reader_next(&reader->yaml);
    if (error == TOCSIN_OK)
        error = access_check_list(reader, "realms must be a list");
    while (error == TOCSIN_OK && (error = yaml_reader_next(&reader->yaml)) == TOCSIN_OK &&
           reader->yaml.event.type != YAML_SEQUENCE_END_EVENT)
        error = read_realm(reader);
    return error;
}
