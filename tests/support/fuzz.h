/* What a fuzzing target has: libFuzzer's entry points, which tests/fuzz/replay.c calls too. */
#ifndef DAYWAYS_TESTS_FUZZ_H
#define DAYWAYS_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Looks at one input; what is wrong aborts. Always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* libFuzzer's own change of an input, for targets that change inputs by their parts. */
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t len, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t len, size_t size, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *left, size_t left_len, const uint8_t *right,
                                 size_t right_len, uint8_t *ret_bytes, size_t size, unsigned seed);

#endif
