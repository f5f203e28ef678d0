/* Files that are only in memory, for what reads a file by its path. */
#ifndef DAYWAYS_TESTS_MEMORY_FILE_H
#define DAYWAYS_TESTS_MEMORY_FILE_H

#include <stddef.h>
#include <stdio.h>

/* The path of a file with these bytes, until the next call. */
const char *memory_file(const void *bytes, size_t len);

/* A file to write to, which nobody reads; always the same one. */
FILE *memory_file_out(void);

#endif
