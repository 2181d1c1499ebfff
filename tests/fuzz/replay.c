/* The main of a fuzz target where there is no libFuzzer: runs it over the files of the directories that are named. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In memory of the exact size, so that a sanitizer sees a byte read beyond it. */
static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct stat status;
    if (!file || fstat(fileno(file), &status) != 0) {
        perror(path);
        return 1;
    }
    size_t size = (size_t)status.st_size;
    uint8_t *data = malloc(size > 0 ? size : 1);
    if (!data || fread(data, 1, size, file) != size) {
        perror(path);
        return 1;
    }
    fclose(file);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 0;
}

static int replay_directory(const char *name, unsigned *count)
{
    DIR *directory = opendir(name);
    if (!directory) {
        perror(name);
        return 1;
    }
    int failed = 0;
    for (struct dirent *entry; (entry = readdir(directory)) && !failed;) {
        char path[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", name, entry->d_name);
        failed = replay_file(path);
        ++*count;
    }
    closedir(directory);
    return failed;
}

int main(int argc, char **argv)
{
    unsigned count = 0;
    for (int i = 1; i < argc; i++)
        if (replay_directory(argv[i], &count))
            return EXIT_FAILURE;
    printf("%u inputs\n", count);
    return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
