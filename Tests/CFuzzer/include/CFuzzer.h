#pragma once
#include <stddef.h>
#include <stdint.h>

// libFuzzer as a library: compiler-rt's lib/fuzzer/FuzzerInterface.h.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*test_one_input)(const uint8_t *data, size_t size));
