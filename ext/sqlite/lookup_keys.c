/* Keys of the tables that views look up in. See lookup_keys.h. */
#include "lookup_keys.h"

#include "../base/bytes.h"
#include "../history/history.h"

#include <string.h>

void ph_lookup_keys_begin(ph_lookup_keys *keys, ph_status *status) {
  memset(keys, 0, sizeof *keys);
  keys->status = status;
  ph_interner_begin(&keys->names, status);
}

void ph_lookup_keys_end(ph_lookup_keys *keys) {
  const ph_memory *memory = keys->status->memory;
  ph_interner_end(&keys->names, memory);
  ph_release(memory, keys->growing);
  ph_release(memory, keys->integers);
  ph_release(memory, keys->numbers);
}

/* Whether a key is an integer: 41, '41', and as data frames write it where some are missing: 41.0, '41.0'. */
static bool is_integer(sqlite3_value *value, int64_t *integer) {
  switch (sqlite3_value_type(value)) {
  case SQLITE_INTEGER: *integer = sqlite3_value_int64(value); return true;
  case SQLITE_FLOAT: {
    double number = sqlite3_value_double(value);
    if (!(number > -9e15 && number < 9e15)) return false;
    *integer = (int64_t)number;
    return (double)*integer == number;
  }
  case SQLITE_TEXT: {
    ph_text text = ph_host_text(value);
    if (text.length > 2 && memcmp(text.text + text.length - 2, ".0", 2) == 0) text.length -= 2;
    return ph_id_is_integer(text.text, text.length, integer);
  }
  default: return false;
  }
}

/* --------------------------------------------------------------------------------------- growing integers */

/* Where an integer stands among growing ones; `count` where it does not. Most often that is where the last
** one was found or the next place, or, of ids without a gap, as far from the first place as it is from the
** first id. Else the steps from the last place double until they are too far. */
static size_t find_growing(ph_lookup_keys *keys, int64_t integer) {
  const int64_t *all = keys->growing;
  size_t count = keys->count, at = keys->found;
  if (count == 0 || integer < all[0] || integer > all[count - 1]) return count;
  if (all[at] == integer) return at;
  if (at + 1 < count && all[at + 1] == integer) return keys->found = at + 1;
  uint64_t distance = (uint64_t)integer - (uint64_t)all[0];
  if (distance < count && all[distance] == integer) return keys->found = (size_t)distance;
  size_t from = 0, to = count; /* all[from] <= integer < all[to] */
  if (all[at] < integer) {
    size_t step = 1;
    for (from = at; step < count - from && all[from + step] <= integer; step *= 2) from += step;
    if (step < count - from) to = from + step;
  } else {
    to = at;
  }
  while (to - from > 1) {
    size_t middle = from + (to - from) / 2;
    if (all[middle] <= integer) {
      from = middle;
    } else {
      to = middle;
    }
  }
  keys->found = from;
  return all[from] == integer ? from : count;
}

/* ---------------------------------------------------------------------------------- integers in any order */

/* The entry that holds an integer, or the empty one where it belongs. */
static ph_integer_key *find_integer(const ph_lookup_keys *keys, int64_t integer) {
  size_t mask = keys->integer_capacity - 1, at = (size_t)ph_mix(0, (uint64_t)integer) & mask;
  while (keys->integers[at].number != 0 && keys->integers[at].integer != integer) at = (at + 1) & mask;
  return &keys->integers[at];
}

/* Makes place for `needed` integers, half of the table staying empty. */
static bool grow_integers(ph_lookup_keys *keys, size_t needed) {
  enum { FIRST = 256 };
  ph_lookup_keys wider = {.integer_capacity = keys->integer_capacity > 0 ? keys->integer_capacity : FIRST};
  while (wider.integer_capacity / 2 < needed) wider.integer_capacity *= 2;
  wider.integers = ph_allocate_zeroed(keys->status, wider.integer_capacity, sizeof *wider.integers);
  if (wider.integers == NULL) return false;
  for (size_t at = 0; at < keys->integer_capacity; at++)
    if (keys->integers[at].number != 0)
      *find_integer(&wider, keys->integers[at].integer) = keys->integers[at];
  ph_release(keys->status->memory, keys->integers);
  keys->integers = wider.integers;
  keys->integer_capacity = wider.integer_capacity;
  return true;
}

/* Moves growing integers to the hash table. */
static bool spread(ph_lookup_keys *keys) {
  if (!grow_integers(keys, (size_t)keys->count + 1)) return false;
  for (uint32_t number = 1; number <= keys->count; number++) {
    int64_t integer = keys->growing[number - 1];
    *find_integer(keys, integer) = (ph_integer_key){integer, number};
  }
  keys->integer_count = keys->count;
  ph_release(keys->status->memory, keys->growing);
  keys->growing = NULL;
  keys->is_spread = true;
  return true;
}

static uint32_t add_integer(ph_lookup_keys *keys, int64_t integer) {
  if (keys->integer_count * 2 >= keys->integer_capacity && !grow_integers(keys, keys->integer_count + 1))
    return 0;
  ph_integer_key *key = find_integer(keys, integer);
  if (key->number == 0) {
    *key = (ph_integer_key){integer, ++keys->count};
    keys->integer_count++;
  }
  return key->number;
}

static uint32_t add_growing(ph_lookup_keys *keys, int64_t integer) {
  uint32_t count = keys->count;
  if (count > 0 && integer == keys->growing[count - 1]) return count;
  if (count > 0 && integer < keys->growing[count - 1]) return spread(keys) ? add_integer(keys, integer) : 0;
  if (!ph_reserve(keys->status, (void **)&keys->growing, &keys->growing_capacity, (size_t)count + 1,
                  sizeof *keys->growing))
    return 0;
  keys->growing[count] = integer;
  return ++keys->count;
}

/* -------------------------------------------------------------------------------------------------- names */

static uint32_t add_name(ph_lookup_keys *keys, sqlite3_value *value) {
  ph_text text = ph_host_text(value);
  if (text.length == 0 || *text.text == 0 || (!keys->is_spread && !spread(keys))) return 0;
  uint32_t name = ph_intern(&keys->names, text.text, text.length, keys->status);
  if (!ph_reserve(keys->status, (void **)&keys->numbers, &keys->number_capacity, (size_t)name + 1,
                  sizeof *keys->numbers))
    return 0;
  while (keys->number_count <= name) keys->numbers[keys->number_count++] = 0;
  if (keys->numbers[name] == 0) keys->numbers[name] = ++keys->count;
  return keys->numbers[name];
}

uint32_t ph_lookup_keys_add(ph_lookup_keys *keys, sqlite3_value *key) {
  int64_t integer;
  if (ph_failed(keys->status)) return 0;
  if (!is_integer(key, &integer)) return add_name(keys, key);
  return keys->is_spread ? add_integer(keys, integer) : add_growing(keys, integer);
}

uint32_t ph_lookup_keys_find(ph_lookup_keys *keys, sqlite3_value *key) {
  int64_t integer;
  if (is_integer(key, &integer)) {
    if (keys->is_spread) return find_integer(keys, integer)->number;
    size_t at = find_growing(keys, integer);
    return at < keys->count ? (uint32_t)at + 1 : 0;
  }
  ph_text text = ph_host_text(key);
  uint32_t name = text.length > 0 && *text.text != 0 ? ph_interned(&keys->names, text.text, text.length) : 0;
  return name < keys->number_count ? keys->numbers[name] : 0;
}
