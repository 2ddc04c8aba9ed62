/*
** Short runs of bytes: loaded in whole words, compared and hashed. Inline: names, kinds, dates and ids
** of every row pass through here, and a call costs more than the work.
*/
#ifndef PH_BASE_BYTES_H
#define PH_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { PH_WORD_BYTES = 8 };

static inline uint64_t ph_load_word(const char *bytes) {
  uint64_t word;
  memcpy(&word, bytes, sizeof word);
  return word;
}

static inline uint32_t ph_load_half_word(const char *bytes) {
  uint32_t half;
  memcpy(&half, bytes, sizeof half);
  return half;
}

/* The bytes of a run shorter than a word as one; with its length it is the run. Two halves may overlap. */
static inline uint64_t ph_load_short(const char *bytes, size_t length) {
  uint64_t word = 0;
  if (length >= 4) return (uint64_t)ph_load_half_word(bytes) << 32 | ph_load_half_word(bytes + length - 4);
  for (size_t index = 0; index < length; index++) word = word << 8 | (unsigned char)bytes[index];
  return word;
}

/* True when two runs of the same length are the same. Up to two words without a call. */
static inline bool ph_same_bytes(const char *left, const char *right, size_t length) {
  if (length < PH_WORD_BYTES) return ph_load_short(left, length) == ph_load_short(right, length);
  if (length > 2 * PH_WORD_BYTES) return memcmp(left, right, length) == 0;
  size_t last = length - PH_WORD_BYTES;
  return ph_load_word(left) == ph_load_word(right) && ph_load_word(left + last) == ph_load_word(right + last);
}

/* Mixes a word into a hash by a multiplication (Fibonacci hashing; Knuth, The Art of Computer Programming 3,
** section 6.4). */
static inline uint64_t ph_mix(uint64_t hash, uint64_t word) {
  hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
  return hash ^ hash >> 32;
}

#endif
