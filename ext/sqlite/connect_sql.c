/* The script that pipeline_connect_sql returns. See connect_internal.h. */
#include "connect_internal.h"

#include <string.h>

typedef struct script {
  sqlite3_str *views, *tables, *drops;
  bool as_tables;
} script;

/* What a relation that the schema has already is dropped as. A table where a view is to be, and a view of
** somebody else where a table is to be, stay: to drop them by the other word is an error, behind which the
** shell would go on with the script. */
static const char *dropped_as(ph_connecting *call, const char *name, bool as_table) {
  char *kind = ph_connect_query(
      call,
      sqlite3_mprintf("SELECT iif(type = 'view' AND instr(sql, %Q) > 0, 'script', type) FROM "
                      "\"%w\".sqlite_master WHERE name = %Q COLLATE NOCASE AND type IN ('table', 'view')",
                      ph_made_by_connect, call->schema, name));
  bool is_view = kind != NULL && strcmp(kind, "table") != 0;
  bool is_foreign = kind != NULL && strcmp(kind, as_table ? "view" : "table") == 0;
  if (is_foreign)
    ph_fail(call->status,
            "pipeline_connect: %s has a %s %s, which stays (expected none; drop it first to make a %s of it)",
            call->schema, kind, name, as_table ? "table" : "view");
  sqlite3_free(kind);
  return is_view || !as_table ? "VIEW" : "TABLE";
}

/* Where the relations become tables, each stands in a view <crm>_pipeline_… first: a view looks names up
** in its own schema. A policy is written into the table that is there: it may hold others. */
static void write_view(ph_connecting *call, const char *name, const char *select, void *context) {
  script *to = context;
  bool is_relation = strncmp(name, "pipeline_", 9) == 0, is_policy = strcmp(name, "pipeline_policy") == 0;
  char *view = is_relation && (to->as_tables || is_policy) ? sqlite3_mprintf("%s_%s", call->crm, name)
                                                           : sqlite3_mprintf("%s", name);
  if (view == NULL) ph_fail_memory(call->status);
  const char *schema = call->schema;
  const char *dropped = is_relation && !is_policy ? dropped_as(call, name, to->as_tables) : "VIEW";
  sqlite3_str_appendf(to->views, "DROP VIEW IF EXISTS \"%w\".\"%w\";\nCREATE VIEW \"%w\".\"%w\" AS %s %s;\n",
                      schema, view, schema, view, ph_made_by_connect, select);
  if (is_policy) {
    sqlite3_str_appendf(
        to->tables,
        "CREATE TABLE IF NOT EXISTS \"%w\".pipeline_policy(name, value);\n"
        "DELETE FROM \"%w\".pipeline_policy WHERE lower(name) IN (SELECT name FROM \"%w\".\"%w\");\n"
        "INSERT INTO \"%w\".pipeline_policy SELECT name, value FROM \"%w\".\"%w\";\n",
        schema, schema, schema, view, schema, schema, view);
  } else if (is_relation && to->as_tables) {
    sqlite3_str_appendf(
        to->tables, "DROP %s IF EXISTS \"%w\".%s;\nCREATE TABLE \"%w\".%s AS SELECT * FROM \"%w\".\"%w\";\n",
        dropped, schema, name, schema, name, schema, view);
  }
  if (to->as_tables || is_policy) sqlite3_str_appendf(to->drops, "DROP VIEW \"%w\".\"%w\";\n", schema, view);
  sqlite3_free(view);
}

char *ph_connect_write_script(ph_connecting *call) {
  ph_words as = ph_connect_option(call, ph_words_of("as"));
  script to = {sqlite3_str_new(call->db), sqlite3_str_new(call->db), sqlite3_str_new(call->db),
               ph_words_equal(as, "tables")};
  ph_connect_needed_views(call, write_view, &to);
  char *views = ph_connect_finish(call, to.views), *tables = ph_connect_finish(call, to.tables),
       *drops = ph_connect_finish(call, to.drops);
  char *text = sqlite3_mprintf(
      "-- pipeline_health: the relations of %s, made by pipeline_connect_sql\nBEGIN;\n%s%s%sCOMMIT;\n",
      call->crm, views != NULL ? views : "", tables != NULL ? tables : "", drops != NULL ? drops : "");
  sqlite3_free(views);
  sqlite3_free(tables);
  sqlite3_free(drops);
  if (text == NULL) ph_fail_memory(call->status);
  return text;
}
