/* What a statement may read that changes without any counter of a database. See program.h. */
#include "program.h"

#include <stdlib.h>
#include <string.h>

/* Where an operation writes its result: nowhere known, or to the register that an operand names. */
typedef enum { WRITES_UNKNOWN, WRITES_P1, WRITES_P2, WRITES_P3, WRITES_RANGE } destination;

/* Operations that read registers and databases alone, in every SQLite from 3.38 to 3.54, by where they
** write. */
static const struct {
  destination writes;
  const char *names; /* each between blanks */
} known_operations[] = {
    {WRITES_P1, " SoftNull Cast RealAffinity AddImm MemMax AggFinal "},
    {WRITES_P2,
     " Rowid IdxRowid RowData Count Sequence Integer Int64 Real String String8 Blob Null SCopy IntCopy "
     "Move Not BitNot IsTrue OffsetLimit ZeroOrNull GetSubtype SetSubtype NewRowid SorterData "},
    {WRITES_P3,
     " Column Offset Concat Add Subtract Multiply Divide Remainder BitAnd BitOr ShiftLeft ShiftRight "
     "And Or MakeRecord RowSetRead Function PureFunc AggValue "},
    {WRITES_RANGE, " Copy "},
    {WRITES_UNKNOWN,
     " RowCell Affinity CollSeq Permutation ClrSubtype Filter FilterAdd RowSetAdd RowSetTest AggStep "
     "AggStep1 AggInverse Eq Ne Lt Le Gt Ge ElseEq Compare Jump If IfNot IsNull NotNull IsType "
     "IsNullOrType IfNullRow IfPos IfNotZero IfNotOpen IfEmpty IfNoHope IfSizeBetween DecrJumpZero "
     "MustBeInt Once Goto Gosub Return BeginSubrtn InitCoroutine EndCoroutine Yield Init Halt Noop "
     "Explain Trace Abortable ReleaseReg ResultRow Transaction TableLock OpenRead ReopenIdx OpenDup "
     "OpenEphemeral OpenAutoindex OpenPseudo SorterOpen SequenceTest Close ColumnsUsed CursorHint "
     "CursorLock CursorUnlock SeekLT SeekLE SeekGE SeekGT SeekScan SeekHit SeekEnd SeekRowid "
     "NoConflict NotFound Found NotExists Insert Delete IdxInsert IdxDelete SorterInsert SorterCompare "
     "ResetSorter NullRow Last SorterSort Sort Rewind SorterNext Prev Next DeferredSeek FinishSeek "
     "IdxLE IdxGT IdxLT IdxGE "},
};
enum { KNOWN_GROUPS = sizeof known_operations / sizeof *known_operations };

/* Functions of dates, and the first argument that is a modifier or, of timediff, a second time value. */
static const struct date_function {
  const char *name;
  int first_modifier;
} date_functions[] = {{"date", 1},      {"time", 1},     {"datetime", 1}, {"julianday", 1},
                      {"unixepoch", 1}, {"strftime", 2}, {"timediff", 2}};
enum { DATE_FUNCTIONS = sizeof date_functions / sizeof *date_functions };

static const char *const clock_words[] = {"now", "localtime", "utc", "subsec", "subsecond", NULL};

typedef struct operation {
  destination writes;
  bool is_concat, is_column; /* is_column: its value comes from a row or another register */
  bool is_literal;           /* a text of the statement, which ends no word of the clock */
  const struct date_function *called;
  int first, second, third; /* the operands */
} operation;

/* A function that is called: its name and, in parentheses, for how many arguments it is registered. */
typedef struct called_function {
  char *call;    /* owned */
  size_t length; /* of the name */
  int arguments;
  bool is_aggregate, has_own, own_is_steady, builtin_is_steady;
} called_function;

/* The program of one statement. */
typedef struct program {
  operation *operations;
  size_t count, capacity;
  called_function *functions; /* each once */
  size_t function_count, function_capacity;
  bool dated, clock;
  int calls; /* of the caller's functions */
} program;

static bool is_one_of(const char *text, size_t length, const char *const *words) {
  for (; *words != NULL; words++)
    if (strlen(*words) == length && sqlite3_strnicmp(*words, text, (int)length) == 0) return true;
  return false;
}

/* Whether a word of the clock ends with the text: then something before it could make it that word. */
static bool may_end_clock_word(const char *text) {
  size_t length = strlen(text);
  for (const char *const *word = clock_words; *word != NULL; word++)
    if (strlen(*word) >= length && sqlite3_stricmp(*word + strlen(*word) - length, text) == 0) return true;
  return false;
}

static void note_function(program *seen, const char *call, bool aggregate, ph_status *status) {
  for (size_t at = 0; at < seen->function_count; at++)
    if (seen->functions[at].is_aggregate == aggregate && strcmp(seen->functions[at].call, call) == 0) return;
  if (!ph_reserve(status, (void **)&seen->functions, &seen->function_capacity, seen->function_count + 1,
                  sizeof *seen->functions))
    return;
  char *copy = sqlite3_mprintf("%s", call);
  if (copy == NULL) {
    ph_fail_memory(status);
    return;
  }
  size_t length = strcspn(call, "(");
  seen->functions[seen->function_count++] =
      (called_function){.call = copy,
                        .length = length,
                        .arguments = call[length] == '(' ? atoi(call + length + 1) : -1,
                        .is_aggregate = aggregate,
                        .own_is_steady = true};
}

/* A row of PRAGMA function_list, for the function that it is about. */
static void take_listed(called_function *function, sqlite3_stmt *row) {
  const char *name = (const char *)sqlite3_column_text(row, 0);
  if (name == NULL || strlen(name) != function->length ||
      sqlite3_strnicmp(name, function->call, (int)function->length) != 0 ||
      sqlite3_column_int(row, 4) != function->arguments)
    return;
  bool builtin = sqlite3_column_int(row, 1) != 0;
  bool steady =
      (sqlite3_column_int(row, 5) & SQLITE_DETERMINISTIC) != 0 || (builtin && function->is_aggregate);
  if (builtin) {
    function->builtin_is_steady |= steady;
  } else {
    function->has_own = true;
    function->own_is_steady &= steady;
  }
}

/* Whether SQLite knows every function to be deterministic, or it is an aggregate of its own. The pragma is a
** statement, for a table of its name may be the user's, and it is asked once, for it lists all functions. */
static bool are_steady(sqlite3 *db, program *seen, const char *what, ph_status *status) {
  if (seen->function_count == 0) return true;
  sqlite3_stmt *list = NULL;
  int code = sqlite3_prepare_v2(db, "PRAGMA function_list", -1, &list, NULL);
  while (code == SQLITE_OK && sqlite3_step(list) == SQLITE_ROW)
    for (size_t at = 0; at < seen->function_count; at++) take_listed(&seen->functions[at], list);
  if (code == SQLITE_OK) code = sqlite3_finalize(list);
  /* an authorizer may forbid the pragma: then nothing is known of the functions */
  if (code == SQLITE_NOMEM || code == SQLITE_INTERRUPT) ph_host_fail(status, db, code, what);
  bool steady = code == SQLITE_OK;
  for (size_t at = 0; at < seen->function_count; at++) {
    const called_function *one = &seen->functions[at];
    steady = steady && (one->has_own ? one->own_is_steady : one->builtin_is_steady);
  }
  return steady;
}

/* How many registers above `first` an operation writes; negative when it is none of the eight that begin
** there. */
static int argument_written(const operation *by, int first) {
  int written = by->writes == WRITES_P1        ? by->first
                : by->writes == WRITES_P3      ? by->third
                : by->writes == WRITES_UNKNOWN ? -1
                                               : by->second;
  if (by->writes == WRITES_RANGE) written += by->third; /* the last one */
  return written >= first && written < first + 8 ? written - first : -1;
}

/* The operation that fills a register for the one at `reader`: the nearest before it; for a constant,
** which SQLite works out once at the program's end, the one there. */
static const operation *writer_of(const program *seen, size_t reader, int of_register) {
  for (size_t at = reader; at > 0; at--)
    if (argument_written(&seen->operations[at - 1], of_register) == 0) return &seen->operations[at - 1];
  for (size_t at = seen->count; at > reader; at--)
    if (argument_written(&seen->operations[at - 1], of_register) == 0) return &seen->operations[at - 1];
  return NULL;
}

/* Whether a value that is written as a modifier may be a word of the clock. It is none where it is a
** number, a literal, whose words are looked at elsewhere, or a text that ends with a literal, as in months
** || ' months'. */
static bool may_be_clock_word(const program *seen, size_t at) {
  const operation *by = &seen->operations[at];
  if (!by->is_concat) return by->is_column;
  const operation *end = writer_of(seen, at, by->first);
  return end == NULL || !end->is_literal;
}

/* Whether a call of a date function may ask for the clock: by its arguments, registers from the second
** operand on, which the operations before it fill. The first operand has a bit for each that is constant. */
static bool call_asks_clock(const program *seen, size_t call) {
  enum { FARTHEST = 64 };
  const operation *function = &seen->operations[call];
  int first = function->second, modifier = function->called->first_modifier;
  unsigned constant = (unsigned)function->first;
  int lowest = 0; /* the first argument that is not constant */
  if (first == 0) return true;
  while (lowest < 8 && (constant >> lowest & 1u) != 0) lowest++;
  int last = call > 0 ? argument_written(&seen->operations[call - 1], first) : -1;
  if (modifier == 2 && (constant & 1u) == 0)
    return true; /* a format that is computed may be the only argument */
  if (modifier == 2 && last < 1 && constant >> 1 == 0) return true;
  for (size_t back = 1; back <= call && back < FARTHEST && last >= 0; back++) {
    const operation *by = &seen->operations[call - back];
    int argument = argument_written(by, first);
    if (argument > last) continue; /* a register beyond the arguments, for something on the way */
    if (argument >= modifier && may_be_clock_word(seen, call - back)) return true;
    if (argument >= 0 && argument <= lowest) return false;
  }
  return last > lowest;
}

static void note_operation(program *seen, const char *name, const char *text, destination writes,
                           sqlite3_stmt *row, ph_status *status) {
  operation *noted;
  if (!ph_reserve(status, (void **)&seen->operations, &seen->capacity, seen->count + 1, sizeof *noted))
    return;
  noted = &seen->operations[seen->count++];
  bool function = strcmp(name, "Function") == 0 || strcmp(name, "PureFunc") == 0;
  *noted = (operation){.writes = writes,
                       .is_concat = strcmp(name, "Concat") == 0,
                       .is_literal = strcmp(name, "String8") == 0 && !may_end_clock_word(text),
                       .first = sqlite3_column_int(row, 2),
                       .second = sqlite3_column_int(row, 3),
                       .third = sqlite3_column_int(row, 4)};
  noted->is_column = function || strcmp(name, "Column") == 0 || strcmp(name, "Cast") == 0 ||
                     strcmp(name, "Copy") == 0 || strcmp(name, "SCopy") == 0 || strcmp(name, "Move") == 0 ||
                     strncmp(name, "Agg", 3) == 0;
  for (int index = 0; function && index < DATE_FUNCTIONS; index++) {
    const char *date = date_functions[index].name;
    if (strncmp(text, date, strlen(date)) == 0 && text[strlen(date)] == '(')
      noted->called = &date_functions[index];
  }
  if (noted->called != NULL) seen->dated = true;
}

/* Where an operation writes; false when nobody here knows it. */
static bool find_operation(const char *name, destination *writes) {
  char word[32];
  sqlite3_snprintf(sizeof word, word, " %s ", name);
  for (int group = 0; group < KNOWN_GROUPS; group++) {
    *writes = known_operations[group].writes;
    if (strstr(known_operations[group].names, word) != NULL) return true;
  }
  return false;
}

static const char *text_of(sqlite3_stmt *row, int column) {
  const char *text = (const char *)sqlite3_column_text(row, column);
  return text != NULL ? text : "";
}

static void look_at_operation(sqlite3_stmt *row, const char *const *functions, program *seen,
                              ph_program_facts *facts, ph_status *status) {
  const char *name = text_of(row, 1), *text = text_of(row, 5);
  destination writes;
  if (!find_operation(name, &writes)) {
    facts->changes_unseen = true;
    return;
  }
  note_operation(seen, name, text, writes, row, status);
  bool aggregate = strncmp(name, "Agg", 3) == 0;
  bool call = aggregate || strcmp(name, "Function") == 0 || strcmp(name, "PureFunc") == 0;
  if (call && is_one_of(text, strcspn(text, "("), functions)) {
    if (strcmp(name, "AggFinal") != 0) seen->calls++;
  } else if (call && !ph_failed(status) && seen->operations[seen->count - 1].called == NULL) {
    note_function(seen, text, aggregate, status);
  } else if (strcmp(name, "String8") == 0) {
    if (is_one_of(text, strlen(text), clock_words)) seen->clock = true;
  } else if (strcmp(name, "Transaction") == 0) {
    int database = sqlite3_column_int(row, 2);
    if (database >= 0 && database < PH_MOST_DATABASES) facts->databases[database] = true;
  }
}

int ph_program_look(sqlite3 *db, const char *sql, const char *what, const char *const *functions,
                    ph_program_facts *facts, ph_status *status) {
  program seen = {.operations = NULL};
  sqlite3_stmt *rows = NULL;
  char *explain = sqlite3_mprintf("EXPLAIN %s", sql);
  int code = explain != NULL ? sqlite3_prepare_v2(db, explain, -1, &rows, NULL) : SQLITE_NOMEM;
  sqlite3_free(explain);
  while (code == SQLITE_OK && sqlite3_step(rows) == SQLITE_ROW && !ph_failed(status))
    look_at_operation(rows, functions, &seen, facts, status);
  if (code == SQLITE_OK) code = sqlite3_finalize(rows);
  if (code != SQLITE_OK) ph_host_fail(status, db, code, what);
  if (!ph_failed(status) && !facts->changes_unseen && !are_steady(db, &seen, what, status))
    facts->changes_unseen = true;
  if (seen.dated && seen.clock) facts->changes_unseen = true;
  for (size_t at = 0; at < seen.count && seen.dated && !facts->changes_unseen; at++)
    if (seen.operations[at].called != NULL && call_asks_clock(&seen, at)) facts->changes_unseen = true;
  if (status->memory != NULL) ph_release(status->memory, seen.operations);
  for (size_t at = 0; at < seen.function_count; at++) sqlite3_free(seen.functions[at].call);
  if (status->memory != NULL) ph_release(status->memory, seen.functions);
  return seen.calls;
}
