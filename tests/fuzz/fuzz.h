/*
** Fuzzing: what the targets share.
**
** A target defines LLVMFuzzerTestOneInput. It is linked with libFuzzer (clang -fsanitize=fuzzer), or with
** replay_main.c, which runs a folder of inputs with any compiler.
*/
#ifndef TEST_FUZZ_FUZZ_H
#define TEST_FUZZ_FUZZ_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A database in memory with the extension, limited in memory and work. With `hostile` SQL in view it cannot
** touch the disk or lift the limits either. */
sqlite3 *fuzz_open(bool hostile);

/* Closes it; a connection that cannot be closed, or memory that is not given back, ends the process. */
void fuzz_close(sqlite3 *db);

/* Says what is wrong and aborts, so that the fuzzer keeps the input. */
#if defined(__GNUC__)
__attribute__((noreturn, format(printf, 1, 2)))
#endif
void fuzz_fail(const char *format, ...);

#endif
