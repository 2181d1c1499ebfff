#include "client/alert/rules_file.h"
#include "client/complain.h"

bool rules_file_read_told(struct rules_file *file, const char *path)
{
    struct text message;
    text_init(&message);
    bool is_good = rules_file_read(file, path, &message);
    if (!is_good)
        complain("%.*s", (int)message.len, message.data);
    text_fini(&message);
    return is_good;
}
