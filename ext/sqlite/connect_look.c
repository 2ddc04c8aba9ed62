/*
** What pipeline_connect asks of every cell of a table, as aggregates: one pass answers for all columns.
**
**     SELECT pipeline_health_look('Id', 'Id', "Id", "CloseDate") FROM "Opportunity"
**     SELECT pipeline_health_repeats("Id") FROM "Opportunity"
**
** pipeline_health_look is given a letter for each cell: i, d, m or t where it is looked at as an id, a date,
** an amount of money or a label, - where it is not, I or = where it is part of the key, = as no id; then what
** the first cell is in a row that repeats the header, then the cells. It returns words with a blank between:
** how many rows there are, how many of them repeat the header, whether keys repeat (2: not known), and for
** each cell the bits of ph_cell_look that some row has, of those that matter for its letter. Behind the bits
** of a date stands the greatest day of those that begin as ISO dates do, - where there is none; behind those
** of a label how many different texts there are and each of them, in the order of the rows, as LENGTH:TEXT;
** -1 where they are more than PH_MOST_LABELS or some are no texts.
**
** Keys repeat where two rows have the same, whatever the spelling of an id. pipeline_health_repeats returns
** the same of its arguments alone. 0 is certain; where it is 1 the keys may be different nevertheless: two
** hashes happened to be equal, or what differs is more than the spelling. Rows with a NULL in the first cell
** of the key do not count. Both are for these questions alone, not for people.
*/
#include "connect_internal.h"
#include "functions.h"
#include "../base/bytes.h"
#include "../base/intern.h"

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
  if (length == 0) seen |= PH_LOOK_EMPTY;
  if (has_letter && length == 18) seen |= PH_LOOK_18;
  if (has_letter && length == 15) seen |= PH_LOOK_15;
  return seen;
}

/* 2026-03-31, with whatever behind it. */
static bool is_iso(const char *text, size_t length) {
  bool is = length >= 6 && text[4] == '-' && is_digit(text[5]);
  for (size_t at = 0; at < 4 && is; at++) is = is_digit(text[at]);
  return is;
}

static unsigned look_at_iso(const char *text, size_t length) {
  if (is_iso(text, length)) return PH_LOOK_ANY;
  size_t digits = 0, points = 0;
  for (size_t at = 0; at < length; at++) {
    digits += is_digit(text[at]);
    points += text[at] == '.';
  }
  bool has_others = length > digits + points;
  return PH_LOOK_ANY | (digits > 0 && (has_others || points > 1) ? PH_LOOK_ODD_DATE : 0u);
}

/* 44927 is 2023-01-01 in a spreadsheet. */
static unsigned look_at_serial(double days) {
  return days >= PH_SERIAL_FIRST && days < PH_SERIAL_END ? PH_LOOK_SERIAL : PH_LOOK_OTHER_DATE;
}

/* Five digits, and parts of the day behind a point or a comma. */
static bool is_serial_text(const char *text, size_t length) {
  enum { DIGITS = 5 };
  bool is_number = length >= DIGITS && (length == DIGITS || text[DIGITS] == '.' || text[DIGITS] == ',');
  int days = 0;
  for (size_t at = 0; at < length && is_number; at++) {
    is_number = at == DIGITS || is_digit(text[at]);
    if (at < DIGITS) days = days * 10 + (text[at] - '0');
  }
  return is_number && look_at_serial(days) == PH_LOOK_SERIAL;
}

static unsigned look_at_date(const char *text, size_t length) {
  if (length == 0) return PH_LOOK_ANY | PH_LOOK_EMPTY;
  if (is_serial_text(text, length)) return PH_LOOK_ANY | PH_LOOK_TIME | PH_LOOK_SERIAL;
  return look_at_iso(text, length) | (length != 10 ? PH_LOOK_TIME : 0u) |
         (is_digit(text[0]) ? PH_LOOK_OTHER_DATE : 0u);
}

static unsigned look_at_amount(const char *text, size_t length) {
  if (length == 0) return PH_LOOK_ANY | PH_LOOK_EMPTY;
  size_t others = 0, points = 0;
  for (size_t at = 0; at < length; at++) {
    points += text[at] == '.';
    others += !is_digit(text[at]) && text[at] != '.' && text[at] != '-';
  }
  bool ends_in_thousands = length >= 4 && text[length - 4] == '.' && is_digit(text[length - 3]) &&
                           is_digit(text[length - 2]) && is_digit(text[length - 1]);
  return PH_LOOK_ANY | (others > 0 || ends_in_thousands || points > 1 ? PH_LOOK_ODD_AMOUNT : 0u);
}

static unsigned look_at_text(const char *text, size_t length, char letter) {
  switch (letter) {
  case 'i':
  case 'I': return look_at_id(text, length) | PH_LOOK_TEXT;
  case 'd': return look_at_date(text, length);
  case 'm': return look_at_amount(text, length);
  default: return length == 0 ? PH_LOOK_ANY | PH_LOOK_EMPTY : PH_LOOK_ANY | PH_LOOK_TEXT;
  }
}

static unsigned look_at_cell(sqlite3_value *cell, char letter) {
  switch (sqlite3_value_type(cell)) {
  case SQLITE_NULL: return PH_LOOK_NULL;
  case SQLITE_INTEGER:
    return PH_LOOK_ANY | PH_LOOK_NO_LETTER | PH_LOOK_INTEGER | PH_LOOK_TIME |
           look_at_serial(sqlite3_value_double(cell));
  case SQLITE_FLOAT:
    return PH_LOOK_ANY | PH_LOOK_POINT_ZERO | PH_LOOK_NO_LETTER | PH_LOOK_TIME |
           look_at_serial(sqlite3_value_double(cell));
  case SQLITE_TEXT: {
    const char *text = (const char *)sqlite3_value_text(cell);
    return text != NULL ? look_at_text(text, (size_t)sqlite3_value_bytes(cell), letter) : 0;
  }
  default: return PH_LOOK_ANY | PH_LOOK_NO_LETTER | PH_LOOK_TIME;
  }
}

/* ------------------------------------------------------------------------------------ days and labels */

enum { DAY_BYTES = 10 };

/* What is kept of the cells of a column besides their bits. */
typedef struct kept {
  char day[DAY_BYTES]; /* of dates the greatest; a zero first: there is none */
  bool has_too_many;   /* labels: more than are kept, or some are no texts */
} kept;

static void keep_day(kept *of, sqlite3_value *cell) {
  if (sqlite3_value_type(cell) != SQLITE_TEXT || sqlite3_value_bytes(cell) < DAY_BYTES) return;
  const char *text = (const char *)sqlite3_value_text(cell);
  if (text != NULL && memcmp(text, of->day, DAY_BYTES) > 0 && is_iso(text, DAY_BYTES))
    memcpy(of->day, text, DAY_BYTES);
}

/* The different texts of the columns of labels, by the columns' numbers. */
typedef struct labels {
  ph_host_memory memory;
  ph_status status;
  ph_interner *texts; /* PH_LOOK_MOST_CELLS of them; without names where the column has no label yet */
} labels;

static labels *new_labels(void) {
  labels *all = sqlite3_malloc64(sizeof *all);
  if (all == NULL) return NULL;
  ph_host_memory_begin(&all->memory);
  ph_status_begin(&all->status, &all->memory.memory);
  all->texts = ph_allocate_zeroed(&all->status, PH_LOOK_MOST_CELLS, sizeof *all->texts);
  return all;
}

static void free_labels(labels *all) {
  if (all == NULL) return;
  for (int at = 0; all->texts != NULL && at < PH_LOOK_MOST_CELLS; at++)
    if (all->texts[at].names != NULL) ph_interner_end(&all->texts[at], &all->memory.memory);
  ph_release(&all->memory.memory, all->texts);
  sqlite3_free(all);
}

/* False without memory. */
static bool keep_label(labels **in, int at, kept *of, sqlite3_value *cell) {
  int type = sqlite3_value_type(cell);
  if (type == SQLITE_NULL || of->has_too_many) return true;
  const char *text = type == SQLITE_TEXT ? (const char *)sqlite3_value_text(cell) : NULL;
  size_t length = text != NULL ? (size_t)sqlite3_value_bytes(cell) : 0;
  if (text != NULL && length == 0) return true;
  if (*in == NULL) *in = new_labels();
  labels *all = *in;
  if (all == NULL || ph_failed(&all->status)) return false;
  ph_interner *texts = &all->texts[at];
  if (texts->names == NULL) ph_interner_begin(texts, &all->status);
  of->has_too_many = text == NULL || memchr(text, 0, length) != NULL;
  if (!of->has_too_many) ph_intern(texts, text, length, &all->status);
  of->has_too_many = of->has_too_many || texts->count > PH_MOST_LABELS + 1; /* with the missing name */
  return !ph_failed(&all->status);
}

static void append_labels(sqlite3_str *result, const labels *all, int at, const kept *of) {
  const ph_interner *texts = all != NULL ? &all->texts[at] : NULL;
  uint32_t count = texts != NULL && texts->count > 0 ? texts->count - 1 : 0;
  if (of->has_too_many) {
    sqlite3_str_appendall(result, " -1");
    return;
  }
  sqlite3_str_appendf(result, " %u", count);
  for (uint32_t number = 1; number <= count; number++) {
    sqlite3_str_appendf(result, " %u:", texts->names[number].length);
    sqlite3_str_append(result, texts->names[number].text, (int)texts->names[number].length);
  }
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

static uint64_t hash_integer(uint64_t hash, int64_t integer) {
  return ph_mix(hash, (uint64_t)integer);
}

/* Without the .0 of a number that was written as a text. */
static uint64_t hash_text(uint64_t hash, const char *text, size_t length) {
  int64_t integer;
  if (length > 2 && memcmp(text + length - 2, ".0", 2) == 0) length -= 2;
  if (ph_id_is_integer(text, length, &integer)) return hash_integer(hash, integer);
  for (; length >= PH_WORD_BYTES; text += PH_WORD_BYTES, length -= PH_WORD_BYTES)
    hash = ph_mix(hash, ph_load_word(text));
  return ph_mix(hash, ph_load_short(text, length) ^ length);
}

/* Spellings of an id have one hash: 41, '41', 41.0 and '41.0'. */
static uint64_t hash_value(uint64_t hash, sqlite3_value *value) {
  switch (sqlite3_value_type(value)) {
  case SQLITE_NULL: return ph_mix(hash, 1);
  case SQLITE_INTEGER: return hash_integer(hash, sqlite3_value_int64(value));
  case SQLITE_FLOAT: {
    double number = sqlite3_value_double(value);
    bool is_whole = number > -9e15 && number < 9e15 && number == (double)(int64_t)number;
    if (is_whole) return hash_integer(hash, (int64_t)number);
    uint64_t word;
    memcpy(&word, &number, sizeof word);
    return ph_mix(hash, word);
  }
  default: {
    const char *text = (const char *)sqlite3_value_text(value);
    return text != NULL ? hash_text(hash, text, (size_t)sqlite3_value_bytes(value)) : hash;
  }
  }
}

/* False without memory. */
static bool add_hash(hashes *all, uint64_t hash) {
  if (all->repeats) return true;
  if (all->count * 2 >= all->capacity && !grow(all)) return false;
  all->repeats = add(all, hash != 0 ? hash : 1);
  return true;
}

void ph_repeats_step(sqlite3_context *context, int count, sqlite3_value **values) {
  if (count == 0) { /* SQLite lets a function of any number of arguments be called without one */
    sqlite3_result_error(context, "wrong number of arguments to function pipeline_health_repeats()", -1);
    return;
  }
  hashes *all = sqlite3_aggregate_context(context, sizeof *all);
  uint64_t hash = 0;
  if (all != NULL && (all->repeats || sqlite3_value_type(values[0]) == SQLITE_NULL)) return;
  for (int at = 0; at < count; at++) hash = hash_value(hash, values[at]);
  if (all == NULL || !add_hash(all, hash)) sqlite3_result_error_nomem(context);
}

void ph_repeats_final(sqlite3_context *context) {
  hashes *all = sqlite3_aggregate_context(context, 0);
  sqlite3_result_int(context, all != NULL && all->repeats);
  if (all != NULL) sqlite3_free(all->entries);
}

/* ------------------------------------------------------------------------------------ one look at a table */

enum { LETTERS, HEADER, FIRST_CELL };

/* Keys that are integers and grow from row to row, as exports number rows, need no hash from some row on. */
typedef struct growing {
  int64_t last;
  bool is_over, is_broken; /* is_broken: after keys without a hash one came that is no greater */
} growing;

typedef struct look {
  int64_t rows, header_rows;
  hashes keys;
  growing growing;
  int cells;
  unsigned seen[PH_LOOK_MOST_CELLS];
  kept kept[PH_LOOK_MOST_CELLS];
  char letters[PH_LOOK_MOST_CELLS];
  labels *labels;
} look;

static bool is_key(char letter) {
  return letter == '=' || letter == 'I';
}

/* Whether a key is behind all keys before it. */
static bool grows(look *all, sqlite3_value *key) {
  enum { ROWS_WITH_A_HASH = 1024 };
  growing *order = &all->growing;
  if (order->is_over) return order->is_broken;
  bool is_integer = sqlite3_value_type(key) == SQLITE_INTEGER;
  int64_t integer = is_integer ? sqlite3_value_int64(key) : 0;
  if (!is_integer || (all->rows > 1 && integer <= order->last)) {
    order->is_over = true;
    order->is_broken = all->rows > ROWS_WITH_A_HASH;
    return order->is_broken;
  }
  order->last = integer;
  return all->rows > ROWS_WITH_A_HASH;
}

/* The text of a cell without a byte order mark, which stays in the first cell of a file. */
static const char *text_behind_mark(sqlite3_value *cell, int *length) {
  const char *text = (const char *)sqlite3_value_text(cell);
  *length = sqlite3_value_bytes(cell);
  if (text == NULL || *length < 3 || memcmp(text, "\xEF\xBB\xBF", 3) != 0) return text;
  *length -= 3;
  return text + 3;
}

static bool same_text(sqlite3_value *cell, sqlite3_value *header) {
  if (sqlite3_value_type(cell) != SQLITE_TEXT || sqlite3_value_type(header) != SQLITE_TEXT) return false;
  int length = 0, other_length = 0;
  const char *left = text_behind_mark(cell, &length), *right = text_behind_mark(header, &other_length);
  return left != NULL && right != NULL && length == other_length && memcmp(left, right, (size_t)length) == 0;
}

/* A letter for each cell, of which there are not too many: the call may come from plain SQL. */
static bool is_sound(int count, sqlite3_value **values) {
  return count >= FIRST_CELL && count - FIRST_CELL <= PH_LOOK_MOST_CELLS &&
         sqlite3_value_type(values[LETTERS]) == SQLITE_TEXT &&
         sqlite3_value_bytes(values[LETTERS]) == count - FIRST_CELL;
}

/* What is asked of a cell; false without memory. */
static bool look_at_one(look *all, int at, sqlite3_value *cell, char letter) {
  all->letters[at] = letter;
  if (letter == '-') return true;
  all->seen[at] |= look_at_cell(cell, letter);
  if (letter == 'd') keep_day(&all->kept[at], cell);
  return letter != 't' || keep_label(&all->labels, at, &all->kept[at], cell);
}

void ph_look_step(sqlite3_context *context, int count, sqlite3_value **values) {
  if (!is_sound(count, values)) {
    sqlite3_result_error(context, "pipeline_health_look: it is for pipeline_connect", -1);
    return;
  }
  look *all = sqlite3_aggregate_context(context, sizeof *all);
  const char *letters = (const char *)sqlite3_value_text(values[LETTERS]);
  if (all == NULL || letters == NULL) {
    sqlite3_result_error_nomem(context);
    return;
  }
  int keys = 0;
  uint64_t hash = 0;
  sqlite3_value *key = NULL;
  bool good = true;
  all->rows++;
  all->cells = count - FIRST_CELL;
  if (count > FIRST_CELL && same_text(values[FIRST_CELL], values[HEADER])) all->header_rows++;
  for (int at = 0; at < all->cells && at < PH_LOOK_MOST_CELLS; at++) {
    sqlite3_value *cell = values[FIRST_CELL + at];
    good = look_at_one(all, at, cell, letters[at]) && good;
    if (!is_key(letters[at])) continue;
    if (keys++ == 0) key = cell;
    hash = hash_value(hash, cell);
  }
  bool has_hash = key != NULL && sqlite3_value_type(key) != SQLITE_NULL && (keys > 1 || !grows(all, key));
  if (has_hash) good = add_hash(&all->keys, hash) && good;
  if (!good) sqlite3_result_error_nomem(context);
}

static void append_cell(sqlite3_str *text, const look *all, int at) {
  sqlite3_str_appendf(text, " %u", all->seen[at]);
  if (all->letters[at] == 't') append_labels(text, all->labels, at, &all->kept[at]);
  if (all->letters[at] != 'd') return;
  bool has_day = all->kept[at].day[0] != 0;
  sqlite3_str_appendf(text, " %.*s", has_day ? DAY_BYTES : 1, has_day ? all->kept[at].day : "-");
}

void ph_look_final(sqlite3_context *context) {
  look *all = sqlite3_aggregate_context(context, 0);
  if (all == NULL) return;
  sqlite3_str *text = sqlite3_str_new(NULL);
  int repeats = all->keys.repeats ? 1 : all->growing.is_broken ? 2 : 0;
  sqlite3_str_appendf(text, "%lld %lld %d", all->rows, all->header_rows, repeats);
  for (int at = 0; at < all->cells && at < PH_LOOK_MOST_CELLS; at++) append_cell(text, all, at);
  sqlite3_free(all->keys.entries);
  free_labels(all->labels);
  char *result = sqlite3_str_finish(text);
  if (result == NULL) {
    sqlite3_result_error_nomem(context);
  } else {
    sqlite3_result_text(context, result, -1, sqlite3_free);
  }
}
