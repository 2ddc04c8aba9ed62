/*
** What pipeline_connect asks of every cell of a column, as aggregates: one pass over a table answers for all
** of its columns.
**
**     SELECT pipeline_health_look("Id", 'id'), pipeline_health_look("CloseDate", 'date') FROM "Opportunity"
**     SELECT pipeline_health_repeats("Id") FROM "Opportunity"
**
** pipeline_health_look returns the bits of ph_cell_look that some cell of the column has, of those that
** matter for an 'id', a 'date' or an 'amount'. pipeline_health_repeats returns 0 where no two rows have the
** same arguments, else 1; rarely, where two hashes happen to be equal, 1 as well, so a 1 is to be looked at
** more closely. Rows with a NULL first argument do not count. Both are for these questions alone, not for
** people.
*/
#include "connect_internal.h"
#include "functions.h"

#include <stdlib.h>
#include <string.h>

static bool is_digit(char character) {
  return character >= '0' && character <= '9';
}

static bool is_letter(char character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}

/* An id is looked at up to its first letter, most often its first or fourth character. */
static unsigned look_at_id(const char *text, size_t length) {
  unsigned seen = PH_LOOK_ANY;
  size_t at = 0;
  while (at < length && !is_letter(text[at])) at++;
  bool has_letter = at < length;
  if (length >= 2 && memcmp(text + length - 2, ".0", 2) == 0) seen |= PH_LOOK_POINT_ZERO;
  if (!has_letter) seen |= PH_LOOK_NO_LETTER;
  if (has_letter && length == 18) seen |= PH_LOOK_18;
  if (has_letter && length == 15) seen |= PH_LOOK_15;
  return seen;
}

/* 2026-03-31, with whatever behind it, needs no second look. */
static unsigned look_at_date(const char *text, size_t length) {
  bool is_iso = length >= 6 && text[4] == '-' && is_digit(text[5]);
  for (size_t at = 0; at < 4 && is_iso; at++) is_iso = is_digit(text[at]);
  if (is_iso) return PH_LOOK_ANY;
  size_t digits = 0, points = 0;
  for (size_t at = 0; at < length; at++) {
    digits += is_digit(text[at]);
    points += text[at] == '.';
  }
  bool has_others = length > digits + points;
  return PH_LOOK_ANY | (digits > 0 && (has_others || points > 1) ? PH_LOOK_ODD_DATE : 0u);
}

static unsigned look_at_amount(const char *text, size_t length) {
  size_t others = 0, points = 0;
  for (size_t at = 0; at < length; at++) {
    points += text[at] == '.';
    others += !is_digit(text[at]) && text[at] != '.' && text[at] != '-';
  }
  bool ends_in_thousands = length >= 4 && text[length - 4] == '.' && is_digit(text[length - 3]) &&
                           is_digit(text[length - 2]) && is_digit(text[length - 1]);
  return PH_LOOK_ANY | (others > 0 || ends_in_thousands || points > 1 ? PH_LOOK_ODD_AMOUNT : 0u);
}

static unsigned look_at_text(const char *text, size_t length, const char *kind) {
  return *kind == 'i'   ? look_at_id(text, length)
         : *kind == 'd' ? look_at_date(text, length)
                        : look_at_amount(text, length);
}

void ph_look_step(sqlite3_context *context, int count, sqlite3_value **values) {
  unsigned *seen = sqlite3_aggregate_context(context, sizeof *seen);
  (void)count;
  if (seen == NULL) {
    sqlite3_result_error_nomem(context);
    return;
  }
  switch (sqlite3_value_type(values[0])) {
  case SQLITE_NULL: return;
  case SQLITE_FLOAT: *seen |= PH_LOOK_ANY | PH_LOOK_POINT_ZERO | PH_LOOK_NO_LETTER; return;
  case SQLITE_TEXT: {
    const char *text = (const char *)sqlite3_value_text(values[0]),
               *kind = (const char *)sqlite3_value_text(values[1]);
    if (text != NULL && kind != NULL)
      *seen |= look_at_text(text, (size_t)sqlite3_value_bytes(values[0]), kind);
    return;
  }
  default: *seen |= PH_LOOK_ANY | PH_LOOK_NO_LETTER; return;
  }
}

void ph_look_final(sqlite3_context *context) {
  const unsigned *seen = sqlite3_aggregate_context(context, 0);
  sqlite3_result_int(context, seen != NULL ? (int)*seen : 0);
}

/* -------------------------------------------------------------------------------------------- repetitions */

/* Hashes of keys, each once; 0 is an empty entry. */
typedef struct hashes {
  uint64_t *entries;
  size_t count, capacity; /* capacity: a power of two */
  bool repeats;
} hashes;

static bool add(hashes *all, uint64_t hash) {
  size_t at = (size_t)hash & (all->capacity - 1);
  for (; all->entries[at] != 0; at = (at + 1) & (all->capacity - 1))
    if (all->entries[at] == hash) return true;
  all->entries[at] = hash;
  all->count++;
  return false;
}

static bool grow(hashes *all) {
  enum { FIRST = 1024 };
  hashes wider = {.capacity = all->capacity > 0 ? all->capacity * 2 : FIRST};
  if (wider.capacity > SIZE_MAX / sizeof *wider.entries) return false;
  wider.entries = sqlite3_malloc64(wider.capacity * sizeof *wider.entries);
  if (wider.entries == NULL) return false;
  memset(wider.entries, 0, wider.capacity * sizeof *wider.entries);
  for (size_t at = 0; at < all->capacity; at++)
    if (all->entries[at] != 0) add(&wider, all->entries[at]);
  sqlite3_free(all->entries);
  all->entries = wider.entries;
  all->capacity = wider.capacity;
  return true;
}

/* FNV-1a over the bytes, with the type before them: as GROUP BY, 1 and '1' differ. */
static uint64_t hash_value(uint64_t hash, sqlite3_value *value) {
  static const uint64_t prime = 0x100000001B3u;
  int type = sqlite3_value_type(value);
  bool is_number = type == SQLITE_INTEGER || type == SQLITE_FLOAT;
  double number = is_number ? sqlite3_value_double(value) : 0;
  const unsigned char *bytes = is_number ? (const unsigned char *)&number : sqlite3_value_blob(value);
  size_t length = is_number ? sizeof number : (size_t)sqlite3_value_bytes(value);
  hash = (hash ^ (is_number ? SQLITE_FLOAT : (unsigned)type)) * prime;
  for (size_t at = 0; at < length && bytes != NULL; at++) hash = (hash ^ bytes[at]) * prime;
  return hash ^ hash >> 29;
}

void ph_repeats_step(sqlite3_context *context, int count, sqlite3_value **values) {
  hashes *all = sqlite3_aggregate_context(context, sizeof *all);
  uint64_t hash = 0xCBF29CE484222325u;
  if (all != NULL && (all->repeats || sqlite3_value_type(values[0]) == SQLITE_NULL)) return;
  if (all == NULL || (all->count * 2 >= all->capacity && !grow(all))) {
    sqlite3_result_error_nomem(context);
    return;
  }
  for (int at = 0; at < count; at++) hash = hash_value(hash, values[at]);
  all->repeats = add(all, hash != 0 ? hash : 1);
}

void ph_repeats_final(sqlite3_context *context) {
  hashes *all = sqlite3_aggregate_context(context, 0);
  sqlite3_result_int(context, all != NULL && all->repeats);
  if (all != NULL) sqlite3_free(all->entries);
}
