/*
** pipeline_connect(crm [, schema]): TEMP views over a CRM's exported tables (specification, section 10).
**
**     SELECT pipeline_connect('salesforce');
**     SELECT pipeline_connect('hubspot', 'crm');
**
** HOW IT WORKS. A mapping (sql/<crm>.sql, embedded by the build) declares the CRM's tables and columns in
** lines that begin with "--!". For each declared table a view temp.<crm>_<Table> is made with exactly these
** columns, NULL for a column and no rows for a table that is absent; then the mapping's statements run, which
** make temp.pipeline_deal and its sisters. Tables and columns match whatever their case and underscores, columns
** also under the other names that the mapping gives. Tables of the user are only read.
**
** Everything is looked at before the first view is made, and a call that fails later takes its views away again.
** There is no savepoint around it: after an interrupt or without memory SQLite could not end that, and all that the
** user writes from then on would wait in an open transaction. It could not drop the views either; the next call does.
**
** The result is JSON: {"crm", "schema", "found": {table: [columns]}, "missing": [names], "switched_off":
** [texts], and what the mapping reports}. Errors: an unknown CRM or schema, a required table that is absent,
** a TEMP view or table of one of these names that somebody else made.
*/
#include "functions.h"

#include "embedded_sql.h"
#include "../history/relation.h"

#include <ctype.h>
#include <string.h>

typedef struct mapping {
  const char *crm, *sql;
} mapping;

static const mapping mappings[] = {{"salesforce", ph_embedded_salesforce}, {"hubspot", ph_embedded_hubspot}};
enum { MAPPING_COUNT = sizeof mappings / sizeof *mappings, NAME_BYTES = 128, MOST_DECLARED = 64 };

static const char *const MADE_BY_US = "/* pipeline_connect */";

/* A table as the mapping declares it and as it was found. */
typedef struct crm_table {
  char name[NAME_BYTES];
  bool required;
  char columns[MOST_DECLARED][NAME_BYTES];
  const char *others[MOST_DECLARED]; /* in the mapping: "|name|name" behind the column's name */
  size_t others_length[MOST_DECLARED];
  bool needed[MOST_DECLARED], boolean[MOST_DECLARED];
  char *found[MOST_DECLARED]; /* the column's name in the export */
  int column_count;
  char *source; /* the table's name in the export; NULL when absent */
} crm_table;

/* The mapping is read three times: to look for the tables and whether the names of views are free, to make the views,
** and, once all are there, to report. */
typedef enum { LOOK, MAKE, REPORT } pass;

/* One call. */
typedef struct connecting {
  sqlite3 *db;
  ph_status *status;
  const mapping *map;
  const char *schema;
  crm_table table; /* the one that is being declared */
  bool open;       /* there is one */
  sqlite3_str *found, *missing, *switched_off, *reports;
} connecting;

/* --------------------------------------------------------------------------------------------- helpers */

static void run(connecting *call, const char *sql, const char *what) {
  if (ph_failed(call->status)) return;
  if (sql == NULL) {
    ph_fail_memory(call->status);
    return;
  }
  int code = sqlite3_exec(call->db, sql, NULL, NULL, NULL);
  if (code != SQLITE_OK) ph_host_fail(call->status, call->db, code, what);
}

/* The first value of a query as a text of sqlite3_malloc, NULL when there is none. */
static char *query_text(connecting *call, char *sql, const char *what) {
  sqlite3_stmt *statement = NULL;
  char *text = NULL;
  int code = sql != NULL ? sqlite3_prepare_v2(call->db, sql, -1, &statement, NULL) : SQLITE_NOMEM;
  sqlite3_free(sql);
  if (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW &&
      sqlite3_column_type(statement, 0) != SQLITE_NULL)
    text = sqlite3_mprintf("%s", sqlite3_column_text(statement, 0));
  if (code == SQLITE_OK) code = sqlite3_finalize(statement);
  if (code != SQLITE_OK) ph_host_fail(call->status, call->db, code, what);
  return text;
}

static void append_json_text(sqlite3_str *json, const char *text, size_t length) {
  sqlite3_str_appendchar(json, 1, '"');
  for (size_t index = 0; index < length; index++) {
    unsigned char character = (unsigned char)text[index];
    if (character == '"' || character == '\\') {
      sqlite3_str_appendf(json, "\\%c", character);
    } else if (character < 0x20) {
      sqlite3_str_appendf(json, "\\u%04x", character);
    } else {
      sqlite3_str_appendchar(json, 1, (char)character);
    }
  }
  sqlite3_str_appendchar(json, 1, '"');
}

static void append_element(sqlite3_str *json, const char *text, size_t length) {
  if (sqlite3_str_length(json) > 0) sqlite3_str_appendchar(json, 1, ',');
  append_json_text(json, text, length);
}

static void copy_name(char target[NAME_BYTES], const char *text, size_t length) {
  if (length >= NAME_BYTES) length = NAME_BYTES - 1;
  memcpy(target, text, length);
  target[length] = 0;
}

/* Equal but for case and underscores. */
static bool same_name(const char *left, const char *right) {
  for (;;) {
    while (*left == '_') left++;
    while (*right == '_') right++;
    if (tolower((unsigned char)*left) != tolower((unsigned char)*right)) return false;
    if (*left == 0) return true;
    left++;
    right++;
  }
}

/* ------------------------------------------------------------------------------------------- one table */

/* Finds the export's table: a name that is equal but for case goes before one with other underscores. */
static void find_table(connecting *call) {
  crm_table *table = &call->table;
  sqlite3_stmt *statement = NULL;
  char *sql = sqlite3_mprintf(
      "SELECT name FROM \"%w\".sqlite_master WHERE type IN ('table', 'view') ORDER BY name", call->schema);
  int code = sql != NULL ? sqlite3_prepare_v2(call->db, sql, -1, &statement, NULL) : SQLITE_NOMEM;
  sqlite3_free(sql);
  while (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
    const char *name = (const char *)sqlite3_column_text(statement, 0);
    if (name == NULL || !same_name(name, table->name)) continue;
    bool exact = sqlite3_stricmp(name, table->name) == 0;
    if (table->source != NULL && !exact) continue;
    sqlite3_free(table->source);
    table->source = sqlite3_mprintf("%s", name);
    if (table->source == NULL) ph_fail_memory(call->status);
    if (exact) break;
  }
  if (code == SQLITE_OK) code = sqlite3_finalize(statement);
  if (code != SQLITE_OK) ph_host_fail(call->status, call->db, code, call->schema);
}

/* A name that is equal but for case goes before one with other underscores. */
static const char *find_column(sqlite3_stmt *statement, const char *wanted) {
  const char *best = NULL;
  for (int index = 0; index < sqlite3_column_count(statement); index++) {
    const char *name = sqlite3_column_name(statement, index);
    if (name == NULL || !same_name(name, wanted)) continue;
    if (best == NULL || sqlite3_stricmp(name, wanted) == 0) best = name;
  }
  return best;
}

/* The first of the other names that the export has. */
static const char *find_other(sqlite3_stmt *statement, const char *others, size_t length) {
  const char *best = NULL;
  for (size_t at = 0; at < length && best == NULL;) {
    char name[NAME_BYTES];
    size_t end = ++at; /* behind the bar */
    while (end < length && others[end] != '|') end++;
    copy_name(name, others + at, end - at);
    best = find_column(statement, name);
    at = end;
  }
  return best;
}

/* Finds the columns under their own names, else under their other ones. */
static void find_columns(connecting *call) {
  crm_table *table = &call->table;
  sqlite3_stmt *statement = NULL;
  char *sql = sqlite3_mprintf("SELECT * FROM \"%w\".\"%w\" LIMIT 0", call->schema, table->source);
  int code = sql != NULL ? sqlite3_prepare_v2(call->db, sql, -1, &statement, NULL) : SQLITE_NOMEM;
  sqlite3_free(sql);
  if (code != SQLITE_OK) {
    ph_host_fail(call->status, call->db, code, table->source);
    return;
  }
  for (int column = 0; column < table->column_count; column++) {
    const char *best = find_column(statement, table->columns[column]);
    if (best == NULL) best = find_other(statement, table->others[column], table->others_length[column]);
    if (best == NULL) continue;
    table->found[column] = sqlite3_mprintf("%s", best);
    if (table->found[column] == NULL) ph_fail_memory(call->status);
  }
  sqlite3_finalize(statement);
}

static void note_missing(connecting *call, const char *column) {
  char *name = column != NULL ? sqlite3_mprintf("%s.%s", call->table.name, column)
                              : sqlite3_mprintf("%s", call->table.name);
  if (name == NULL) {
    ph_fail_memory(call->status);
  } else {
    append_element(call->missing, name, strlen(name));
  }
  sqlite3_free(name);
}

/* A table without one of the columns it needs counts as absent. What is missing is noted at the first look. */
static void settle_table(connecting *call, pass which) {
  crm_table *table = &call->table;
  const char *lacking = NULL;
  for (int column = 0; column < table->column_count && table->source != NULL; column++)
    if (table->needed[column] && table->found[column] == NULL && lacking == NULL)
      lacking = table->columns[column];
  if (table->source == NULL && table->required)
    ph_fail(call->status, "pipeline_connect: no table %s in %s (expected %s's tables under their own names)",
            table->name, call->schema, call->map->crm);
  if (lacking != NULL && table->required) {
    char *columns =
        query_text(call,
                   sqlite3_mprintf("SELECT group_concat(name, ', ') FROM pragma_table_info(%Q, %Q)",
                                   table->source, call->schema),
                   "pipeline_connect");
    ph_fail(call->status, "pipeline_connect: table %s has no column %s (found: %s)", table->source, lacking,
            columns != NULL ? columns : "none");
    sqlite3_free(columns);
  }
  if (which == LOOK && (lacking != NULL || table->source == NULL)) note_missing(call, lacking);
  for (int column = 0; which == LOOK && column < table->column_count; column++)
    if (lacking == NULL && table->source != NULL && table->found[column] == NULL)
      note_missing(call, table->columns[column]);
  if (lacking == NULL) return;
  sqlite3_free(table->source);
  table->source = NULL;
}

static void report_found(connecting *call) {
  const crm_table *table = &call->table;
  sqlite3_str *columns = sqlite3_str_new(call->db);
  for (int column = 0; column < table->column_count; column++)
    if (table->found[column] != NULL)
      append_element(columns, table->found[column], strlen(table->found[column]));
  char *list = sqlite3_str_finish(columns);
  if (sqlite3_str_length(call->found) > 0) sqlite3_str_appendchar(call->found, 1, ',');
  append_json_text(call->found, table->source, strlen(table->source));
  sqlite3_str_appendf(call->found, ":[%s]", list != NULL ? list : "");
  sqlite3_free(list);
}

/* Fails when temp has a table or view of the name that was not made here. */
static void refuse_foreign(connecting *call, const char *name) {
  char *kind =
      query_text(call,
                 sqlite3_mprintf("SELECT type FROM temp.sqlite_master WHERE name = %Q COLLATE NOCASE AND "
                                 "type IN ('table', 'view') AND (type = 'table' OR instr(sql, %Q) = 0)",
                                 name, MADE_BY_US),
                 name);
  if (kind != NULL)
    ph_fail(call->status,
            "pipeline_connect: temp has a %s %s that pipeline_connect did not make (expected none; drop it "
            "first)",
            kind, name);
  sqlite3_free(kind);
}

/* The value of a column for the mapping, NULL when the export lacks it. A boolean is 1, 0, or NULL when its text is
** neither: exports write it in many ways. */
static void append_staged(sqlite3_str *sql, const char *column, bool boolean) {
  static const char blanks[] = "' ' || char(9, 10, 13)";
  if (column == NULL) {
    sqlite3_str_appendall(sql, "NULL");
  } else if (boolean) {
    sqlite3_str_appendf(
        sql,
        "CASE WHEN lower(trim(\"%w\", %s)) IN ('true', 't', 'yes', 'y', 'on', '1', '1.0') THEN 1 "
        "WHEN lower(trim(\"%w\", %s)) IN ('false', 'f', 'no', 'n', 'off', '0', '0.0') THEN 0 END",
        column, blanks, column, blanks);
  } else {
    sqlite3_str_appendf(sql, "\"%w\"", column);
  }
}

static void make_staging_view(connecting *call, const char *name) {
  const crm_table *table = &call->table;
  char *drop = sqlite3_mprintf("DROP VIEW IF EXISTS temp.\"%w\"", name);
  run(call, drop, name);
  sqlite3_free(drop);
  sqlite3_str *sql = sqlite3_str_new(call->db);
  sqlite3_str_appendf(sql, "CREATE TEMP VIEW \"%w\" AS %s SELECT ", name, MADE_BY_US);
  for (int column = 0; column < table->column_count; column++) {
    if (column > 0) sqlite3_str_appendall(sql, ", ");
    append_staged(sql, table->source != NULL ? table->found[column] : NULL, table->boolean[column]);
    sqlite3_str_appendf(sql, " AS \"%w\"", table->columns[column]);
  }
  if (table->source != NULL) {
    sqlite3_str_appendf(sql, " FROM \"%w\".\"%w\"", call->schema, table->source);
  } else {
    sqlite3_str_appendall(sql, " WHERE 0");
  }
  char *text = sqlite3_str_finish(sql);
  run(call, text, name);
  sqlite3_free(text);
}

static void free_table(crm_table *table) {
  for (int column = 0; column < MOST_DECLARED; column++) sqlite3_free(table->found[column]);
  sqlite3_free(table->source);
  memset(table, 0, sizeof *table);
}

/* ------------------------------------------------------------------------------------------ directives */

/* A word of a line: from *at to a blank or comma. Returns its length. */
static size_t next_word(const char **at, const char *end) {
  while (*at < end && (**at == ' ' || **at == ',')) (*at)++;
  const char *word = *at;
  while (*at < end && **at != ' ' && **at != ',') (*at)++;
  return (size_t)(*at - word);
}

static void declare_table(connecting *call, const char *at, const char *end) {
  free_table(&call->table);
  size_t length = next_word(&at, end);
  copy_name(call->table.name, at - length, length);
  call->table.required = next_word(&at, end) > 0;
  call->open = true;
}

static void declare_columns(connecting *call, const char *at, const char *end) {
  crm_table *table = &call->table;
  for (size_t length; (length = next_word(&at, end)) > 0;) {
    if (table->column_count == MOST_DECLARED) {
      ph_fail(call->status, "pipeline_connect: the mapping declares more than %d columns of %s",
              MOST_DECLARED, table->name);
      return;
    }
    const char *name = at - length;
    bool boolean = name[length - 1] == '?';
    length -= boolean;
    bool needed = name[length - 1] == '!';
    length -= needed;
    const char *bar = memchr(name, '|', length);
    size_t own = bar != NULL ? (size_t)(bar - name) : length;
    int column = table->column_count++;
    table->boolean[column] = boolean;
    table->needed[column] = needed;
    table->others[column] = name + own;
    table->others_length[column] = length - own;
    copy_name(table->columns[column], name, own);
  }
}

/* "off TEXT" holds when the table is absent, "off Column: TEXT" when it is there without the column. A text
** may have a colon behind its first word, too: only a declared column is one. */
static void declare_off(connecting *call, const char *at, const char *end) {
  crm_table *table = &call->table;
  const char *text = at;
  size_t length = next_word(&text, end);
  const char *name = text - length;
  bool has_colon = length > 1 && text[-1] == ':';
  int column = 0;
  while (column < table->column_count && !(has_colon && strlen(table->columns[column]) == length - 1 &&
                                           memcmp(table->columns[column], name, length - 1) == 0))
    column++;
  if (column == table->column_count) {
    if (table->source == NULL) append_element(call->switched_off, at, (size_t)(end - at));
  } else if (table->source != NULL && table->found[column] == NULL) {
    append_element(call->switched_off, text + 1, (size_t)(end - text - 1));
  }
}

/* Once its columns are known, a table is looked for; its name must be free for a view, which is then made. */
static void close_declaration(connecting *call, pass which) {
  if (!call->open || ph_failed(call->status)) return;
  call->open = false;
  find_table(call);
  if (call->table.source != NULL) find_columns(call);
  settle_table(call, which);
  if (ph_failed(call->status)) return;
  char *name = sqlite3_mprintf("%s_%s", call->map->crm, call->table.name);
  if (name == NULL) {
    ph_fail_memory(call->status);
  } else if (which == MAKE) {
    make_staging_view(call, name);
  } else {
    if (call->table.source != NULL) report_found(call);
    refuse_foreign(call, name);
  }
  sqlite3_free(name);
}

static bool starts_with(const char **at, const char *end, const char *word) {
  size_t length = strlen(word);
  if ((size_t)(end - *at) < length || memcmp(*at, word, length) != 0) return false;
  *at += length;
  return true;
}

/* Appends the first value of a query: a number as a number, a text as a text, else null. */
static void append_json_query(connecting *call, sqlite3_str *json, const char *sql, int length) {
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(call->db, sql, length, &statement, NULL);
  bool row = code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW;
  int type = row ? sqlite3_column_type(statement, 0) : SQLITE_NULL;
  const char *text = type != SQLITE_NULL ? (const char *)sqlite3_column_text(statement, 0) : NULL;
  if (text == NULL) {
    sqlite3_str_appendall(json, "null");
  } else if (type == SQLITE_INTEGER) {
    sqlite3_str_appendall(json, text);
  } else {
    append_json_text(json, text, strlen(text));
  }
  if (code == SQLITE_OK) code = sqlite3_finalize(statement);
  if (code != SQLITE_OK) ph_host_fail(call->status, call->db, code, call->map->crm);
}

static void report(connecting *call, const char *at, const char *end) {
  size_t length = next_word(&at, end);
  sqlite3_str_appendchar(call->reports, 1, ',');
  append_json_text(call->reports, at - length, length);
  sqlite3_str_appendchar(call->reports, 1, ':');
  append_json_query(call, call->reports, at, (int)(end - at));
}

static void read_directive(connecting *call, pass which, const char *at, const char *end) {
  if (starts_with(&at, end, "report ")) {
    if (which == REPORT) report(call, at, end);
  } else if (which == REPORT) {
    return;
  } else if (starts_with(&at, end, "table ")) {
    close_declaration(call, which);
    declare_table(call, at, end);
  } else if (starts_with(&at, end, "columns ")) {
    declare_columns(call, at, end);
  } else if (starts_with(&at, end, "off ")) {
    close_declaration(call, which);
    if (which == LOOK) declare_off(call, at, end);
  } else {
    ph_fail(call->status, "pipeline_connect: the mapping has an unknown line: %.*s", (int)(end - at), at);
  }
}

static void read_directives(connecting *call, pass which) {
  for (const char *line = call->map->sql; *line != 0 && !ph_failed(call->status);) {
    const char *end = line + strcspn(line, "\n");
    if (strncmp(line, "--! ", 4) == 0) read_directive(call, which, line + 4, end);
    line = *end != 0 ? end + 1 : end;
  }
  if (which != REPORT) close_declaration(call, which);
}

/* ---------------------------------------------------------------------------------------- the function */

/* The views that the mapping's statements make replace none but those of an earlier call. */
static void refuse_foreign_views(connecting *call) {
  static const char create[] = "\nCREATE TEMP VIEW ";
  const char *at = call->map->sql;
  while (!ph_failed(call->status) && (at = strstr(at, create)) != NULL) {
    char name[NAME_BYTES];
    at += sizeof create - 1;
    copy_name(name, at, strcspn(at, " "));
    refuse_foreign(call, name);
  }
}

/* Drops every view that this or an earlier call made. */
static void take_away(connecting *call) {
  for (bool more = true; more;) {
    ph_status status;
    connecting undo = {.db = call->db, .status = &status};
    ph_status_begin(&status, NULL);
    char *name = query_text(&undo,
                            sqlite3_mprintf("SELECT name FROM temp.sqlite_master WHERE type = 'view' AND "
                                            "instr(sql, %Q) > 0 LIMIT 1",
                                            MADE_BY_US),
                            "pipeline_connect");
    char *drop = name != NULL ? sqlite3_mprintf("DROP VIEW temp.\"%w\"", name) : NULL;
    if (drop != NULL) run(&undo, drop, name);
    more = drop != NULL && !ph_failed(&status);
    sqlite3_free(drop);
    sqlite3_free(name);
  }
}

static void connect_all(connecting *call) {
  read_directives(call, LOOK);
  refuse_foreign_views(call);
  if (ph_failed(call->status)) return;
  read_directives(call, MAKE);
  run(call, call->map->sql, "pipeline_connect");
  if (!ph_failed(call->status)) read_directives(call, REPORT);
  if (ph_failed(call->status)) take_away(call);
}

static char *finish_json(connecting *call) {
  char *found = sqlite3_str_finish(call->found), *missing = sqlite3_str_finish(call->missing);
  char *switched_off = sqlite3_str_finish(call->switched_off), *reports = sqlite3_str_finish(call->reports);
  sqlite3_str *json = sqlite3_str_new(call->db);
  sqlite3_str_appendf(json, "{\"crm\":\"%s\",\"schema\":", call->map->crm);
  append_json_text(json, call->schema, strlen(call->schema));
  sqlite3_str_appendf(json, ",\"found\":{%s},\"missing\":[%s],\"switched_off\":[%s]%s}",
                      found != NULL ? found : "", missing != NULL ? missing : "",
                      switched_off != NULL ? switched_off : "", reports != NULL ? reports : "");
  sqlite3_free(found);
  sqlite3_free(missing);
  sqlite3_free(switched_off);
  sqlite3_free(reports);
  char *text = sqlite3_str_finish(json);
  if (text == NULL) ph_fail_memory(call->status);
  return text;
}

/* Views made while a statement writes would end in an abort of both. */
static void refuse_writing(sqlite3 *db, ph_status *status) {
  sqlite3_stmt *statement = NULL;
  while ((statement = sqlite3_next_stmt(db, statement)) != NULL)
    if (sqlite3_stmt_busy(statement) && !sqlite3_stmt_readonly(statement))
      ph_fail(status, "pipeline_connect: a statement is writing (expected a SELECT of its own)");
}

static char *connect_crm(sqlite3 *db, const mapping *map, const char *schema, ph_status *status) {
  connecting call = {.db = db, .status = status, .map = map, .schema = schema};
  call.found = sqlite3_str_new(db);
  call.missing = sqlite3_str_new(db);
  call.switched_off = sqlite3_str_new(db);
  call.reports = sqlite3_str_new(db);
  connect_all(&call);
  free_table(&call.table);
  return finish_json(&call);
}

void ph_connect_known(char names[PH_CRM_NAMES_BYTES]) {
  names[0] = 0;
  for (int index = 0; index < MAPPING_COUNT; index++) {
    size_t length = strlen(names);
    sqlite3_snprintf((int)(PH_CRM_NAMES_BYTES - length), names + length, "%s'%s'", index > 0 ? " or " : "",
                     mappings[index].crm);
  }
}

static const mapping *find_mapping(sqlite3_value *given, ph_status *status) {
  ph_value value = ph_host_value(given);
  char shown[PH_VALUE_SHOWN_BYTES], known[PH_CRM_NAMES_BYTES];
  for (int index = 0; index < MAPPING_COUNT; index++)
    if (value.type == PH_TEXT && ph_text_equals_any_case(value.text, value.length, mappings[index].crm))
      return &mappings[index];
  ph_connect_known(known);
  ph_fail(status, "pipeline_connect: unknown CRM %s (expected %s)", ph_value_show(&value, shown), known);
  return NULL;
}

/* The schema's name, checked: a misspelt one must not look like an empty export. */
static const char *find_schema(sqlite3 *db, int count, sqlite3_value **values, ph_status *status) {
  if (count < 2) return "main";
  const char *schema = (const char *)sqlite3_value_text(values[1]);
  /* a zero byte inside ends no name */
  bool is_name = schema != NULL && strlen(schema) == (size_t)sqlite3_value_bytes(values[1]), known = false;
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(db, "PRAGMA database_list", -1, &statement, NULL);
  while (code == SQLITE_OK && is_name && sqlite3_step(statement) == SQLITE_ROW) {
    const char *name = (const char *)sqlite3_column_text(statement, 1);
    if (name != NULL && sqlite3_stricmp(name, schema) == 0) known = true;
  }
  if (code == SQLITE_OK) code = sqlite3_finalize(statement);
  if (code != SQLITE_OK) ph_host_fail(status, db, code, "pipeline_connect");
  if (!known)
    ph_fail(status, "pipeline_connect: no schema '%.60s' (expected main or the name of an attached database)",
            schema != NULL ? schema : "NULL");
  return schema;
}

void ph_pipeline_connect(sqlite3_context *context, int count, sqlite3_value **values) {
  sqlite3 *db = sqlite3_context_db_handle(context);
  ph_status status;
  ph_status_begin(&status, NULL);
  const mapping *map = find_mapping(values[0], &status);
  const char *schema = find_schema(db, count, values, &status);
  refuse_writing(db, &status);
  char *json = ph_failed(&status) ? NULL : connect_crm(db, map, schema, &status);
  if (ph_failed(&status)) {
    sqlite3_free(json);
    ph_host_result_status(context, &status);
  } else {
    sqlite3_result_text(context, json, -1, sqlite3_free);
  }
}
