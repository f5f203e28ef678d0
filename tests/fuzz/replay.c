/* Runs a fuzzing target, without libFuzzer, on the inputs kept for it: all files of tests/fuzz/corpus/TARGET, or those named on
 * the command line. Proves that what fuzzing has reached and found stays right; fails when there is no input at all. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "tests/support/fuzz.h"

static int run_file(const char *path)
{
    FILE *file = fopen(path, "re");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        perror(path);
        return -1;
    }
    const long size = ftell(file);
    uint8_t *bytes = malloc((size_t)size); /* to the byte, so that a sanitizer sees the end */
    rewind(file);
    const size_t len = fread(bytes, 1, (size_t)size, file);
    fclose(file);
    fprintf(stderr, "%s\n", path); /* the last one is the one that ends it */
    (void)LLVMFuzzerTestOneInput(bytes, len);
    free(bytes);
    return 0;
}

static int run_folder(const char *path)
{
    int count = 0;
    DIR *folder = opendir(path);
    const struct dirent *entry;
    while (folder != NULL && count >= 0 && (entry = readdir(folder)) != NULL) {
        char name[1024];
        if (entry->d_name[0] == '.')
            continue;
        (void)text_format(name, sizeof name, "%s/%s", path, entry->d_name);
        count = run_file(name) < 0 ? -1 : count + 1;
    }
    if (folder != NULL)
        closedir(folder);
    return count;
}

/* Only libFuzzer changes inputs. */
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t len, size_t size)
{
    (void)bytes, (void)size;
    return len;
}

int main(int argc, char **argv)
{
    char path[512];
    const char *slash = strrchr(argv[0], '/');
    for (int at = 1; at < argc; at++)
        if (run_file(argv[at]) < 0)
            return 1;
    if (argc > 1)
        return 0;
    (void)text_format(path, sizeof path, "tests/fuzz/corpus/%s",
                      slash == NULL ? argv[0] : slash + 1);
    const int count = run_folder(path);
    printf("%s: %d inputs\n", path, count);
    return count > 0 ? 0 : 1;
}
