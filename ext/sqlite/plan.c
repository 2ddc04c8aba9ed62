/* Planning: which values SQLite hands to xFilter, and what that costs. See engine_internal.h. */
#include "engine_internal.h"

/* The plan is a text: a character for each value that xFilter gets. */
typedef struct plan {
  char text[PH_PLAN_TOO_MANY + 2];
  int count;
  bool given[PH_MOST_ARGUMENTS + PH_MOST_COLUMNS];
  bool refused[PH_MOST_ARGUMENTS]; /* compared with a value that this order of the join does not know yet */
  bool too_many;                   /* one argument too many is given, which xFilter says */
  bool joined;                     /* arguments come from other tables, or from parameters */
} plan;

static bool is_constant(sqlite3_index_info *info, int index) {
  sqlite3_value *value = NULL;
  return sqlite3_vtab_rhs_value(info, index, &value) == SQLITE_OK && value != NULL;
}

/* Whether a comparison of a visible column may leave rows out. Where several arguments are joined, one with
** another table would hide the plan that has the arguments alone: SQLite asks for all constraints
** together, then for those of one comparison at a time, and would rather take the defaults of the arguments
** than miss the comparison. */
static bool may_filter(sqlite3_index_info *info, int index, const plan *taken) {
  /* a comparison by another collation is SQLite's business */
  return sqlite3_stricmp(sqlite3_vtab_collation(info, index), "BINARY") == 0 &&
         (!taken->joined || is_constant(info, index));
}

/* Takes a constraint into the plan where it is one of ours. False when it can never be used. */
static bool plan_constraint(const ph_table *table, sqlite3_index_info *info, int index, plan *taken) {
  const struct sqlite3_index_constraint *constraint = &info->aConstraint[index];
  int column = constraint->iColumn, argument = column - table->column_count;
  bool is_argument = argument >= 0 && argument < table->argument_count;
  /* IS is = for an argument, which is never NULL */
  if (constraint->op != SQLITE_INDEX_CONSTRAINT_EQ &&
      !(is_argument && constraint->op == SQLITE_INDEX_CONSTRAINT_IS))
    return true;
  if (column >= ph_first_hidden_column(table)) {
    if (!constraint->usable) return false;
    if (taken->too_many) return true;
    taken->too_many = true;
    taken->text[taken->count++] = (char)(PH_PLAN_FIRST + PH_PLAN_TOO_MANY);
    info->aConstraintUsage[index].argvIndex = taken->count;
    return true;
  }
  if (!is_argument && (column < 0 || column >= table->column_count || !table->columns[column].filters))
    return true;
  if (!constraint->usable) {
    if (is_argument) taken->refused[argument] = true;
    return true;
  }
  int place = is_argument ? argument : PH_PLAN_COLUMN + column;
  if (taken->given[place]) return true;
  if (!is_argument && !may_filter(info, index, taken)) return true;
  taken->given[place] = true;
  taken->text[taken->count++] = (char)(PH_PLAN_FIRST + place);
  info->aConstraintUsage[index].argvIndex = taken->count;
  info->aConstraintUsage[index].omit = is_argument;
  return true;
}

/* What a plan costs. Arguments left to their defaults make it dearer than any plan that has them given,
** however many rows of other tables ask for that one: where OR or IN offers values, reading the rows of the
** defaults instead would find other rows. A later argument weighs more than all before it, because SQLite
** shows the branches of an OR without what stands beside the OR: in table('2022-06-30') WHERE scope = 'team'
** OR (scope = 'owner' AND name = 'Ann') a branch seems to lose as_of when it gains scope. Optional arguments
** weigh little, or the cost would leave the range of a double. */
static double plan_cost(const ph_table *table, const plan *taken, double rows) {
  double cost = 1000 + rows, factor = 1e20;
  for (int argument = 0; argument < table->argument_count; argument++) {
    bool optional = ph_argument_is_optional(&table->arguments[argument]);
    if (!taken->given[argument] && table->arguments[argument].required)
      return 1e305; /* xFilter says what is missing */
    if (!taken->given[argument]) cost *= optional ? 1000 : factor;
    if (!optional) factor *= factor;
  }
  return cost;
}

/* Whether an argument is compared, but not with anything that is known in this order of the join: then
** there is another order. Where `a.as_of = b.as_of` joins two tables, each looks so to the other; there an
** argument with a default must not be what both wait for. */
static bool lacks_argument(const ph_table *table, const plan *taken) {
  for (int argument = 0; argument < table->argument_count; argument++)
    if (taken->refused[argument] && !taken->given[argument] && table->arguments[argument].required)
      return true;
  return false;
}

static bool has_joined_arguments(const ph_table *table, sqlite3_index_info *info) {
  int count = 0;
  for (int index = 0; index < info->nConstraint; index++) {
    int argument = info->aConstraint[index].iColumn - table->column_count;
    count += argument >= 0 && argument < table->argument_count && info->aConstraint[index].usable &&
             !is_constant(info, index);
  }
  return count > 1;
}

int ph_plan_best_index(const ph_table *table, sqlite3_index_info *info) {
  plan taken = {.joined = has_joined_arguments(table, info)};
  for (int index = 0; index < info->nConstraint; index++)
    if (!plan_constraint(table, info, index, &taken)) return SQLITE_CONSTRAINT;
  if (lacks_argument(table, &taken)) return SQLITE_CONSTRAINT;
  double rows = table->rows_estimate;
  for (int column = 0; column < table->column_count; column++)
    if (taken.given[PH_PLAN_COLUMN + column]) rows = rows / 10 + 1;
  info->estimatedCost = plan_cost(table, &taken, rows);
  info->estimatedRows = (sqlite3_int64)rows;
  info->idxStr = sqlite3_mprintf("%.*s", taken.count, taken.text);
  info->needToFreeIdxStr = 1;
  return info->idxStr != NULL ? SQLITE_OK : SQLITE_NOMEM;
}
