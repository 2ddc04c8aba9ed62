/*
** Fuzzing: any tables, options and names for pipeline_connect.
**
** Whatever the tables hold, nothing crashes, the connection closes and all memory is back. A call that fails
** leaves no view behind; one that succeeds makes relations that can be read, gives the same JSON again, and
** pipeline_check can be asked. pipeline_connect_sql is called with the same arguments. What the doors make of
** the cells is not judged here.
*/
#include "fuzz.h"
#include "rows.h"

#include "../support/text.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Names of tables and columns, cells and options as the doors know them: most bytes pick one of these. */
static const char *const table_names[] = {"deals",
                                          "deal",
                                          "Opportunity",
                                          "OpportunityHistory",
                                          "OpportunityStage",
                                          "OpportunityFieldHistory",
                                          "Task",
                                          "Event",
                                          "User",
                                          "ForecastingQuota",
                                          "deal_property_history",
                                          "deal_pipeline_stage",
                                          "engagement",
                                          "engagement_deal",
                                          "engagement_meeting",
                                          "owner",
                                          "dealflow",
                                          "stages",
                                          "activities",
                                          "users",
                                          "goals",
                                          "crm_lead",
                                          "crm_stage",
                                          "report1795420500123",
                                          "open_2026_11_23",
                                          "open_2026_11_30",
                                          "hubspot-crm-exports-all-deals-2026-05-29",
                                          "pipeline_policy"};
static const char *const column_names[] = {"Id",
                                           "id",
                                           "deal_id",
                                           "OpportunityId",
                                           "WhatId",
                                           "item_id",
                                           "engagement_id",
                                           "owner_id",
                                           "OwnerId",
                                           "StageName",
                                           "Stage",
                                           "dealstage",
                                           "stage_id",
                                           "to_stage",
                                           "MasterLabel",
                                           "SortOrder",
                                           "label",
                                           "name",
                                           "Name",
                                           "title",
                                           "Opportunity Name",
                                           "Deal Name",
                                           "Deal - Title",
                                           "Amount",
                                           "value",
                                           "Betrag",
                                           "property_amount",
                                           "CreatedDate",
                                           "Created Date",
                                           "createdate",
                                           "Create Date",
                                           "add_time",
                                           "CloseDate",
                                           "Close Date",
                                           "property_closedate",
                                           "expected_close_date",
                                           "close_time",
                                           "IsClosed",
                                           "IsWon",
                                           "status",
                                           "Status",
                                           "probability",
                                           "is_closed",
                                           "closed_won",
                                           "timestamp",
                                           "log_time",
                                           "field_key",
                                           "Field",
                                           "OldValue",
                                           "NewValue",
                                           "new_value",
                                           "type",
                                           "Type",
                                           "done",
                                           "due_date",
                                           "StartDateTime",
                                           "snapshot_date",
                                           "dbt_valid_from",
                                           "dbt_valid_to",
                                           "SystemModstamp",
                                           "_fivetran_deleted",
                                           "_fivetran_active",
                                           "IsDeleted",
                                           "CurrencyIsoCode",
                                           "QuotaOwnerId",
                                           "StartDate",
                                           "QuotaAmount",
                                           "Last Activity",
                                           "Date entered \"Offer\"",
                                           "Q1",
                                           "Q2 2026",
                                           "Jan",
                                           "Owner",
                                           "Team",
                                           "active",
                                           "create_date",
                                           "is_won",
                                           "duration",
                                           "interval"};
static const char *const cells[] = {"",
                                    "1",
                                    "2",
                                    "3",
                                    "41.0",
                                    "006000000000001",
                                    "006000000000001AAA",
                                    "2026-03-31",
                                    "2026-03-31 00:00:00",
                                    "2026-04-01T10:00:00.000Z",
                                    "03/31/2026",
                                    "31.03.2026",
                                    "03/04/2026",
                                    "0000-00-00",
                                    "1.234",
                                    "1,234.50",
                                    "1.234,50 €",
                                    "100",
                                    "-5",
                                    "true",
                                    "false",
                                    "open",
                                    "won",
                                    "lost",
                                    "Closed Won",
                                    "Offer",
                                    "dealstage",
                                    "stage",
                                    "closedate",
                                    "hubspot_owner_id",
                                    "stage_id",
                                    "MEETING",
                                    "CALL",
                                    "Total",
                                    "{\"id\": 7}",
                                    "monthly",
                                    "now",
                                    "Id",
                                    "'",
                                    "\"",
                                    "(none)"};
static const char *const options[] = {"{}",
                                      "{\"date_order\": \"dmy\"}",
                                      "{\"date_order\": \"mdy\", \"decimal\": \",\"}",
                                      "{\"exported_on\": \"2026-11-23\"}",
                                      "{\"activities_of\": \"account\"}",
                                      "{\"outcomes\": \"open\"}",
                                      "{\"columns\": {\"a\": \"id\"}, \"values\": {\"Offer\": \"won\"}}",
                                      "{\"snapshots\": \"open_*\"}",
                                      "{\"vanished\": \"lost\"}",
                                      "{\"deals\": \"deal\"}",
                                      "{\"as\": \"tables\"}",
                                      "{\"time_zone\": \"UTC\"}"};
static const char *const crms[] = {
    "salesforce", "hubspot",   "pipedrive", "salesforce_report", "hubspot_export", "pipedrive_export",
    "deals",      "snapshots", "odoo"};

/* One of the words, or, for a byte of 240 and more, up to 15 bytes of the input as they are. */
static void read_word(byte_reader *input, text *word, const char *const *words, size_t count) {
  unsigned choice = read_byte(input);
  if (choice < 240) {
    text_printf(word, "%s", words[choice % count]);
    return;
  }
  for (unsigned left = choice - 240; left > 0; left--) {
    char character = (char)read_byte(input);
    if (character != 0) text_printf(word, "%c", character);
  }
}

static void make_table(sqlite3 *db, byte_reader *input) {
  text name = {0}, columns = {0}, rows = {0};
  read_word(input, &name, table_names, COUNT(table_names));
  unsigned width = 1 + read_byte(input) % 12, height = read_byte(input) % 6;
  for (unsigned column = 0; column < width; column++) {
    text one = {0};
    read_word(input, &one, column_names, COUNT(column_names));
    char *quoted = sqlite3_mprintf("%s\"%w\"", column > 0 ? ", " : "", text_get(&one));
    text_printf(&columns, "%s", quoted != NULL ? quoted : "");
    sqlite3_free(quoted);
    text_free(&one);
  }
  for (unsigned row = 0; row < height; row++) {
    text_printf(&rows, "%s(", row > 0 ? ", " : "");
    for (unsigned column = 0; column < width; column++) {
      text one = {0};
      read_word(input, &one, cells, COUNT(cells));
      bool is_number = text_get(&one)[0] >= '1' && text_get(&one)[0] <= '9' && (read_byte(input) & 1) != 0;
      char *quoted = sqlite3_mprintf(is_number ? "%sCAST(%Q AS NUMERIC)" : "%snullif(%Q, '(none)')",
                                     column > 0 ? ", " : "", text_get(&one));
      text_printf(&rows, "%s", quoted != NULL ? quoted : "");
      sqlite3_free(quoted);
      text_free(&one);
    }
    text_printf(&rows, ")");
  }
  /* a name twice, or one that SQLite keeps for itself: then there is no such table */
  char *create = sqlite3_mprintf("CREATE TABLE \"%w\"(%s)", text_get(&name), text_get(&columns));
  char *insert = sqlite3_mprintf("INSERT INTO \"%w\" VALUES %s", text_get(&name), text_get(&rows));
  if (sqlite3_exec(db, create, NULL, NULL, NULL) == SQLITE_OK && height > 0)
    sqlite3_exec(db, insert, NULL, NULL, NULL);
  sqlite3_free(create);
  sqlite3_free(insert);
  text_free(&name);
  text_free(&columns);
  text_free(&rows);
}

/* Calls a function with the arguments; its text, or its error after "error: ". */
static bool call(sqlite3 *db, const char *function, const text *crm, const text *option, text *result) {
  sqlite3_stmt *statement = NULL;
  char *sql = sqlite3_mprintf("SELECT %s(nullif(?1, ''), 'main', nullif(?2, ''))", function);
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
    fuzz_fail("%s: %s", sql, sqlite3_errmsg(db));
  sqlite3_free(sql);
  sqlite3_bind_text(statement, 1, text_get(crm), -1, SQLITE_STATIC);
  sqlite3_bind_text(statement, 2, text_get(option), -1, SQLITE_STATIC);
  bool row = sqlite3_step(statement) == SQLITE_ROW;
  if (row) text_printf(result, "%s", (const char *)sqlite3_column_text(statement, 0));
  if (sqlite3_finalize(statement) != SQLITE_OK) row = false;
  if (!row) text_printf(result, "error: %s", sqlite3_errmsg(db));
  return row;
}

static int count_rows(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement = NULL;
  int rows = sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK ? 0 : -1;
  while (rows >= 0 && sqlite3_step(statement) == SQLITE_ROW) rows++;
  int code = sqlite3_finalize(statement);
  return code == SQLITE_OK ? rows : -1;
}

/* Work has a limit, after which anything may end as interrupted. */
static bool was_stopped(sqlite3 *db) {
  return sqlite3_errcode(db) == SQLITE_INTERRUPT || sqlite3_errcode(db) == SQLITE_NOMEM;
}

static void check_views(sqlite3 *db) {
  static const char *const questions[] = {"SELECT * FROM temp.pipeline_deal",
                                          "SELECT * FROM temp.pipeline_import"};
  for (size_t index = 0; index < COUNT(questions); index++)
    if (count_rows(db, questions[index]) < 0 && !was_stopped(db))
      fuzz_fail("%s: %s", questions[index], sqlite3_errmsg(db));
  count_rows(db, "SELECT * FROM pipeline_check"); /* a bad policy is an error of it */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  byte_reader input = {data, size, 0};
  text crm = {0}, option = {0}, first = {0}, second = {0}, script = {0};
  sqlite3 *db = fuzz_open(false);
  sqlite3_limit(db, SQLITE_LIMIT_EXPR_DEPTH, 1000);
  sqlite3_limit(db, SQLITE_LIMIT_COMPOUND_SELECT, 500);
  unsigned kind = read_byte(&input);
  if (kind % 3 != 0) read_word(&input, &crm, crms, COUNT(crms));
  if (kind % 5 != 0) read_word(&input, &option, options, COUNT(options));
  for (unsigned tables = 1 + read_byte(&input) % 5; tables > 0; tables--) make_table(db, &input);
  bool connected = call(db, "pipeline_connect", &crm, &option, &first);
  if (connected) {
    check_views(db);
    bool again = call(db, "pipeline_connect", &crm, &option, &second);
    if (!was_stopped(db) && (!again || strcmp(text_get(&first), text_get(&second)) != 0))
      fuzz_fail("connected twice: %s\nagain: %s", text_get(&first), text_get(&second));
  } else if (!was_stopped(db) && count_rows(db, "SELECT 1 FROM temp.sqlite_master") != 0) {
    fuzz_fail("a failed call leaves views: %s", text_get(&first));
  }
  call(db, "pipeline_connect_sql", &crm, &option, &script);
  text_free(&crm);
  text_free(&option);
  text_free(&first);
  text_free(&second);
  text_free(&script);
  fuzz_close(db);
  return 0;
}
