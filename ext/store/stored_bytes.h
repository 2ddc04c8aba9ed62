/*
** Bytes of the store: numbers and texts written one behind the other, the same on every machine.
**
** A number is written in groups of seven bits, the lowest first, with the high bit set but in the last byte
** (LEB128); a signed number is folded first, so that small negative numbers stay short (0, -1, 1, -2 ...
** become 0, 1, 2, 3 ...). A reader never reads beyond its bytes: behind a failure it gives zeros, and
** `damaged` stays set.
*/
#ifndef PH_STORE_STORED_BYTES_H
#define PH_STORE_STORED_BYTES_H

#include "../base/intern.h"

typedef struct ph_byte_writer {
  unsigned char *bytes;
  size_t count, capacity;
} ph_byte_writer;

/* The bytes are a block of the status's memory. */
void ph_byte_writer_end(ph_byte_writer *writer, const ph_memory *memory);
void ph_write_bytes(ph_byte_writer *writer, const void *bytes, size_t count, ph_status *status);
/* So many bytes of another writer, from one of them on; without any, that writer may have no memory yet. */
void ph_write_written(ph_byte_writer *writer, const ph_byte_writer *from, size_t first, size_t count,
                      ph_status *status);
void ph_write_number(ph_byte_writer *writer, uint64_t number, ph_status *status);
void ph_write_signed(ph_byte_writer *writer, int64_t number, ph_status *status);
/* An amount in units of 1/10,000. A whole number of money is written without its fraction: twice the number;
** before any other amount stands a 1. */
void ph_write_amount(ph_byte_writer *writer, int64_t units, ph_status *status);
/* Its length and its bytes. */
void ph_write_text(ph_byte_writer *writer, const char *text, size_t length, ph_status *status);

typedef struct ph_byte_reader {
  const unsigned char *at, *end;
  bool damaged;
} ph_byte_reader;

/* A reader of so many bytes; NULL, which a blob without bytes or without memory is, has none. */
static inline ph_byte_reader ph_byte_reader_of(const void *bytes, size_t size) {
  ph_byte_reader reader = {bytes, bytes, false};
  if (bytes != NULL) reader.end += size;
  return reader;
}

uint64_t ph_read_number_slowly(ph_byte_reader *reader);
static inline uint64_t ph_read_number(ph_byte_reader *reader) {
  if (reader->at < reader->end && *reader->at < 0x80) return *reader->at++;
  return ph_read_number_slowly(reader);
}
/* A number below a limit, which is not 0; else the bytes are damaged, and 0. */
static inline uint32_t ph_read_below(ph_byte_reader *reader, uint64_t limit) {
  uint64_t number = ph_read_number(reader);
  if (number < limit) return (uint32_t)number;
  reader->damaged = true;
  return 0;
}
static inline int64_t ph_read_signed(ph_byte_reader *reader) {
  uint64_t folded = ph_read_number(reader);
  return (int64_t)(folded >> 1 ^ (0 - (folded & 1)));
}
int64_t ph_read_amount(ph_byte_reader *reader);
/* A number from lowest to highest; else the bytes are damaged, and lowest. */
int64_t ph_read_within(ph_byte_reader *reader, int64_t base, int64_t lowest, int64_t highest);
/* The bytes that follow, which stay where they are. */
const unsigned char *ph_read_bytes(ph_byte_reader *reader, size_t count);
ph_text ph_read_text(ph_byte_reader *reader);

/* A hash of bytes in 64 bits, begun with a number that says what the bytes are. Equal on every machine. */
uint64_t ph_checksum(uint64_t seed, const void *bytes, size_t count);

#endif
