/* What the cells decide: once, for a whole column, when the door is opened. See connect_internal.h. */
#include "connect_internal.h"

#include <stdlib.h>
#include <string.h>

/* -------------------------------------------------------------------------- columns of loaders and CRMs */

/* What grows with the version of a row, the most telling first. */
static const char *const version_columns[] = {"_fivetran_active",
                                              "_fivetran_start",
                                              "SystemModstamp",
                                              "LastModifiedDate",
                                              "updated_at",
                                              "update_time",
                                              "hs_lastmodifieddate",
                                              "property_hs_lastmodifieddate",
                                              "_airbyte_extracted_at",
                                              "_airbyte_emitted_at",
                                              "_sdc_batched_at",
                                              "_sdc_extracted_at",
                                              "_sdc_sequence",
                                              "_dlt_load_id",
                                              "_fivetran_synced"};
/* Flags, and moments of deletion: there is one where the row is deleted. */
static const char *const deleted_flags[] = {"is_deleted", "_fivetran_deleted", "deleted"};
static const char *const deleted_moments[] = {"_sdc_deleted_at", "_ab_cdc_deleted_at", "deleted_at"};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *source_column(const ph_door_table *table, const char *name) {
  for (size_t index = 0; index < table->all_count; index++)
    if (ph_same_name(ph_words_of(table->all_columns[index]), ph_words_of(name)))
      return table->all_columns[index];
  return NULL;
}

bool ph_connect_append_version(ph_connecting *call, ph_door_table *table, sqlite3_str *sql) {
  bool any = false;
  for (size_t index = 0; index < COUNT(version_columns); index++) {
    const char *column = source_column(table, version_columns[index]);
    /* a door that declares it knows its other names, and reads it as a date */
    const ph_door_column *declared = ph_connect_column(table, ph_words_of(version_columns[index]));
    bool is_declared = declared != NULL && declared->found != NULL;
    if ((column == NULL && !is_declared) || (declared != NULL && declared->is_unread)) continue;
    if (!is_declared && (table->unclear_versions >> index & 1u) != 0) continue;
    sqlite3_str_appendall(sql, any ? " || '|' || coalesce(" : "coalesce(");
    if (is_declared) {
      ph_connect_append_cell(call, sql, declared);
    } else if (index == 0) {
      ph_connect_append_boolean(sql, column);
    } else {
      sqlite3_str_appendf(sql, "\"%w\"", column);
    }
    sqlite3_str_appendall(sql, ", '')");
    any = true;
  }
  return any;
}

bool ph_connect_append_deleted(const ph_door_table *table, sqlite3_str *sql) {
  bool any = false;
  for (size_t index = 0; index < COUNT(deleted_flags); index++) {
    const char *column = source_column(table, deleted_flags[index]);
    if (column == NULL) continue;
    sqlite3_str_appendall(sql, any ? " OR coalesce(" : "coalesce(");
    ph_connect_append_boolean(sql, column);
    sqlite3_str_appendall(sql, ", 0)");
    any = true;
  }
  for (size_t index = 0; index < COUNT(deleted_moments); index++) {
    const char *column = source_column(table, deleted_moments[index]);
    if (column == NULL) continue;
    sqlite3_str_appendf(sql, "%scoalesce(\"%w\", '') <> ''", any ? " OR " : "", column);
    any = true;
  }
  const char *active = source_column(table, version_columns[0]);
  if (active == NULL) return any;
  sqlite3_str_appendall(sql, any ? " OR NOT coalesce(" : "NOT coalesce(");
  ph_connect_append_boolean(sql, active);
  sqlite3_str_appendall(sql, ", 1)");
  return true;
}

static bool is_among(const char *column, const char *const *names, size_t count) {
  for (size_t index = 0; index < count; index++)
    if (ph_same_name(ph_words_of(column), ph_words_of(names[index]))) return true;
  return false;
}

bool ph_connect_tells_rows(const ph_door_table *table, const char *column) {
  if (table->has_versions && is_among(column, version_columns, COUNT(version_columns))) return true;
  return !table->keeps_deleted &&
         (is_among(column, deleted_flags, COUNT(deleted_flags)) ||
          is_among(column, deleted_moments, COUNT(deleted_moments)) || is_among(column, version_columns, 1));
}

/* ------------------------------------------------------------------------------------ one look at a table */

/* How the cells of a column are looked at: a letter of pipeline_health_look; '-': they are not. */
static char letter_of(const ph_door_column *column) {
  switch (column->kind) {
  case PH_CELL_ID: return 'i';
  case PH_CELL_DATE:
  case PH_CELL_DAY: return 'd';
  case PH_CELL_AMOUNT: return 'm';
  case PH_CELL_LABEL: return 't';
  default: return '-';
  }
}

/* What is to be decided, found in one pass over all tables. */
typedef struct findings {
  const char *long_id, *long_in, *short_id, *short_in; /* Salesforce's 18 and 15 characters, and where */
} findings;

static const char *example_id(ph_connecting *call, const ph_door_table *table, const char *column,
                              int length) {
  char *id = ph_connect_query(call, sqlite3_mprintf("SELECT \"%w\" FROM %s WHERE length(\"%w\") = %d AND "
                                                    "\"%w\" GLOB '*[A-Za-z]*' LIMIT 1",
                                                    column, ph_connect_from(call, table, true), column,
                                                    length, column));
  const char *copy = ph_words_copy(call, ph_words_of(id != NULL ? id : ""));
  sqlite3_free(id);
  return copy;
}

/* Numbers beside other dates stay what they are: bad dates, which pipeline_check reports. */
static void decide_serial(ph_connecting *call, const ph_door_table *table, ph_door_column *column) {
  char *cell = ph_connect_query(
      call, sqlite3_mprintf("SELECT min(\"%w\") FROM %s WHERE CAST(\"%w\" AS REAL) >= %d", column->found,
                            ph_connect_from(call, table, true), column->found, PH_SERIAL_FIRST));
  column->is_serial = true;
  column->order = NULL;
  ph_connect_decide(call, "column %s of %s counts days from 1899-12-30, as spreadsheets do, by the cell '%s'",
                    column->found, table->source, cell != NULL ? cell : "");
  sqlite3_free(cell);
}

/* What the cells of a column are, by the bits that pipeline_health_look found. */
static void read_answer(ph_connecting *call, ph_door_table *table, ph_door_column *column, unsigned seen,
                        findings *found) {
  column->has_all_cells = (seen & (PH_LOOK_NULL | PH_LOOK_EMPTY)) == 0;
  switch (column->kind) {
  case PH_CELL_ID:
    column->has_point_zero = (seen & PH_LOOK_POINT_ZERO) != 0;
    column->has_no_empty = (seen & PH_LOOK_EMPTY) == 0;
    column->is_mixed = (seen & PH_LOOK_INTEGER) != 0 && (seen & PH_LOOK_TEXT) != 0;
    column->is_plain = !column->has_point_zero && (seen & PH_LOOK_ANY) != 0 && !(seen & PH_LOOK_NO_LETTER);
    if ((seen & PH_LOOK_18) && found->long_id == NULL) {
      found->long_id = example_id(call, table, column->found, 18);
      found->long_in = table->source;
    }
    if ((seen & PH_LOOK_15) && found->short_id == NULL) {
      found->short_id = example_id(call, table, column->found, 15);
      found->short_in = table->source;
    }
    break;
  case PH_CELL_DATE:
  case PH_CELL_DAY:
    column->order = (seen & PH_LOOK_ODD_DATE) ? "" : NULL;
    column->has_no_empty = (seen & PH_LOOK_EMPTY) == 0;
    column->has_time = (seen & PH_LOOK_TIME) != 0;
    if ((seen & PH_LOOK_SERIAL) && !(seen & PH_LOOK_OTHER_DATE)) decide_serial(call, table, column);
    break;
  case PH_CELL_AMOUNT:
    column->decimal = (seen & PH_LOOK_ODD_AMOUNT) ? "" : NULL;
    column->has_no_empty = (seen & PH_LOOK_EMPTY) == 0;
    break;
  case PH_CELL_LABEL: column->has_no_empty = (seen & PH_LOOK_EMPTY) == 0; break;
  default: break;
  }
}

/* The first column that the table needs tells a row that repeats the header. */
static ph_door_column *header_column(const ph_door_table *table) {
  for (size_t index = 0; index < table->column_count; index++)
    if (table->columns[index].needed)
      return table->columns[index].found != NULL ? &table->columns[index] : NULL;
  return NULL;
}

/* Whether rows can be told apart by the cells of the key: a day or an amount may be written in several
** ways. */
static bool can_tell_keys(ph_door_table *table) {
  for (int index = 0; index < table->key_count; index++) {
    const ph_door_column *key = ph_connect_column(table, table->keys[index]);
    if (key == NULL || key->found == NULL) return false;
    if (key->kind != PH_CELL_ID && key->kind != PH_CELL_RAW && key->kind != PH_CELL_TEXT) return false;
  }
  return table->key_count > 0 && !table->whole_row;
}

/* The columns of a table that are looked at, and their letters for pipeline_health_look. */
typedef struct look {
  ph_door_column **columns;
  char *letters;
  size_t count, column_capacity, letter_capacity;
} look;

static void add_to_look(ph_connecting *call, look *to, ph_door_column *column, char letter) {
  if (!ph_reserve(call->status, (void **)&to->columns, &to->column_capacity, to->count + 1,
                  sizeof *to->columns) ||
      !ph_reserve(call->status, (void **)&to->letters, &to->letter_capacity, to->count + 2,
                  sizeof *to->letters))
    return;
  to->columns[to->count] = column;
  to->letters[to->count++] = letter;
  to->letters[to->count] = 0;
}

/* The header's column first, then the key in its order, then all others whose cells decide something. */
static void choose_columns(ph_connecting *call, ph_door_table *table, look *to) {
  ph_door_column *header = header_column(table);
  bool tells_keys = can_tell_keys(table);
  bool begins_key = tells_keys && header == ph_connect_column(table, table->keys[0]);
  bool is_key = false;
  for (int index = 0; index < table->key_count && tells_keys; index++)
    is_key = is_key || header == ph_connect_column(table, table->keys[index]);
  if (header != NULL && !begins_key) add_to_look(call, to, header, is_key ? '-' : letter_of(header));
  for (int index = 0; index < table->key_count && tells_keys; index++) {
    ph_door_column *key = ph_connect_column(table, table->keys[index]);
    add_to_look(call, to, key, key->kind == PH_CELL_ID ? 'I' : '=');
  }
  for (size_t index = 0; index < table->column_count; index++) {
    ph_door_column *column = &table->columns[index];
    bool is_there = column->found == NULL || letter_of(column) == '-';
    for (size_t at = 0; at < to->count && !is_there; at++)
      is_there = to->columns[at] == column && to->letters[at] != '-';
    if (!is_there) add_to_look(call, to, column, letter_of(column));
  }
}

/* Takes what pipeline_health_look says of some columns. What it says of the rows counts once. */
static void read_look(ph_connecting *call, ph_door_table *table, const char *text, const look *asked,
                      size_t from, size_t to, findings *found) {
  char *at = NULL;
  int64_t rows = strtoll(text, &at, 10), header_rows = strtoll(at, &at, 10);
  bool repeats = strtol(at, &at, 10) != 0;
  const ph_door_column *header = header_column(table);
  if (from == 0) {
    table->row_count = rows;
    table->header_rows = header_rows;
    table->keys_differ = !repeats && strpbrk(asked->letters, "=I") != NULL;
    if (header_rows > 0 && header != NULL) table->header = ph_words_of(header->found);
  }
  for (size_t index = from; index < to; index++) {
    unsigned seen = (unsigned)strtoul(at, &at, 10);
    if (asked->letters[index] == '-') continue;
    read_answer(call, table, asked->columns[index], seen, found);
    ph_connect_read_known(call, asked->columns[index], seen, &at);
  }
}

static void look_at_columns(ph_connecting *call, ph_door_table *table, const look *asked, size_t from,
                            size_t to, findings *found) {
  const ph_door_column *header = from == 0 ? header_column(table) : NULL;
  sqlite3_str *sql = sqlite3_str_new(call->db);
  sqlite3_str_appendf(sql, "SELECT pipeline_health_look('%.*s', %Q", (int)(to - from),
                      asked->count > 0 ? asked->letters + from : "", header != NULL ? header->found : NULL);
  for (size_t index = from; index < to; index++)
    sqlite3_str_appendf(sql, ", \"%w\"", asked->columns[index]->found);
  sqlite3_str_appendf(sql, ") FROM %s", ph_connect_from(call, table, true));
  char *text = ph_connect_query(call, ph_connect_finish(call, sql));
  if (text != NULL && !ph_failed(call->status)) read_look(call, table, text, asked, from, to, found);
  sqlite3_free(text);
}

static void look_at(ph_connecting *call, ph_door_table *table, findings *found) {
  look asked = {.columns = NULL};
  choose_columns(call, table, &asked);
  size_t from = 0;
  do {
    size_t to = asked.count - from > PH_LOOK_MOST_CELLS ? from + PH_LOOK_MOST_CELLS : asked.count;
    if (!ph_failed(call->status)) look_at_columns(call, table, &asked, from, to, found);
    from = to;
  } while (from < asked.count);
  ph_release(call->status->memory, asked.columns);
  ph_release(call->status->memory, asked.letters);
}

/* ---------------------------------------------------------------------------------------- order of dates */

/* What cells say: one that decides for either way, and two that leave it open. */
typedef struct evidence {
  char one[32], other[32], open[2][32];
} evidence;

static void keep(char kept[32], const char *cell) {
  if (kept[0] == 0) sqlite3_snprintf(32, kept, "%s", cell);
}

static void keep_open(evidence *seen, const char *cell) {
  keep(seen->open[seen->open[0][0] != 0], cell);
}

static int read_number(const char **at, int *digits) {
  int number = 0;
  for (*digits = 0; **at >= '0' && **at <= '9' && *digits < 5; (*at)++, (*digits)++)
    number = number * 10 + (**at - '0');
  return number;
}

/* 10/23/2026, 23.10.26, 3-4-2026: month and day in an order that only a part above 12 tells. */
static void weigh_date(evidence *seen, const char *cell) {
  const char *at = cell;
  while (*at == ' ') at++;
  int digits, first = read_number(&at, &digits);
  char separator = *at;
  if (digits == 0 || digits > 2 || (separator != '/' && separator != '.' && separator != '-')) return;
  at++;
  int second = read_number(&at, &digits);
  if (digits == 0 || digits > 2 || *at != separator) return;
  if (first > 12 && second <= 12) {
    keep(seen->one, cell);
  } else if (second > 12 && first <= 12) {
    keep(seen->other, cell);
  } else if (first != second) {
    keep_open(seen, cell);
  }
}

/* 1,234.50 or 1.234,50: the last sign is decimal; one sign is a thousands' where it stands more than once,
** decimal where not three digits follow or where more than three, or a lone 0, go before. */
static void weigh_amount(evidence *seen, const char *cell) {
  size_t from = strcspn(cell, "0123456789"), to = strlen(cell);
  while (to > from && (cell[to - 1] < '0' || cell[to - 1] > '9')) to--;
  size_t points = 0, commas = 0, last = from, first = to;
  for (size_t at = from; at < to; at++) {
    if (cell[at] != '.' && cell[at] != ',') continue;
    if (cell[at] == '.') points++;
    if (cell[at] == ',') commas++;
    if (first == to) first = at;
    last = at;
  }
  if (points + commas == 0) return;
  bool decimal = cell[last] == '.' ? points == 1 : commas == 1;
  if (points == 0 || commas == 0) {
    bool thousands = to - last - 1 == 3 && first - from <= 3 && !(first - from == 1 && cell[from] == '0');
    if (points + commas == 1 && thousands) {
      keep_open(seen, cell);
      return;
    }
  }
  bool is_point = (cell[last] == '.') == decimal;
  keep(is_point ? seen->one : seen->other, cell);
}

typedef void weigh(evidence *seen, const char *cell);

static void weigh_column(ph_connecting *call, const ph_door_table *table, const char *column,
                         weigh *weigh_cell, evidence *seen) {
  memset(seen, 0, sizeof *seen);
  sqlite3_stmt *statement = NULL;
  char *sql = sqlite3_mprintf("SELECT \"%w\" FROM %s WHERE typeof(\"%w\") = 'text'", column,
                              ph_connect_from(call, table, true), column);
  int code = sql != NULL ? sqlite3_prepare_v2(call->db, sql, -1, &statement, NULL) : SQLITE_NOMEM;
  sqlite3_free(sql);
  bool enough = false;
  while (code == SQLITE_OK && !enough && sqlite3_step(statement) == SQLITE_ROW) {
    const char *cell = (const char *)sqlite3_column_text(statement, 0);
    if (cell != NULL) weigh_cell(seen, cell);
    enough = seen->one[0] != 0 && seen->other[0] != 0;
  }
  if (code == SQLITE_OK) code = sqlite3_finalize(statement);
  if (code != SQLITE_OK) ph_host_fail(call->status, call->db, code, table->source);
}

/* What the two ways are, and which option tells. */
typedef struct question {
  ph_cell_kind kind, also;
  weigh *weigh_cell;
  const char *option, *one, *other, *as_is; /* as_is: what a column is where no cell leaves it open */
} question;

static const question of_dates = {PH_CELL_DATE, PH_CELL_DAY, weigh_date, "date_order", "dmy", "mdy", "ymd"};
static const question of_amounts = {PH_CELL_AMOUNT, PH_CELL_AMOUNT, weigh_amount, "decimal", ".", ",", "."};

/* An error, or, of a column that the door can spare, a column that is not read. */
static void fail_undecided(ph_connecting *call, const ph_door_table *table, ph_door_column *column,
                           const question *asked, const evidence *seen) {
  bool both = seen->one[0] != 0;
  const char *left = both ? seen->one : seen->open[0], *right = both ? seen->other : seen->open[1];
  if (column->spared) {
    ph_connect_decide(call, "column %s of %s is not read, for %s is open: it has '%s'", column->found,
                      table->source, asked->option, left);
    column->found = NULL;
    column->is_unread = true;
    return;
  }
  ph_fail(
      call->status,
      "pipeline_connect: column %s of %s has '%s'%s%s%s, which %s (expected the option \"%s\", '%s' or '%s')",
      column->found, table->source, left, right[0] != 0 ? " and '" : "", right, right[0] != 0 ? "'" : "",
      both ? "contradict each other" : "can be read in two ways", asked->option, asked->one, asked->other);
}

/* One column; false when its cells leave it open. */
static bool answer(ph_connecting *call, const ph_door_table *table, ph_door_column *column,
                   const question *asked, const char **result, evidence *seen) {
  ph_words told = ph_connect_option(call, ph_words_of(asked->option));
  if (told.length > 0) {
    *result = ph_words_copy(call, told);
    return true;
  }
  weigh_column(call, table, column->found, asked->weigh_cell, seen);
  if (seen->one[0] != 0 && seen->other[0] != 0) {
    fail_undecided(call, table, column, asked, seen);
    return true;
  }
  if (seen->one[0] == 0 && seen->other[0] == 0) {
    *result = asked->as_is;
    return seen->open[0][0] == 0;
  }
  bool one = seen->one[0] != 0;
  *result = one ? asked->one : asked->other;
  ph_connect_decide(call, "%s of column %s of %s is '%s', by the cell '%s'", asked->option, column->found,
                    table->source, *result, one ? seen->one : seen->other);
  return true;
}

/* Every column of a kind. One that its cells leave open is read as the others of its table, which the same
** program wrote, where these are decided alike. */
static void answer_all(ph_connecting *call, ph_door_table *table, const question *asked) {
  const char *common = NULL;
  bool differ = false;
  for (int pass = 0; pass < 2 && !ph_failed(call->status); pass++)
    for (size_t index = 0; index < table->column_count && !ph_failed(call->status); index++) {
      ph_door_column *column = &table->columns[index];
      const char **result = asked == &of_dates ? &column->order : &column->decimal;
      if (column->found == NULL || *result == NULL || **result != 0) continue;
      if (column->kind != asked->kind && column->kind != asked->also) continue;
      evidence seen = {.one = ""};
      const char *decided = NULL;
      if (answer(call, table, column, asked, &decided, &seen)) {
        *result = decided;
        bool by_cell = seen.one[0] != 0 || seen.other[0] != 0;
        if (by_cell && common != NULL && decided != NULL && strcmp(common, decided) != 0) differ = true;
        if (by_cell && decided != NULL) common = decided;
      } else if (pass == 1 && common != NULL && !differ) {
        *result = common;
        ph_connect_decide(call, "%s of column %s of %s is '%s', as in the table's other columns",
                          asked->option, column->found, table->source, common);
      } else if (pass == 1) {
        fail_undecided(call, table, column, asked, &seen);
      }
    }
}

/* -------------------------------------------------------------------------------------- versions of a row */

/* The key, as the mapping sees it; NULL where a column of it is absent. */
static char *key_sql(ph_connecting *call, ph_door_table *table) {
  sqlite3_str *sql = sqlite3_str_new(call->db);
  bool found = table->key_count > 0;
  for (int index = 0; index < table->key_count; index++) {
    const ph_door_column *column = ph_connect_column(table, table->keys[index]);
    if (column == NULL || column->found == NULL) {
      found = false;
      continue;
    }
    if (sqlite3_str_length(sql) > 0) sqlite3_str_appendall(sql, ", ");
    ph_connect_append_cell(call, sql, column);
  }
  char *text = ph_connect_finish(call, sql);
  if (found) return text;
  sqlite3_free(text);
  return NULL;
}

/* A unique index over the key alone spares the look. */
static bool key_is_unique(ph_connecting *call, ph_door_table *table) {
  const ph_door_column *column = ph_connect_column(table, table->keys[0]);
  if (table->key_count != 1 || table->series != NULL || column->has_point_zero || call->shortens_ids)
    return false;
  char *unique = ph_connect_query(
      call, sqlite3_mprintf(
                "SELECT (SELECT group_concat(name) FROM pragma_table_info(%Q, %Q) WHERE pk) = %Q OR EXISTS "
                "(SELECT 1 FROM pragma_index_list(%Q, %Q) AS list WHERE list.\"unique\" AND NOT "
                "list.partial AND (SELECT group_concat(name) FROM pragma_index_info(list.name, %Q)) = %Q)",
                table->source, call->schema, column->found, table->source, call->schema, call->schema,
                column->found));
  bool is_unique = unique != NULL && strcmp(unique, "1") == 0;
  sqlite3_free(unique);
  return is_unique;
}

static const char afresh[] =
    "import into an empty table, or keep a column that tells which row is newer: SystemModstamp, "
    "LastModifiedDate, updated_at or the loader's own";

/* The declared columns of a table under their names, as a query in brackets. */
static char *cells_sql(ph_connecting *call, const ph_door_table *table) {
  sqlite3_str *sql = sqlite3_str_new(call->db);
  sqlite3_str_appendall(sql, "(SELECT ");
  ph_connect_append_cells(call, sql, table);
  sqlite3_str_appendf(sql, " FROM %s)", ph_connect_from(call, table, true));
  return ph_connect_finish(call, sql);
}

/* A footer that stands twice in the file is no row of which there are two. */
static void append_not_skipped(ph_connecting *call, sqlite3_str *sql, const ph_door_table *table,
                               const char *key) {
  if (table->skipped_when.length == 0 || table->key_count != 1) return;
  char *condition = ph_connect_expand(call, table->skipped_when), *cells = cells_sql(call, table);
  if (condition != NULL && cells != NULL)
    sqlite3_str_appendf(sql, " AND %s IN (SELECT \"%.*w\" FROM %s WHERE NOT coalesce((%s), 0))", key,
                        (int)table->keys[0].length, table->keys[0].at, cells, condition);
  sqlite3_free(condition);
  sqlite3_free(cells);
}

/* Where nothing tells which row is newer: rows of one key that differ in what is read. */
static void look_for_contradictions(ph_connecting *call, ph_door_table *table, const char *key) {
  sqlite3_str *sql = sqlite3_str_new(call->db);
  sqlite3_str_appendf(sql, "SELECT %s FROM (SELECT DISTINCT ", key);
  bool any = false;
  for (size_t index = 0; index < table->column_count; index++)
    if (table->columns[index].found != NULL) {
      sqlite3_str_appendf(sql, "%s\"%w\"", any ? ", " : "", table->columns[index].found);
      any = true;
    }
  sqlite3_str_appendf(sql, " FROM %s) GROUP BY %s HAVING count(*) > 1", ph_connect_from(call, table, true),
                      key);
  append_not_skipped(call, sql, table, key);
  sqlite3_str_appendall(sql, " LIMIT 1");
  char *example = ph_connect_query(call, ph_connect_finish(call, sql));
  if (example != NULL && table->required && !table->first_of_a_key) {
    ph_fail(call->status,
            "pipeline_connect: table %s has different rows of one id, such as '%s', and no column tells "
            "which is newer (%s)",
            table->source, example, afresh);
  } else if (example != NULL) {
    ph_connect_problem(
        call, "several rows of one id", "warning", table->older_rows, example,
        "rows of one id differ and nothing tells which is newer: one of them counts; import into an "
        "empty table");
  }
  sqlite3_free(example);
}

static int64_t count_rows(ph_connecting *call, char *sql) {
  char *text = ph_connect_query(call, sql);
  int64_t count = text != NULL ? (int64_t)strtod(text, NULL) : 0;
  sqlite3_free(text);
  return count;
}

static void look_for_skipped(ph_connecting *call, ph_door_table *table) {
  char *condition = ph_connect_expand(call, table->skipped_when), *cells = cells_sql(call, table);
  if (condition != NULL && cells != NULL)
    table->skipped_rows =
        count_rows(call, sqlite3_mprintf("SELECT count(*) FROM %s WHERE (%s)", cells, condition));
  if (table->skipped_rows > 0) {
    sqlite3_str *any = sqlite3_str_new(call->db);
    for (size_t index = 0; index < table->column_count; index++)
      if (table->columns[index].found != NULL && table->columns[index].family_of < 0)
        sqlite3_str_appendf(any, "\"%.*w\", ", (int)table->columns[index].name.length,
                            table->columns[index].name.at);
    char *list = ph_connect_finish(call, any);
    char *example =
        ph_connect_query(call, sqlite3_mprintf("SELECT coalesce(%s NULL, NULL) AS text FROM %s WHERE "
                                               "coalesce((%s), 0) AND text IS NOT NULL LIMIT 1",
                                               list != NULL ? list : "", cells, condition));
    table->skipped_example = ph_words_copy(call, ph_words_of(example != NULL ? example : ""));
    sqlite3_free(list);
    sqlite3_free(example);
  }
  sqlite3_free(condition);
  sqlite3_free(cells);
}

/* Whether rows are equal in every declared column, empty lines aside, which a file may end with. */
static bool any_equal_rows(ph_connecting *call, ph_door_table *table, ph_words needed) {
  sqlite3_str *sql = sqlite3_str_new(call->db);
  size_t count = 0;
  sqlite3_str_appendall(sql, "SELECT pipeline_health_repeats(1");
  for (size_t index = 0; index < table->column_count; index++)
    if (table->columns[index].found != NULL && ++count < PH_LOOK_MOST_CELLS)
      sqlite3_str_appendf(sql, ", \"%.*w\"", (int)table->columns[index].name.length,
                          table->columns[index].name.at);
  char *cells = cells_sql(call, table);
  if (cells == NULL) ph_fail_memory(call->status);
  sqlite3_str_appendf(sql, ") FROM %s WHERE ", cells != NULL ? cells : "");
  if (needed.length > 0) sqlite3_str_appendf(sql, "\"%.*w\" IS NOT NULL OR ", (int)needed.length, needed.at);
  sqlite3_str_appendall(sql, "NOT ");
  ph_connect_append_condition(call, sql, table->skipped_when);
  char *text = ph_connect_finish(call, sql), *repeats = NULL;
  if (ph_failed(call->status)) {
    sqlite3_free(text);
  } else {
    repeats = ph_connect_query(call, text);
  }
  bool any = repeats != NULL && strcmp(repeats, "0") != 0;
  sqlite3_free(cells);
  sqlite3_free(repeats);
  return any;
}

/* Without a key, rows that are equal in what is read are one. Empty lines and footers are none of them. */
static void look_for_equal_rows(ph_connecting *call, ph_door_table *table) {
  ph_words needed = {NULL, 0};
  for (size_t index = 0; index < table->column_count && needed.length == 0; index++)
    if (table->columns[index].needed && !table->columns[index].family) needed = table->columns[index].name;
  table->has_equal_rows = any_equal_rows(call, table, needed);
  char *cells = table->has_equal_rows ? cells_sql(call, table) : NULL;
  if (cells != NULL && needed.length > 0)
    table->older_rows = count_rows(
        call,
        sqlite3_mprintf("SELECT (SELECT count(*) FROM %s WHERE \"%.*w\" IS NOT NULL) - (SELECT count(*) FROM "
                        "(SELECT DISTINCT * FROM %s WHERE \"%.*w\" IS NOT NULL))",
                        cells, (int)needed.length, needed.at, cells, (int)needed.length, needed.at));
  sqlite3_free(cells);
}

/* Texts such as 9/28/2026 have another order than the days that they are. */
static void look_at_version_columns(ph_connecting *call, ph_door_table *table) {
  for (size_t index = 1; index < COUNT(version_columns); index++) {
    const char *column = source_column(table, version_columns[index]);
    if (column == NULL) continue;
    char *text =
        ph_connect_query(call, sqlite3_mprintf("SELECT pipeline_health_look('d', NULL, \"%w\") FROM %s",
                                               column, ph_connect_from(call, table, true)));
    unsigned seen = 0; /* behind three other numbers */
    char *at = text;
    for (int word = 0; at != NULL && word < 4; word++) seen = (unsigned)strtoul(at, &at, 10);
    sqlite3_free(text);
    if ((seen & PH_LOOK_ODD_DATE) != 0) table->unclear_versions |= 1u << index;
  }
}

static void look_for_versions(ph_connecting *call, ph_door_table *table) {
  if (table->whole_row) {
    look_for_equal_rows(call, table);
    return;
  }
  char *key = key_sql(call, table);
  if (key == NULL || (table->keys_differ && !call->shortens_ids) || key_is_unique(call, table)) {
    sqlite3_free(key);
    return;
  }
  char *repeats = ph_connect_query(call, sqlite3_mprintf("SELECT pipeline_health_repeats(%s) FROM %s", key,
                                                         ph_connect_from(call, table, true)));
  bool is_unique = repeats == NULL || strcmp(repeats, "0") == 0;
  sqlite3_free(repeats);
  if (is_unique) {
    sqlite3_free(key);
    return;
  }
  char *older = ph_connect_query(
      call, sqlite3_mprintf("SELECT total(n - 1) FROM (SELECT count(*) AS n FROM %s GROUP BY %s HAVING n > 1 "
                            "AND (%s) IS NOT NULL)",
                            ph_connect_from(call, table, true), key, table->key_count == 1 ? key : "1"));
  table->older_rows = older != NULL ? (int64_t)strtod(older, NULL) : 0;
  table->has_versions = table->older_rows > 0;
  sqlite3_free(older);
  if (table->has_versions) look_at_version_columns(call, table);
  sqlite3_str *version = sqlite3_str_new(call->db);
  if (table->has_versions && !ph_connect_append_version(call, table, version))
    look_for_contradictions(call, table, key);
  sqlite3_free(sqlite3_str_finish(version));
  sqlite3_free(key);
}

/* Of links and histories a row that stands twice says the same twice; one that is deleted in a newer version
** does not. */
static void forget_needless_key(ph_connecting *call, ph_door_table *table) {
  if (!table->key_if_deleted || table->source == NULL) return;
  sqlite3_str *deleted = sqlite3_str_new(call->db);
  bool can_tell = ph_connect_append_deleted(table, deleted);
  char *condition = ph_connect_finish(call, deleted), *any = NULL;
  if (can_tell && condition != NULL)
    any = ph_connect_query(call, sqlite3_mprintf("SELECT 1 FROM %s WHERE %s LIMIT 1",
                                                 ph_connect_from(call, table, true), condition));
  if (any == NULL) table->key_count = 0;
  sqlite3_free(condition);
  sqlite3_free(any);
}

/* --------------------------------------------------------------------------------------------- all tables */

void ph_connect_inspect(ph_connecting *call) {
  findings found = {NULL, NULL, NULL, NULL};
  for (size_t index = 0; index < call->table_count && !ph_failed(call->status); index++) {
    forget_needless_key(call, &call->tables[index]);
    if (call->tables[index].source != NULL) look_at(call, &call->tables[index], &found);
  }
  call->shortens_ids = found.long_id != NULL && found.short_id != NULL;
  if (call->shortens_ids)
    ph_connect_decide(call, "ids are their first 15 characters: %s has '%s', %s has '%s'", found.long_in,
                      found.long_id, found.short_in, found.short_id);
  for (size_t index = 0; index < call->table_count && !ph_failed(call->status); index++) {
    ph_door_table *table = &call->tables[index];
    if (table->source == NULL) continue;
    answer_all(call, table, &of_dates);
    answer_all(call, table, &of_amounts);
    table->none_skipped = table->skipped_when.length == 0 ||
                          (table->skipped_if.length > 0 && !ph_connect_holds(call, table->skipped_if));
    if (!table->none_skipped) look_for_skipped(call, table);
    look_for_versions(call, table);
    if (table->deleted_when.length > 0)
      table->none_deleted = ph_connect_no_label(call, table, table->deleted_when);
  }
}
