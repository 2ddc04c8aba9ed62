/* The SELECTs of the views that a door makes. See connect_internal.h. */
#include "connect_internal.h"

#include <stdlib.h>
#include <string.h>

const char *const ph_made_by_connect = "/* pipeline_connect */";

/* --------------------------------------------------------------------------------------- staged tables */

/* Of several versions of a row the newest: max() makes the other columns those of its row. */
static void append_newest(ph_connecting *call, sqlite3_str *sql, ph_door_table *table, const char *source) {
  sqlite3_str *others = sqlite3_str_new(call->db), *of_first = sqlite3_str_new(call->db);
  ph_connect_append_cell(call, of_first, ph_connect_column(table, table->keys[0]));
  for (int index = 1; index < table->key_count; index++) {
    sqlite3_str_appendall(others, ", ");
    ph_connect_append_cell(call, others, ph_connect_column(table, table->keys[index]));
  }
  char *first = ph_connect_finish(call, of_first), *further = ph_connect_finish(call, others);
  sqlite3_str *names =
      sqlite3_str_new(call->db); /* no star: PRAGMA full_column_names changes what it gives */
  for (size_t index = 0; index < table->all_count; index++)
    sqlite3_str_appendf(names, "\"%w\", ", table->all_columns[index]);
  char *columns = ph_connect_finish(call, names);
  sqlite3_str_appendf(sql, "(SELECT %smax(", columns != NULL ? columns : "");
  if (!ph_connect_append_version(call, table, sql)) sqlite3_str_appendall(sql, "''");
  sqlite3_str_appendf(
      sql, ") FROM %s WHERE %s IS NOT NULL GROUP BY %s%s UNION ALL SELECT %sNULL FROM %s WHERE %s IS NULL)",
      source, first, first, further != NULL ? further : "", columns != NULL ? columns : "", source, first);
  sqlite3_free(columns);
  sqlite3_free(first);
  sqlite3_free(further);
}

static void append_source(ph_connecting *call, sqlite3_str *sql, ph_door_table *table) {
  const char *source = ph_connect_from(call, table, call->temporary);
  if (table->has_versions) {
    append_newest(call, sql, table, source);
  } else {
    sqlite3_str_appendall(sql, source);
  }
}

void ph_connect_append_cells(ph_connecting *call, sqlite3_str *sql, const ph_door_table *table) {
  bool any = false;
  for (size_t index = 0; index < table->column_count; index++) {
    const ph_door_column *column = &table->columns[index];
    if (column->family) continue;
    if (any) sqlite3_str_appendall(sql, ", ");
    any = true;
    if (table->source != NULL) {
      ph_connect_append_cell(call, sql, column);
    } else {
      sqlite3_str_appendall(sql, "NULL");
    }
    sqlite3_str_appendf(sql, " AS \"%.*w\"", (int)column->name.length, column->name.at);
  }
}

/* The names of the declared columns, of which a family is none; behind the name of what has them, if any. */
static void append_names(sqlite3_str *sql, const ph_door_table *table, ph_words of) {
  const char *separator = "";
  for (size_t index = 0; index < table->column_count; index++) {
    const ph_door_column *column = &table->columns[index];
    if (column->family) continue;
    sqlite3_str_appendf(sql, "%s%.*s%s\"%.*w\"", separator, (int)of.length, of.at, of.length > 0 ? "." : "",
                        (int)column->name.length, column->name.at);
    separator = ", ";
  }
}

/* A CASE, for SQLite works out both sides of an AND whose value an expression asks for. */
void ph_connect_append_condition(ph_connecting *call, sqlite3_str *sql, ph_words condition) {
  char *text = condition.length > 0 ? ph_connect_expand(call, condition) : NULL;
  sqlite3_str_appendf(sql, "CASE WHEN %s THEN 1 ELSE 0 END", text != NULL ? text : "0");
  sqlite3_free(text);
}

/* Whether rows are asked if they are deleted by the mapping's condition. A label that comes later is known by
** nobody, so that its deal has no outcome, which pipeline_check reports. */
static bool asks_deleted(const ph_door_table *table) {
  return table->deleted_when.length > 0 && !table->none_deleted;
}

static bool has_deletion(const ph_connecting *call, const ph_door_table *table) {
  sqlite3_str *sql = sqlite3_str_new(call->db);
  bool has = asks_deleted(table) || ph_connect_append_deleted(table, sql);
  sqlite3_free(sqlite3_str_finish(sql));
  return has && !table->keeps_deleted && table->source != NULL;
}

/* Whether rows are asked if they are skipped. Of deals and histories they are not where there were none when
** the call was made, of others where their cells say that there can be none: a footer that comes later has no
** creation or no deal, so pipeline_check reports it. */
static bool may_skip(const ph_door_table *table) {
  bool is_asked_once = table->required || table->skips_once;
  return !table->none_skipped && table->skipped_when.length > 0 &&
         (!is_asked_once || table->skipped_rows > 0);
}

static void append_not(ph_connecting *call, sqlite3_str *sql, const char *join, ph_words condition) {
  sqlite3_str_appendf(sql, "%s NOT ", join);
  ph_connect_append_condition(call, sql, condition);
}

/* The rows that count: the newest version of each, neither deleted nor a header nor skipped. */
char *ph_connect_table_select(ph_connecting *call, ph_door_table *table) {
  sqlite3_str *sql = sqlite3_str_new(call->db);
  bool is_nested = table->source != NULL && (asks_deleted(table) || may_skip(table));
  if (is_nested) {
    sqlite3_str_appendall(sql, "SELECT ");
    append_names(sql, table, (ph_words){NULL, 0});
    sqlite3_str_appendall(sql, " FROM (");
  }
  sqlite3_str_appendall(sql, table->has_equal_rows ? "SELECT DISTINCT " : "SELECT ");
  ph_connect_append_cells(call, sql, table);
  if (table->source == NULL) {
    sqlite3_str_appendall(sql, " WHERE 0");
    return ph_connect_finish(call, sql);
  }
  sqlite3_str_appendall(sql, " FROM ");
  append_source(call, sql, table);
  const char *join = " WHERE ";
  sqlite3_str *deleted = sqlite3_str_new(call->db);
  bool has_deleted = !table->keeps_deleted && ph_connect_append_deleted(table, deleted);
  char *deleted_sql = ph_connect_finish(call, deleted);
  if (has_deleted) {
    sqlite3_str_appendf(sql, "%sNOT (%s)", join, deleted_sql != NULL ? deleted_sql : "0");
    join = " AND ";
  }
  sqlite3_free(deleted_sql);
  if (table->header.length > 0)
    sqlite3_str_appendf(sql, "%sltrim(\"%w\", char(65279)) IS NOT ltrim(%Q, char(65279))", join,
                        table->header.at, table->header.at);
  if (is_nested) {
    sqlite3_str_appendall(sql, ")");
    if (asks_deleted(table)) append_not(call, sql, " WHERE", table->deleted_when);
    if (may_skip(table)) append_not(call, sql, asks_deleted(table) ? " AND" : " WHERE", table->skipped_when);
  }
  /* SQLite makes an index for a join over columns, not over expressions. With a LIMIT it does not look
  ** into the view, whose columns are then columns; but it copies each row. */
  const ph_door_column *key = table->key_count > 0 ? ph_connect_column(table, table->keys[0]) : NULL;
  if (key != NULL && key->found != NULL && !ph_connect_is_plain(call, key) &&
      ph_connect_is_joined(call, table->name))
    sqlite3_str_appendall(sql, " LIMIT -1");
  return ph_connect_finish(call, sql);
}

/* FROM … WHERE …: the rows that are deleted, under the declared names. */
static void append_deleted_rows(ph_connecting *call, sqlite3_str *sql, ph_door_table *table) {
  sqlite3_str_appendall(sql, " FROM (SELECT ");
  ph_connect_append_cells(call, sql, table);
  sqlite3_str_appendall(sql, ", (");
  if (!ph_connect_append_deleted(table, sql)) sqlite3_str_appendall(sql, "0");
  sqlite3_str_appendall(sql, ") AS \"deleted row\" FROM ");
  append_source(call, sql, table);
  sqlite3_str_appendall(sql, ") WHERE (\"deleted row\" OR ");
  ph_connect_append_condition(call, sql, table->deleted_when);
  sqlite3_str_appendall(sql, ")");
}

/* The keys of the rows that are deleted. */
static char *deleted_select(ph_connecting *call, ph_door_table *table) {
  sqlite3_str *sql = sqlite3_str_new(call->db);
  if (!has_deletion(call, table) || table->key_count == 0) {
    sqlite3_str_appendall(sql, "SELECT NULL AS id WHERE 0");
    return ph_connect_finish(call, sql);
  }
  ph_words key = table->keys[0];
  sqlite3_str_appendf(sql, "SELECT \"%.*w\" AS id", (int)key.length, key.at);
  append_deleted_rows(call, sql, table);
  sqlite3_str_appendf(sql, " AND \"%.*w\" IS NOT NULL", (int)key.length, key.at);
  return ph_connect_finish(call, sql);
}

/* ------------------------------------------------------------------------------------------- conditions */

static void fail_condition(ph_connecting *call, ph_words condition) {
  ph_fail(call->status, "pipeline_connect: the mapping of %s asks for what it does not declare: %.*s",
          call->crm, (int)condition.length, condition.at);
}

/* TABLE or TABLE.COLUMN: whether it was found; the name of a `once`: whether it has rows. */
static bool is_found(ph_connecting *call, ph_words name) {
  for (size_t index = 0; index < call->block_count; index++)
    if (call->blocks[index].kind == PH_BLOCK_ONCE && ph_words_same(call->blocks[index].name, name))
      return call->blocks[index].row_count > 0;
  ph_words column_name = name, table_name = ph_words_cut(&column_name, '.');
  ph_door_table *table = ph_connect_table(call, table_name);
  if (table == NULL) {
    fail_condition(call, name);
    return false;
  }
  if (column_name.length == 0) return table->source != NULL;
  ph_door_column *column = ph_connect_column(table, column_name);
  if (column == NULL) {
    fail_condition(call, name);
    return false;
  }
  bool found = column->found != NULL;
  for (size_t index = 0; column->family && index < table->column_count && !found; index++)
    found = table->columns[index].family_of == (int)(column - table->columns);
  return table->source != NULL && found;
}

/* Rows that are deleted later leave events of a deal that nobody knows, which pipeline_check reports. */
int64_t ph_connect_count_deleted(ph_connecting *call, ph_door_table *table) {
  if (table->deleted_rows >= 0) return table->deleted_rows;
  table->deleted_rows = 0;
  if (!has_deletion(call, table)) return 0;
  bool temporary = call->temporary;
  call->temporary = true; /* with the schema before the table */
  sqlite3_str *sql = sqlite3_str_new(call->db);
  sqlite3_str_appendall(sql, "SELECT count(*)");
  append_deleted_rows(call, sql, table);
  call->temporary = temporary;
  char *rows = ph_connect_query(call, ph_connect_finish(call, sql));
  table->deleted_rows = rows != NULL ? strtoll(rows, NULL, 10) : 0;
  sqlite3_free(rows);
  return table->deleted_rows;
}

static bool is_marked(const ph_door_table *table, const ph_door_column *column) {
  (void)table;
  return column->found != NULL && column->decimal != NULL;
}

typedef bool asks_cells(const ph_door_table *table, const ph_door_column *column);

/* TABLE.COLUMN behind a word that asks what cells it has: some are missing; amounts that are more than a
** plain number; dates that are not ten characters long. */
static const struct {
  const char *word;
  asks_cells *has;
} of_cells[] = {{"missing", ph_connect_is_missing}, {"marked", is_marked}, {"clock", ph_connect_has_clock}};

static bool has_cells(ph_connecting *call, ph_words name, asks_cells *has) {
  ph_words column_name = name, table_name = ph_words_cut(&column_name, '.');
  ph_door_table *table = ph_connect_table(call, table_name);
  const ph_door_column *column = table != NULL ? ph_connect_column(table, column_name) : NULL;
  if (column != NULL) return has(table, column);
  fail_condition(call, name);
  return true;
}

/* option NAME [= VALUE]; deleted TABLE; what is asked of cells; TABLE[.COLUMN] */
static bool holds_one(ph_connecting *call, ph_words *left) {
  ph_words word = ph_words_next(left);
  if (ph_words_equal(word, "not")) return !holds_one(call, left);
  if (ph_words_equal(word, "deleted")) {
    ph_words name = ph_words_next(left);
    ph_door_table *table = ph_connect_table(call, name);
    if (table == NULL) fail_condition(call, name);
    return table != NULL && ph_connect_count_deleted(call, table) > 0;
  }
  for (size_t index = 0; index < sizeof of_cells / sizeof *of_cells; index++)
    if (ph_words_equal(word, of_cells[index].word))
      return has_cells(call, ph_words_next(left), of_cells[index].has);
  if (!ph_words_equal(word, "option")) return is_found(call, word);
  ph_words value = ph_connect_option(call, ph_words_next(left)), rest = *left;
  if (!ph_words_equal(ph_words_next(&rest), "=")) return value.length > 0;
  ph_words wanted = ph_words_next(&rest);
  *left = rest;
  return ph_words_same(value, wanted);
}

bool ph_connect_holds(ph_connecting *call, ph_words condition) {
  ph_words left = ph_words_trim(condition);
  bool holds = holds_one(call, &left);
  while (left.length > 0 && !ph_failed(call->status)) {
    ph_words word = ph_words_next(&left);
    bool next = left.length > 0 && holds_one(call, &left);
    if (ph_words_equal(word, "and")) {
      holds = holds && next;
    } else if (ph_words_equal(word, "or")) {
      holds = holds || next;
    } else {
      fail_condition(call, condition);
    }
  }
  return holds;
}

/* ------------------------------------------------------------------------------------------- expansion */

/* A text as it is expanded: what `each` stands at. */
typedef struct expansion {
  ph_connecting *call;
  sqlite3_str *sql;
  ph_words family;
  const ph_door_table *member_table;
  const ph_door_column *member;
} expansion;

/* {option NAME} */
static void append_option(expansion *to, ph_words name, const char *what) {
  (void)what;
  ph_words value = ph_connect_option(to->call, name);
  if (value.length > 0) {
    sqlite3_str_appendf(to->sql, "'%.*q'", (int)value.length, value.at);
  } else {
    sqlite3_str_appendall(to->sql, "NULL");
  }
}

/* {values EXPRESSION} */
static void append_values(expansion *to, ph_words expression, const char *what) {
  (void)what;
  const ph_connecting *call = to->call;
  if (call->values_count == 0) {
    sqlite3_str_appendf(to->sql, "(%.*s)", (int)expression.length, expression.at);
    return;
  }
  sqlite3_str_appendf(to->sql, "CASE (%.*s) COLLATE NOCASE", (int)expression.length, expression.at);
  for (size_t index = 0; index < call->values_count; index++)
    sqlite3_str_appendf(to->sql, " WHEN %Q THEN %Q", call->values[index].theirs, call->values[index].ours);
  sqlite3_str_appendf(to->sql, " ELSE (%.*s) END", (int)expression.length, expression.at);
}

bool ph_connect_is_view(const ph_connecting *call, ph_words name) {
  for (size_t index = 0; index < call->table_count; index++)
    if (ph_words_same(call->tables[index].name, name)) return true;
  for (size_t index = 0; index < call->block_count; index++)
    if ((call->blocks[index].kind == PH_BLOCK_VIEW || call->blocks[index].kind == PH_BLOCK_ONCE) &&
        ph_words_same(call->blocks[index].name, name))
      return true;
  return false;
}

static bool is_relation(ph_words name) {
  return name.length > 9 && memcmp(name.at, "pipeline_", 9) == 0;
}

/* {source TABLE}: the name of the table that it is; {order TABLE.COLUMN}, {decimal TABLE.COLUMN}: what its
** cells decided. */
static void append_found(expansion *to, ph_words name, const char *what) {
  ph_words column_name = name, table_name = ph_words_cut(&column_name, '.');
  ph_door_table *table = ph_connect_table(to->call, table_name);
  const ph_door_column *column = table != NULL ? ph_connect_column(table, column_name) : NULL;
  if (table == NULL || (column_name.length > 0 && column == NULL)) {
    fail_condition(to->call, name);
    return;
  }
  const char *text = table->source;
  if (column != NULL) {
    text = *what == 'o' ? column->order : column->decimal;
    if (text == NULL || *text == 0) text = *what == 'o' ? "ymd" : ".";
  }
  sqlite3_str_appendf(to->sql, "%Q", text);
}

/* {labels of TABLE.COLUMN}, {greatest TABLE.COLUMN}; inside of `each` a family is its member. */
static void append_known(expansion *to, ph_words name, const char *what) {
  ph_words column_name = name, table_name = ph_words_cut(&column_name, '.');
  ph_door_table *table = ph_connect_table(to->call, table_name);
  const ph_door_column *column = table != NULL ? ph_connect_column(table, column_name) : NULL;
  if (column != NULL && column->family && to->member != NULL) column = to->member;
  bool is_label = *what == 'l',
       is_date = column != NULL && (column->kind == PH_CELL_DATE || column->kind == PH_CELL_DAY);
  if (column == NULL || (is_label ? column->kind != PH_CELL_LABEL : !is_date)) {
    fail_condition(to->call, name);
  } else if (is_label) {
    ph_connect_append_labels(to->call, to->sql, table, column);
  } else {
    ph_connect_append_greatest(to->call, to->sql, table, column);
  }
}

/* {columns of TABLE [in NAME]}: what a star would give, which PRAGMA full_column_names gives other names. */
static void append_columns(expansion *to, ph_words name, const char *what) {
  (void)what;
  ph_words rest = name, table_name = ph_words_next(&rest), in = ph_words_next(&rest);
  const ph_door_table *table = ph_connect_table(to->call, table_name);
  if (table == NULL || (in.length > 0 && !ph_words_equal(in, "in"))) {
    fail_condition(to->call, name);
    return;
  }
  append_names(to->sql, table, rest);
}

/* {entry of VIEW [with before], DEAL}; {closing of VIEW [with before], DEAL, OUTCOME [, CLOSE DATE]}:
** FUNCTION of a view's entries. */
static void append_of_entries(expansion *to, ph_words name, const char *function) {
  ph_words arguments = name, with = ph_words_cut(&arguments, ','), view = ph_words_next(&with);
  bool has_before = ph_words_take(&with, "with before");
  if (!ph_connect_is_view(to->call, view) || with.length > 0 || arguments.length == 0) {
    fail_condition(to->call, name);
    return;
  }
  sqlite3_str_appendf(to->sql,
                      "pipeline_health_%s((SELECT pipeline_health_entries(deal_id, at, tie, outcome%s) FROM "
                      "\"%s_%.*w\"), %.*s)",
                      function, has_before ? ", before" : "", to->call->crm, (int)view.length, view.at,
                      (int)arguments.length, arguments.at);
}

/* {lookup VALUE of VIEW by KEY, EXPRESSION}, {last …}; {find FIRST and SECOND of VIEW by KEY, EXPRESSION} */
static void append_lookup(expansion *to, ph_words name, const char *what) {
  if (!ph_connect_append_lookup(to->call, to->sql, name, what)) fail_condition(to->call, name);
}

/* {among EXPRESSION, …} and others: a function of what stands there. */
static void append_function(expansion *to, ph_words arguments, const char *function) {
  sqlite3_str_appendf(to->sql, "pipeline_health_%s(%.*s)", function, (int)arguments.length, arguments.at);
}

/* {deleted TABLE} */
static void append_deleted(expansion *to, ph_words name, const char *what) {
  (void)what;
  if (ph_connect_table(to->call, name) == NULL) fail_condition(to->call, name);
  sqlite3_str_appendf(to->sql, "\"%s_%.*w_deleted\"", to->call->crm, (int)name.length, name.at);
}

/* Whether a column is of the family and stands for the same as the one that `each` is at. */
static bool is_like_member(const expansion *to, const ph_door_column *column) {
  return column->family_of == to->member->family_of && ph_words_same(column->matched, to->member->matched);
}

/* The number of the family's first column of that name. */
static int number_of(const expansion *to) {
  int number = 0;
  for (size_t index = 0; index < to->member_table->column_count; index++) {
    const ph_door_column *column = &to->member_table->columns[index];
    if (column->family_of != to->member->family_of) continue;
    number++;
    if (is_like_member(to, column)) break;
  }
  return number;
}

/* {cell of FAMILY in NAME}: the first that is not NULL of the columns that stand for the same. */
static void append_cell_of(expansion *to, ph_words name) {
  ph_words family = ph_words_next(&name), in = ph_words_next(&name);
  const ph_door_table *table = to->member_table;
  int count = 0, done = 0;
  if (!ph_words_same(family, to->family) || !ph_words_equal(in, "in")) fail_condition(to->call, family);
  for (size_t index = 0; index < table->column_count; index++)
    count += is_like_member(to, &table->columns[index]);
  if (count > 1) sqlite3_str_appendall(to->sql, "coalesce(");
  for (size_t index = 0; index < table->column_count; index++) {
    const ph_door_column *column = &table->columns[index];
    if (!is_like_member(to, column)) continue;
    sqlite3_str_appendf(to->sql, "%s%.*s.\"%.*w\"", done++ > 0 ? ", " : "", (int)name.length, name.at,
                        (int)column->name.length, column->name.at);
  }
  if (count > 1) sqlite3_str_appendall(to->sql, ")");
}

/* {FAMILY}, {name of FAMILY}, {number of FAMILY} inside of `each`; {TABLE or view} */
static void append_name(expansion *to, ph_words name) {
  const ph_connecting *call = to->call;
  ph_words rest = name;
  if (to->member != NULL && ph_words_same(name, to->family)) {
    sqlite3_str_appendf(to->sql, "\"%.*w\"", (int)to->member->name.length, to->member->name.at);
  } else if (to->member != NULL && ph_words_take(&rest, "name of")) {
    sqlite3_str_appendf(to->sql, "'%.*q'", (int)to->member->matched.length, to->member->matched.at);
  } else if (to->member != NULL && ph_words_take(&rest, "cell of")) {
    append_cell_of(to, rest);
  } else if (to->member != NULL && ph_words_take(&rest, "number of")) {
    sqlite3_str_appendf(to->sql, "%d", number_of(to));
  } else if (ph_connect_is_view(call, name) && is_relation(name)) {
    sqlite3_str_appendf(to->sql, "\"%.*w\"", (int)name.length, name.at);
  } else if (ph_connect_is_view(call, name)) {
    sqlite3_str_appendf(to->sql, "\"%s_%.*w\"", call->crm, (int)name.length, name.at);
  } else {
    fail_condition(to->call, name);
  }
}

static void append_substitute(expansion *to, ph_words name) {
  static const struct {
    const char *words;
    void (*append)(expansion *, ph_words, const char *what);
    const char *what;
  } directives[] = {{"option", append_option, ""},
                    {"values", append_values, ""},
                    {"lookup", append_lookup, "lookup"},
                    {"last", append_lookup, "last"},
                    {"find", append_lookup, "find"},
                    {"first of", append_function, "first"},
                    {"second of", append_function, "second"},
                    {"columns of", append_columns, ""},
                    {"labels of", append_known, "labels"},
                    {"greatest", append_known, "greatest"},
                    {"entry of", append_of_entries, "lookup"},
                    {"closing of", append_of_entries, "closing"},
                    {"counts of", append_function, "counts"},
                    {"words of", append_function, "words"},
                    {"among", append_function, "among"},
                    {"cancelled", append_function, "cancelled"},
                    {"channel", append_function, "channel"},
                    {"list", append_function, "list"},
                    {"inserted", append_function, "inserted"},
                    {"closed", append_function, "closed"},
                    {"source", append_found, "source"},
                    {"order", append_found, "order"},
                    {"decimal", append_found, "decimal"},
                    {"deleted", append_deleted, ""}};
  for (size_t index = 0; index < sizeof directives / sizeof *directives; index++)
    if (ph_words_take(&name, directives[index].words)) {
      directives[index].append(to, name, directives[index].what);
      return;
    }
  append_name(to, name);
}

static void append_line(expansion *to, ph_words line) {
  ph_words left = line;
  while (left.length > 0) {
    const char *open = memchr(left.at, '{', left.length);
    size_t before = open != NULL ? (size_t)(open - left.at) : left.length;
    sqlite3_str_append(to->sql, left.at, (int)before);
    left.at += before;
    left.length -= before;
    if (open == NULL) break;
    const char *close = memchr(left.at, '}', left.length);
    if (close == NULL) {
      fail_condition(to->call, line);
      return;
    }
    size_t length = (size_t)(close - left.at);
    append_substitute(to, ph_words_trim((ph_words){left.at + 1, length - 1}));
    left.at += length + 1;
    left.length -= length + 1;
  }
  sqlite3_str_appendall(to->sql, "\n");
}

static void expand(expansion *to, ph_words text);

/* What stands between an `if` or `each` and its `end`, cut at its `else`. */
static ph_words cut_nested(ph_words *text, ph_words *otherwise) {
  ph_words inside = {text->at, 0}, line;
  *otherwise = (ph_words){NULL, 0};
  int depth = 1;
  for (bool is_directive; ph_next_line(text, &line, &is_directive);) {
    if (is_directive && (ph_words_take(&line, "if") || ph_words_take(&line, "each"))) depth++;
    if (is_directive && ph_words_take(&line, "end") && --depth == 0) break;
    bool is_else = is_directive && depth == 1 && ph_words_take(&line, "else");
    if (is_else) *otherwise = (ph_words){text->at, 0};
    ph_words *grows = otherwise->at != NULL ? otherwise : &inside;
    if (!is_else) grows->length = (size_t)(text->at - grows->at);
  }
  return inside;
}

static void expand_each(expansion *to, ph_words name, ph_words inside) {
  ph_words column_name = name, table_name = ph_words_cut(&column_name, '.');
  ph_door_table *table = ph_connect_table(to->call, table_name);
  ph_door_column *family = table != NULL ? ph_connect_column(table, column_name) : NULL;
  if (family == NULL || !family->family) {
    fail_condition(to->call, name);
    return;
  }
  for (size_t index = 0; index < table->column_count; index++) {
    if (table->columns[index].family_of != (int)(family - table->columns)) continue;
    expansion member = {to->call, to->sql, family->name, table, &table->columns[index]};
    expand(&member, inside);
  }
}

static void expand(expansion *to, ph_words text) {
  ph_words line;
  for (bool is_directive; !ph_failed(to->call->status) && ph_next_line(&text, &line, &is_directive);) {
    ph_words trimmed = ph_words_trim(line);
    if (!is_directive) {
      bool is_comment = trimmed.length >= 2 && memcmp(trimmed.at, "--", 2) == 0;
      if (trimmed.length > 0 && !is_comment) append_line(to, line);
      continue;
    }
    ph_words otherwise, inside;
    if (ph_words_take(&trimmed, "if")) {
      inside = cut_nested(&text, &otherwise);
      expand(to, ph_connect_holds(to->call, trimmed) ? inside : otherwise);
    } else if (ph_words_take(&trimmed, "each")) {
      inside = cut_nested(&text, &otherwise);
      expand_each(to, trimmed, inside);
    } else {
      fail_condition(to->call, line);
    }
  }
}

char *ph_connect_expand(ph_connecting *call, ph_words body) {
  expansion to = {call, sqlite3_str_new(call->db), {NULL, 0}, NULL, NULL};
  expand(&to, body);
  char *sql = ph_connect_finish(call, to.sql);
  size_t length = sql != NULL ? strlen(sql) : 0;
  while (length > 0 && (sql[length - 1] == '\n' || sql[length - 1] == ';' || sql[length - 1] == ' '))
    sql[--length] = 0;
  if (sql == NULL) ph_fail_memory(call->status);
  if (!ph_failed(call->status)) return sql;
  sqlite3_free(sql);
  return NULL;
}

/* ------------------------------------------------------------------------------------------- all views */

static void give(ph_connecting *call, ph_each_view *each, void *context, char *name, char *select) {
  if (name == NULL || select == NULL) {
    ph_fail_memory(call->status);
  } else if (!ph_failed(call->status)) {
    each(call, name, select, context);
  }
  sqlite3_free(name);
  sqlite3_free(select);
}

static void append_own_policies(ph_connecting *call, sqlite3_str *sql) {
  char *own = ph_connect_query(
      call,
      sqlite3_mprintf(
          "SELECT name FROM \"%w\".sqlite_master WHERE name = 'pipeline_policy' COLLATE NOCASE AND type "
          "IN ('table', 'view')",
          call->schema));
  char *set = own != NULL ? sqlite3_mprintf("%s", sqlite3_str_value(sql)) : NULL;
  if (set != NULL)
    sqlite3_str_appendf(
        sql,
        " UNION ALL SELECT name, value FROM \"%w\".\"%w\" WHERE lower(name) NOT IN (SELECT name "
        "FROM (%s))",
        call->schema, own, set);
  sqlite3_free(own);
  sqlite3_free(set);
}

/* The policies that options and the mapping set, and those of the schema's own for all other names. */
static char *policy_select(ph_connecting *call) {
  static const char *const of_options[][2] = {{"exported_on", "data_until"}, {"time_zone", "time_zone"}};
  sqlite3_str *sql = sqlite3_str_new(call->db);
  for (size_t index = 0; index < sizeof of_options / sizeof *of_options; index++) {
    ph_words value = ph_connect_option(call, ph_words_of(of_options[index][0]));
    if (value.length > 0)
      sqlite3_str_appendf(sql, "%sSELECT '%s' AS name, '%.*q' AS value",
                          sqlite3_str_length(sql) > 0 ? " UNION ALL " : "", of_options[index][1],
                          (int)value.length, value.at);
  }
  for (size_t index = 0; index < call->block_count; index++) {
    const ph_door_block *block = &call->blocks[index];
    if (block->kind != PH_BLOCK_POLICY ||
        (block->condition.length > 0 && !ph_connect_holds(call, block->condition)))
      continue;
    char *body = ph_connect_expand(call, block->body);
    sqlite3_str_appendf(
        sql, "%sSELECT name, value FROM (SELECT '%.*q' AS name, (%s) AS value) WHERE value IS NOT NULL",
        sqlite3_str_length(sql) > 0 ? " UNION ALL " : "", (int)block->name.length, block->name.at,
        body != NULL ? body : "NULL");
    sqlite3_free(body);
  }
  if (sqlite3_str_length(sql) > 0 && call->temporary) append_own_policies(call, sql);
  return ph_connect_finish(call, sql);
}

static void append_problem(ph_connecting *call, sqlite3_str *sql, const ph_door_block *block) {
  if (block->kind != PH_BLOCK_PROBLEM ||
      (block->condition.length > 0 && !ph_connect_holds(call, block->condition)))
    return;
  char *body = ph_connect_expand(call, block->body);
  sqlite3_str_appendf(
      sql,
      "%sSELECT '%.*q' AS problem, '%.*q' AS severity, rows, amount, example, '%.*q' AS meaning FROM (%s) "
      "WHERE rows > 0",
      sqlite3_str_length(sql) > 0 ? " UNION ALL " : "", (int)block->name.length, block->name.at,
      (int)block->severity.length, block->severity.at, (int)block->meaning.length, block->meaning.at,
      body != NULL ? body : "SELECT 0 AS rows, NULL AS amount, NULL AS example");
  sqlite3_free(body);
}

/* pipeline_import(problem, severity, rows, amount, example, meaning) */
static char *import_select(ph_connecting *call) {
  sqlite3_str *sql = sqlite3_str_new(call->db);
  if (sqlite3_str_length(call->problems) > 0)
    sqlite3_str_append(sql, sqlite3_str_value(call->problems), sqlite3_str_length(call->problems));
  for (size_t index = 0; index < call->block_count; index++) append_problem(call, sql, &call->blocks[index]);
  if (sqlite3_str_length(sql) == 0)
    sqlite3_str_appendall(
        sql, "SELECT NULL AS problem, NULL AS severity, NULL AS rows, NULL AS amount, NULL AS example, "
             "NULL AS meaning WHERE 0");
  return ph_connect_finish(call, sql);
}

void ph_connect_table_views(ph_connecting *call, ph_each_view *each, void *context) {
  for (size_t index = 0; index < call->table_count && !ph_failed(call->status); index++) {
    ph_door_table *table = &call->tables[index];
    ph_words name = table->name;
    give(call, each, context, sqlite3_mprintf("%s_%.*s", call->crm, (int)name.length, name.at),
         ph_connect_table_select(call, table));
    if (table->key_count > 0 && !table->keeps_deleted)
      give(call, each, context, sqlite3_mprintf("%s_%.*s_deleted", call->crm, (int)name.length, name.at),
           deleted_select(call, table));
  }
}

void ph_connect_views(ph_connecting *call, ph_each_view *each, void *context) {
  ph_connect_table_views(call, each, context);
  for (size_t index = 0; index < call->block_count && !ph_failed(call->status); index++) {
    const ph_door_block *block = &call->blocks[index];
    bool is_read = block->rows != NULL;
    if (!is_read && block->kind != PH_BLOCK_VIEW) continue;
    if (!is_read && block->condition.length > 0 && !ph_connect_holds(call, block->condition)) continue;
    char *name = is_relation(block->name)
                     ? sqlite3_mprintf("%.*s", (int)block->name.length, block->name.at)
                     : sqlite3_mprintf("%s_%.*s", call->crm, (int)block->name.length, block->name.at);
    give(call, each, context, name,
         is_read ? sqlite3_mprintf("%s", block->rows) : ph_connect_expand(call, block->body));
  }
  if (ph_failed(call->status)) return;
  char *policies = policy_select(call);
  if (policies != NULL) give(call, each, context, sqlite3_mprintf("pipeline_policy"), policies);
  if (!ph_failed(call->status))
    give(call, each, context, sqlite3_mprintf("pipeline_import"), import_select(call));
}
