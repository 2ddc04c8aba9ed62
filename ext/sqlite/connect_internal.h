/*
** pipeline_connect from the inside: a door's mapping, the tables that it finds, and the SQL that comes out.
**
** The language of the mappings is described in sql/connect/README.md. A call goes through the files in this
** order:
**
**     connect_options.c   the call's options, a JSON object
**     connect_mapping.c   the mapping's text -> its tables, columns and blocks of SQL
**     connect_tables.c    which tables and columns of the schema they are
**     connect_series.c    several tables, one a day, as one
**     connect_inspect.c   what the cells decide: spelling of ids, versions of a row, order of dates, decimals
**     connect_look.c      the aggregates that look at the cells
**     connect_known.c     what the views know by that look: labels, greatest days, missing cells
**     connect_cell.c      the cells of a column, as SQL
**     connect_script.c    blocks -> statements
**     connect_join.c      which tables the blocks join
**     connect_lookup.c    tables to look up in, as SQL
**     connect_evidence.c  what the connected source can judge, read with the engine
**     connect_once.c      views whose rows are read once
**     connect.c           the functions: which door, run the statements or return them, JSON
*/
#ifndef PH_SQLITE_CONNECT_INTERNAL_H
#define PH_SQLITE_CONNECT_INTERNAL_H

#include "cache.h"
#include "functions.h"
#include "host.h"
#include "../base/arena.h"

/* Bytes of a mapping or of the arena: never longer than the text they are part of, without a closing zero. */
typedef struct ph_words {
  const char *at;
  size_t length;
} ph_words;

typedef enum {
  PH_CELL_TEXT,    /* an empty text is NULL */
  PH_CELL_LABEL,   /* the same, of a column with few different texts */
  PH_CELL_RAW,     /* as it is: spares a comparison a cell in large tables */
  PH_CELL_BOOLEAN, /* 1, 0 or NULL */
  PH_CELL_ID,      /* a text; 41.0 is 41, 18 characters of Salesforce are its 15 where both are met */
  PH_CELL_DATE,    /* a date or an instant, its order decided by the column */
  PH_CELL_DAY,     /* the same without its time: what the CRM keeps as a date */
  PH_CELL_AMOUNT   /* a number, its decimal sign decided by the column */
} ph_cell_kind;

/* What a cell may be, as bits; see connect_look.c. */
typedef enum {
  PH_LOOK_ANY = 1, /* it is not NULL */
  PH_LOOK_POINT_ZERO = 2,
  PH_LOOK_NO_LETTER = 4,
  PH_LOOK_18 = 8, /* with a letter, of so many characters: an id of Salesforce */
  PH_LOOK_15 = 16,
  PH_LOOK_ODD_DATE = 32, /* a text with digits that is no ISO date */
  PH_LOOK_ODD_AMOUNT = 64,
  PH_LOOK_EMPTY = 128, /* of no character */
  PH_LOOK_INTEGER = 256,
  PH_LOOK_TEXT = 512,        /* an id or a label that is a text */
  PH_LOOK_TIME = 1024,       /* a date that is not ten characters long */
  PH_LOOK_SERIAL = 2048,     /* a date that is a number, as spreadsheets count days */
  PH_LOOK_OTHER_DATE = 4096, /* one that begins with a digit and is none */
  PH_LOOK_NULL = 8192
} ph_cell_look;

enum { PH_LOOK_MOST_CELLS = 60 }; /* of one call */
enum { PH_MOST_LABELS = 1000 };   /* of a column, that are kept */
/* Numbers that are a spreadsheet's days: from the first, in 1954, to below the end, in 2119. As Julian days
** they lie long before the calendar. */
enum { PH_SERIAL_FIRST = 20000, PH_SERIAL_END = 80000 };

typedef struct ph_door_column {
  ph_words name;
  ph_words others; /* "a | b | c" of the mapping; of a family the patterns with a star */
  ph_cell_kind kind;
  bool needed, family, keeps_empty, /* a date or an id stays as it is where nothing must be read in it */
      spared;                       /* cells that can be read in two ways are no error: it counts as absent */
  const char *found;                /* its name in the source; NULL: it has none */
  ph_words matched;                 /* of a family's member: what the star stands for */
  int family_of;                    /* index of the family that a member belongs to, -1: none */
  /* what the cells decided */
  bool has_point_zero, is_plain; /* of an id: 41.0 is met; every cell is a text with a letter, which stays */
  bool is_unread;                /* such cells were met */
  bool has_no_empty;             /* of what is looked at: no text without a character is met */
  bool has_time;                 /* of a date: one is met that is not ten characters long */
  bool is_serial;                /* of a date: all are numbers, as spreadsheets count days */
  bool is_mixed;                 /* of an id: integers and texts are met */
  bool has_all_cells;            /* it is looked at, and no cell is NULL or empty */
  const char *order;             /* of dates: NULL: as they are; "ymd", "mdy", "dmy" */
  const char *decimal;           /* of amounts: NULL: as they are; ".", "," */
  const char *greatest;          /* of dates: the greatest day; NULL: none, or nobody has looked */
  const char *labels;            /* of labels: ('open'), ('won'); "" without any, NULL: not known */
} ph_door_column;

enum { PH_MOST_KEYS = 4 };

typedef struct ph_door_table {
  ph_words name, others;
  ph_words option; /* the option that names it */
  bool required, keeps_deleted;
  bool is_series;      /* several tables whose names differ in a day are one */
  bool is_any;         /* without its own name it is the only table that has the needed columns */
  bool first_of_a_key; /* where nothing tells which row of a key is newer, the first counts */
  bool key_if_deleted; /* where no row is deleted, rows need no key */
  ph_door_column *columns;
  size_t column_count, column_capacity;
  ph_words key_choices; /* "a, b | c | whole row" of the mapping; the first that is found is the key */
  ph_words keys[PH_MOST_KEYS];
  int key_count;
  bool whole_row; /* no key was found: rows that are equal in every declared column are one */
  ph_words deleted_when, skipped_as, skipped_when; /* conditions of the mapping on declared columns */
  bool skips_once;                                 /* where no row is skipped at the call, none is later */
  ph_words skipped_if;                             /* where it does not hold, no row is skipped */
  const char *source;                              /* its name in the schema; NULL: absent */
  const char *series, *qualified_series;           /* the SELECT over all tables of a series */
  const char **all_columns;                        /* every column of the source */
  size_t all_count, all_capacity;
  const char *lacking; /* the needed column for which it counts as absent */
  bool has_choice;     /* of "= *": several tables fit, so none is taken */
  const char
      *nearest; /* of "= *" where none fits: the table with most of the needed columns, and what it lacks */
  ph_words nearest_lacks;
  /* what the cells decided */
  bool has_versions, has_header, keys_differ; /* keys_differ: no two rows have the same */
  bool has_equal_rows;       /* of a table whose key is the whole row: they are read as one */
  uint32_t unclear_versions; /* columns that tell versions, by their bits, whose texts are no ISO dates */
  ph_words header;           /* the column whose cell repeats its name in a header row */
  int64_t row_count, older_rows, header_rows, skipped_rows;
  int64_t deleted_rows; /* -1: nobody has looked */
  bool knows_greatest;  /* the greatest days of its columns */
  bool none_deleted;    /* by `deleted_when` */
  bool none_skipped;    /* no row can be one to skip */
  const char *skipped_example;
} ph_door_table;

typedef enum {
  PH_BLOCK_VIEW,
  PH_BLOCK_PROBLEM,
  PH_BLOCK_REPORT,
  PH_BLOCK_POLICY,
  PH_BLOCK_OFF,
  PH_BLOCK_ONCE,  /* a small view whose rows are read once, when the call is made */
  PH_BLOCK_REFUSE /* an error where its SELECT gives a value */
} ph_block_kind;

enum { PH_FEW_ROWS = 12 };

/* A piece of SQL of the mapping and what it is for. Of PH_BLOCK_OFF and PH_BLOCK_REFUSE: `meaning` is the
** sentence. */
typedef struct ph_door_block {
  ph_block_kind kind;
  ph_words name, severity, meaning, condition, body;
  size_t table;     /* of an `off`: the table that was declared last */
  const char *rows; /* of a `once` or a view that is one: the SELECT of its rows, NULL until they are read */
  int64_t row_count;
  int column_count;    /* of these rows, */
  const char **names;  /* the columns' names, */
  const char **values; /* and the cells of the first PH_FEW_ROWS, row by row, as SQL */
  size_t name_capacity, value_capacity;
  bool once; /* of a view: its rows are decided when the call is made */
} ph_door_block;

/* What a door allows besides the options that every door has: "activities_of = deal | account | contact". */
typedef struct ph_door_option {
  ph_words name, choices;
} ph_door_option;

typedef struct ph_option {
  const char *name, *value; /* of an object the JSON */
  bool is_object;
} ph_option;

typedef struct ph_pair {
  const char *theirs, *ours;
} ph_pair;

typedef struct ph_connecting {
  sqlite3 *db;
  ph_status *status;
  ph_arena *arena;
  const char *crm, *mapping, *schema;
  int fallback;   /* 1: the mapping asks to be taken only where no other fits; 2: where no such one does */
  bool temporary; /* TEMP views are made; else SQL for the schema itself is written */
  bool looking;   /* which door fits is asked: what lacks is no error */
  ph_door_table *tables;
  size_t table_count, table_capacity;
  ph_door_block *blocks;
  size_t block_count, block_capacity;
  ph_door_option *door_options;
  size_t door_option_count, door_option_capacity;
  ph_option *options;
  size_t option_count, option_capacity;
  ph_pair *columns, *values; /* of the options of these names */
  size_t columns_count, columns_capacity, values_count, values_capacity;
  ph_words outcome_of;   /* the view whose column outcome is looked at; none: pipeline_deal */
  ph_words outcome_from; /* what tells the outcome of a deal, for a message */
  bool shortens_ids;
  sqlite3_str *decided;  /* elements of a JSON array */
  sqlite3_str *problems; /* rows for pipeline_import: SELECT … UNION ALL SELECT … */
  sqlite3_str *lacks;    /* of `looking`: what the door lacks */
} ph_connecting;

/* --------------------------------------------------------------------------------- connect_mapping.c */

bool ph_words_equal(ph_words words, const char *text);
bool ph_words_same(ph_words left, ph_words right);
ph_words ph_words_of(const char *text);
ph_words ph_words_trim(ph_words words);
/* Takes what stands before the separator off the words; all of them where there is none. Quotes keep it. */
ph_words ph_words_cut(ph_words *words, char separator);
/* Takes one blank-separated word off. */
ph_words ph_words_next(ph_words *words);
/* A copy with a closing zero in the arena. */
const char *ph_words_copy(ph_connecting *call, ph_words words);
/* One of "a | b | c", without its quotes; false when there is none left. */
bool ph_words_alternative(ph_words *others, ph_words *alternative);

/* The next line of a text; false at the end. A line "--! x" gives its directive, else its own text. */
bool ph_next_line(ph_words *text, ph_words *line, bool *is_directive);
bool ph_words_take(ph_words *line, const char *word);

/* The key is the first choice whose columns are found. Called once the columns are. */
void ph_connect_choose_key(ph_connecting *call, ph_door_table *table);
/* Reads the mapping's declarations and blocks. */
void ph_connect_read_mapping(ph_connecting *call);
ph_door_table *ph_connect_table(ph_connecting *call, ph_words name);
ph_door_column *ph_connect_column(ph_door_table *table, ph_words name);
/* Another column at the end of the table's; older pointers to its columns are void then. NULL without
** memory. */
ph_door_column *ph_connect_add_column(ph_connecting *call, ph_door_table *table);

/* --------------------------------------------------------------------------------- connect_options.c */

/* Reads the JSON; an unknown key is an error that lists the known ones. Called once the mapping is read. */
void ph_connect_read_options(ph_connecting *call, const char *json);
/* The value of an option, else its default; no words where there is neither. */
ph_words ph_connect_option(const ph_connecting *call, ph_words name);

/* ---------------------------------------------------------------------------------- connect_tables.c */

/* Equal but for case, blanks, underscores, hyphens and a byte order mark. */
bool ph_same_name(ph_words left, ph_words right);
/* Finds every declared table and column. */
void ph_connect_find_tables(ph_connecting *call);
/* The texts of a query's first column, in the arena; frees the SQL. The list is to be released. */
size_t ph_connect_names(ph_connecting *call, char *sql, const char ***names);
/* The columns of a table of the schema, appended to its list. */
void ph_connect_add_names(ph_connecting *call, ph_door_table *table, const char *source);
/* The source of a found table for a FROM, with its schema or without. */
const char *ph_connect_from(ph_connecting *call, const ph_door_table *table, bool is_qualified);

/* ---------------------------------------------------------------------------------- connect_series.c */

/* What the name of a column is that holds the day of a table of a series. */
extern const char *const ph_series_day;
/* Makes one table of those whose names differ in a day, or fit a pattern with a star. False where there
** are none. */
bool ph_connect_find_series(ph_connecting *call, ph_door_table *table, ph_words pattern,
                            const char *const *names, size_t count);

/* --------------------------------------------------------------------------------- connect_inspect.c */

void ph_connect_inspect(ph_connecting *call);
/* By the columns of loaders and CRMs that a table has: what grows with the version of a row, and whether a
** row is deleted. Appends SQL over the source's own columns; false where it has no such column. */
bool ph_connect_append_version(ph_connecting *call, ph_door_table *table, sqlite3_str *sql);
bool ph_connect_append_deleted(const ph_door_table *table, sqlite3_str *sql);
/* Whether a column of the source is used so. */
bool ph_connect_tells_rows(const ph_door_table *table, const char *column);

/* ----------------------------------------------------------------------------------- connect_known.c */

/* Reads what pipeline_health_look says of a column behind its bits, and goes behind that. */
void ph_connect_read_known(ph_connecting *call, ph_door_column *column, unsigned seen, char **at);
/* Whether some row may lack a cell of a column: it is NULL or empty, or the column is absent or was not
** looked at. */
bool ph_connect_is_missing(const ph_door_table *table, const ph_door_column *column);
/* Whether no row fulfils a condition that asks one column of labels alone, by these labels. */
bool ph_connect_no_label(ph_connecting *call, const ph_door_table *table, ph_words condition);
/* Whether some date of a column, of a family one of any, is not ten characters long. */
bool ph_connect_has_clock(const ph_door_table *table, const ph_door_column *column);
/* The different texts of a column, as a query in brackets with one column `label`. */
void ph_connect_append_labels(ph_connecting *call, sqlite3_str *sql, ph_door_table *table,
                              const ph_door_column *column);
/* The greatest day of a column, as a text; NULL where there is none. */
void ph_connect_append_greatest(ph_connecting *call, sqlite3_str *sql, ph_door_table *table,
                                const ph_door_column *column);

/* ------------------------------------------------------------------------------------ connect_cell.c */

/* Whether a column comes as it is, so that SQLite can look it up by an index. */
bool ph_connect_is_plain(const ph_connecting *call, const ph_door_column *column);
/* Whether a cell says yes: 1, 0, or NULL where its text is neither. */
void ph_connect_append_boolean(sqlite3_str *sql, const char *column);
/* The value of a declared column for the mapping, as SQL over the source. */
void ph_connect_append_cell(ph_connecting *call, sqlite3_str *sql, const ph_door_column *column);

/* ---------------------------------------------------------------------------------- connect_lookup.c */

/* {lookup VALUE of VIEW by KEY, EXPRESSION}, {last …}, {find FIRST and SECOND of …}; false where it is
** written otherwise or names no view. */
bool ph_connect_append_lookup(ph_connecting *call, sqlite3_str *sql, ph_words words, const char *what);

/* ---------------------------------------------------------------------------------- connect_script.c */

/* Whether a table or view of the mapping has the name. */
bool ph_connect_is_view(const ph_connecting *call, ph_words name);
extern const char *const ph_made_by_connect; /* the mark in every view that it made */

/* The SELECT of a declared table's view. To be freed by sqlite3_free; NULL without memory. */
char *ph_connect_table_select(ph_connecting *call, ph_door_table *table);
/* Calls `each` with every view to be made, in order: its name and the SELECT that it is. */
typedef void ph_each_view(ph_connecting *call, const char *name, const char *select, void *context);
/* Those of the declared tables. */
void ph_connect_table_views(ph_connecting *call, ph_each_view *each, void *context);
void ph_connect_views(ph_connecting *call, ph_each_view *each, void *context);
/* Whether a condition of the mapping holds. */
bool ph_connect_holds(ph_connecting *call, ph_words condition);
/* How many rows of a table are deleted; looked at once. */
int64_t ph_connect_count_deleted(ph_connecting *call, ph_door_table *table);
/* The SQL of a block: conditions decided, names put in. To be freed by sqlite3_free; NULL after an error. */
char *ph_connect_expand(ph_connecting *call, ph_words body);
/* The cells of every declared column, each under its name. */
void ph_connect_append_cells(ph_connecting *call, sqlite3_str *sql, const ph_door_table *table);
/* A condition of the mapping on declared columns, as SQL that is 0 or 1; 0 without one. */
void ph_connect_append_condition(ph_connecting *call, sqlite3_str *sql, ph_words condition);

/* ------------------------------------------------------------------------------------- connect_sql.c */

/* The views, or the tables where option "as" says so, as a script for the schema. To be freed by
** sqlite3_free; NULL after an error. */
char *ph_connect_write_script(ph_connecting *call);

/* ------------------------------------------------------------------------------------ connect_join.c */

/* Whether a table or view may be the inner one of a join, itself or inside of a view. */
bool ph_connect_is_joined(ph_connecting *call, ph_words name);

/* -------------------------------------------------------------------------------- connect_evidence.c */

/* Appends time_zone, data_until and can_judge: the first day with a touch, with progress, with a meeting,
** with a moved close date; null where there is none, or where the relations cannot be read. Reads the
** relations into the connection's cache, from where the first question then takes them. */
void ph_connect_append_evidence(ph_connecting *call, ph_connection *connection, sqlite3_str *json);

/* ---------------------------------------------------------------------------------- connect_once.c */

/* Reads the blocks that are read once, and refuses what the mapping refuses. Called once the cells are
** known. */
void ph_connect_read_once(ph_connecting *call);
/* Calls `each` with the views to be made, as ph_connect_views does, but for those that stood for decided rows
** alone. */
void ph_connect_needed_views(ph_connecting *call, ph_each_view *each, void *context);

/* --------------------------------------------------------------------------------------- connect.c */

/* The first value of a query as a text of sqlite3_malloc, NULL when there is none. Frees the SQL. */
char *ph_connect_query(ph_connecting *call, char *sql);
/* The text, NULL where nothing was appended. The call fails where a part was lost for want of memory. */
char *ph_connect_finish(ph_connecting *call, sqlite3_str *text);
void ph_connect_append_element(sqlite3_str *json, const char *text);
/* Records what was decided, for the JSON and as an info of pipeline_check. */
void ph_connect_decide(ph_connecting *call, const char *format, ...) PH_PRINTF(2, 3);
void ph_connect_problem(ph_connecting *call, const char *problem, const char *severity, int64_t rows,
                        const char *example, const char *meaning);

#endif
