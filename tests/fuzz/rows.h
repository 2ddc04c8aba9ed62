/*
** Fuzzing: bytes decoded into rows of the five relations.
**
** Every sequence of bytes is some set of rows. One byte mostly decides one value, and most of its 256 values
** give something usable, so that a random input is a believable pipeline with dirt in it.
*/
#ifndef TEST_FUZZ_ROWS_H
#define TEST_FUZZ_ROWS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct byte_reader {
  const uint8_t *data;
  size_t size;
  size_t at;
} byte_reader;

/* The next byte, 0 behind the end. */
unsigned read_byte(byte_reader *input);

/* Writes a date around 2022 as YYYY-MM-DD; takes two bytes. */
enum { DATE_BYTES = 16 };
void read_plain_date(byte_reader *input, char date[DATE_BYTES]);

/* Creates the five relations and fills them until the bytes or the room for rows end. With `clean_amounts`
** no amount is negative. False when SQLite refuses, which is a mistake of the target. */
bool rows_fill(sqlite3 *db, byte_reader *input, bool clean_amounts);

#endif
