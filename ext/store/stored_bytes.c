/* Bytes of the store. See stored_bytes.h. */
#include "stored_bytes.h"

#include "../base/bytes.h"
#include "../base/money.h"

enum { BITS_A_BYTE = 7, MOST_BYTES_A_NUMBER = 10 };

void ph_byte_writer_end(ph_byte_writer *writer, const ph_memory *memory) {
  ph_release(memory, writer->bytes);
  *writer = (ph_byte_writer){0};
}

void ph_write_bytes(ph_byte_writer *writer, const void *bytes, size_t count, ph_status *status) {
  if (count == 0 || !ph_reserve(status, (void **)&writer->bytes, &writer->capacity, writer->count + count, 1))
    return;
  memcpy(writer->bytes + writer->count, bytes, count);
  writer->count += count;
}

void ph_write_written(ph_byte_writer *writer, const ph_byte_writer *from, size_t first, size_t count,
                      ph_status *status) {
  if (count > 0) ph_write_bytes(writer, from->bytes + first, count, status);
}

void ph_write_number(ph_byte_writer *writer, uint64_t number, ph_status *status) {
  if (!ph_reserve(status, (void **)&writer->bytes, &writer->capacity, writer->count + MOST_BYTES_A_NUMBER, 1))
    return;
  while (number >= 0x80) {
    writer->bytes[writer->count++] = (unsigned char)(number | 0x80);
    number >>= BITS_A_BYTE;
  }
  writer->bytes[writer->count++] = (unsigned char)number;
}

void ph_write_signed(ph_byte_writer *writer, int64_t number, ph_status *status) {
  uint64_t sign = number < 0 ? UINT64_MAX : 0;
  ph_write_number(writer, (uint64_t)number << 1 ^ sign, status);
}

void ph_write_text(ph_byte_writer *writer, const char *text, size_t length, ph_status *status) {
  ph_write_number(writer, length, status);
  ph_write_bytes(writer, text, length, status);
}

uint64_t ph_read_number_slowly(ph_byte_reader *reader) {
  uint64_t number = 0;
  for (unsigned shift = 0; reader->at < reader->end && shift < 64; shift += BITS_A_BYTE) {
    unsigned char byte = *reader->at++;
    if (shift == 63 && byte > 1) break;
    number |= (uint64_t)(byte & 0x7F) << shift;
    if (byte < 0x80) return number;
  }
  reader->damaged = true;
  reader->at = reader->end;
  return 0;
}

int64_t ph_read_within(ph_byte_reader *reader, int64_t base, int64_t lowest, int64_t highest) {
  int64_t offset = ph_read_signed(reader);
  if (offset >= lowest - base && offset <= highest - base) return base + offset;
  reader->damaged = true;
  return lowest;
}

const unsigned char *ph_read_bytes(ph_byte_reader *reader, size_t count) {
  const unsigned char *bytes = reader->at;
  if (count > (size_t)(reader->end - reader->at)) {
    reader->damaged = true;
    reader->at = reader->end;
    return reader->end;
  }
  reader->at += count;
  return bytes;
}

ph_text ph_read_text(ph_byte_reader *reader) {
  uint64_t length = ph_read_number(reader);
  if (length > (uint64_t)(reader->end - reader->at)) {
    reader->damaged = true;
    reader->at = reader->end;
    length = 0;
  }
  return (ph_text){(const char *)ph_read_bytes(reader, (size_t)length), (size_t)length};
}

void ph_write_amount(ph_byte_writer *writer, int64_t units, ph_status *status) {
  if (units % PH_UNITS_PER_ONE == 0) {
    int64_t whole = units / PH_UNITS_PER_ONE;
    ph_write_number(writer, ((uint64_t)whole << 1 ^ (whole < 0 ? UINT64_MAX : 0)) << 1, status);
  } else {
    ph_write_number(writer, 1, status);
    ph_write_signed(writer, units, status);
  }
}

int64_t ph_read_amount(ph_byte_reader *reader) {
  uint64_t number = ph_read_number(reader);
  if (number == 1) return ph_read_signed(reader);
  uint64_t folded = number >> 1;
  int64_t whole = (int64_t)(folded >> 1 ^ (0 - (folded & 1)));
  if ((number & 1) == 0 && whole >= INT64_MIN / PH_UNITS_PER_ONE && whole <= INT64_MAX / PH_UNITS_PER_ONE)
    return whole * PH_UNITS_PER_ONE;
  reader->damaged = true;
  return 0;
}

static uint64_t word_at(const unsigned char *bytes) {
  uint64_t word = 0;
  for (int byte = 0; byte < PH_WORD_BYTES; byte++) word |= (uint64_t)bytes[byte] << (8 * byte);
  return word;
}

uint64_t ph_checksum(uint64_t seed, const void *bytes, size_t count) {
  const unsigned char *at = bytes;
  uint64_t sum = ph_mix(seed, count), last = 0;
  for (; count >= PH_WORD_BYTES; count -= PH_WORD_BYTES, at += PH_WORD_BYTES) sum = ph_mix(sum, word_at(at));
  for (size_t byte = 0; byte < count; byte++) last |= (uint64_t)at[byte] << (8 * byte);
  return ph_mix(ph_mix(sum, last), seed);
}
