/*
** Fuzzing: how bytes become rows.
*/
#include "rows.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_ROWS = 120, FIRST_DAY = 18628 /* 2021-01-01, in days since 1970 */ };

typedef enum {
  VALUE_ID,
  VALUE_NAME, /* owner, team, pipeline */
  VALUE_STAGE,
  VALUE_AMOUNT,
  VALUE_DATE,
  VALUE_OUTCOME,
  VALUE_KIND,
  VALUE_CHANGE, /* old_value and new_value: of any kind of change */
  VALUE_SMALL,  /* rank, max_idle_days */
  VALUE_POLICY,
  VALUE_SETTING,
  VALUE_CURRENCY,
  VALUE_RATE,
  VALUE_FLAG, /* pipeline_stage.closed */
  VALUE_CATEGORY
} value_kind;

typedef struct relation {
  const char *create;
  const char *insert;
  value_kind columns[13];
  int column_count;
  unsigned share; /* of 256 rows */
} relation;

static const relation relations[] = {
    {"CREATE TABLE pipeline_deal(deal_id, name, owner, team, pipeline, stage, amount, created_at, close_date,"
     " closed_at, outcome, currency, forecast_category)",
     "INSERT INTO pipeline_deal VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
     {VALUE_ID, VALUE_NAME, VALUE_NAME, VALUE_NAME, VALUE_NAME, VALUE_STAGE, VALUE_AMOUNT, VALUE_DATE,
      VALUE_DATE, VALUE_DATE, VALUE_OUTCOME, VALUE_CURRENCY, VALUE_CATEGORY},
     13,
     90},
    {"CREATE TABLE pipeline_event(deal_id, at, kind, old_value, new_value, recorded_at)",
     "INSERT INTO pipeline_event VALUES (?,?,?,?,?,?)",
     {VALUE_ID, VALUE_DATE, VALUE_KIND, VALUE_CHANGE, VALUE_CHANGE, VALUE_DATE},
     6,
     120},
    {"CREATE TABLE pipeline_stage(stage, rank, pipeline, max_idle_days, closed)",
     "INSERT INTO pipeline_stage VALUES (?,?,?,?,?)",
     {VALUE_STAGE, VALUE_SMALL, VALUE_NAME, VALUE_SMALL, VALUE_FLAG},
     5,
     13},
    {"CREATE TABLE pipeline_quota(period_start, period_end, amount, owner, team, currency)",
     "INSERT INTO pipeline_quota VALUES (?,?,?,?,?,?)",
     {VALUE_DATE, VALUE_DATE, VALUE_AMOUNT, VALUE_NAME, VALUE_NAME, VALUE_CURRENCY},
     6,
     17},
    {"CREATE TABLE pipeline_rate(currency, rate, valid_from)",
     "INSERT INTO pipeline_rate VALUES (?,?,?)",
     {VALUE_CURRENCY, VALUE_RATE, VALUE_DATE},
     3,
     6},
    {"CREATE TABLE pipeline_holiday(day, team)",
     "INSERT INTO pipeline_holiday VALUES (?,?)",
     {VALUE_DATE, VALUE_NAME},
     2,
     6},
    {"CREATE TABLE pipeline_policy(name, value)",
     "INSERT INTO pipeline_policy VALUES (?,?)",
     {VALUE_POLICY, VALUE_SETTING},
     2,
     4},
};

enum { RELATION_COUNT = sizeof relations / sizeof *relations };

typedef struct filler {
  sqlite3_stmt *insert[RELATION_COUNT];
  byte_reader *input;
  bool clean_amounts;
  size_t policy; /* of the row being made */
} filler;

/* Policies with values they may have. */
typedef struct setting {
  const char *name;
  const char *values[3];
} setting;

static const setting settings[] = {
    {"idle_days", {"1", "14", "60"}},
    {"untouched_days", {"10", "45", "365"}},
    {"min_meetings", {"1", "3", NULL}},
    {"second_meeting_days", {"7", "60", "1"}},
    {"max_pushes", {"1", "2", "5"}},
    {"ghost_touches", {"1", "2", NULL}},
    {"aged_days", {"30", "180", "1000"}},
    {"unproven_is_real", {"0", "1", "1"}},
    {"target_coverage", {"1.5", "2", "4.25"}},
    {"fiscal_year_start_month", {"2", "7", "12"}},
    {"utc_offset_minutes", {"-300", "60", "840"}},
    {"time_zone", {"America/New_York", "EST5EDT,M3.2.0,M11.1.0", "Asia/Kathmandu"}},
    {"data_until", {"2021-12-31", "2022-03-15", "2999-01-01"}},
    {"touches_since", {"2021-01-01", "2021-12-01", NULL}},
    {"progress_since", {"2021-01-01", "2021-12-01", "2022-06-01"}},
    {"meetings_since", {"2021-01-01", "2021-12-01", "never"}},
    {"weekend", {"0000011", "0111111", "1000001"}},
    {"reporting_currency", {"USD", "EUR", "none"}},
    {"rate_date", {"close_date", "as_of", "fixed"}},
    {"lookback_periods", {"1", "4", "12"}},
    {"min_class_deals", {"1", "2", "5"}},
    {"target_second_meeting_rate", {"0.5", "0.9", NULL}},
    {"on_bad_row", {"skip", "skip", "error"}},
    {"no_such_policy", {"1", NULL, "x"}},
};

enum { SETTING_COUNT = sizeof settings / sizeof *settings };

unsigned read_byte(byte_reader *input) {
  return input->at < input->size ? input->data[input->at++] : 0;
}

/* The civil date of a day since 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms").
 */
static void write_date(char date[DATE_BYTES], unsigned day) {
  unsigned shifted = day + 719468u, era = shifted / 146097u, of_era = shifted % 146097u;
  unsigned year_of_era = (of_era - of_era / 1460u + of_era / 36524u - of_era / 146096u) / 365u;
  unsigned of_year = of_era - (365u * year_of_era + year_of_era / 4u - year_of_era / 100u);
  unsigned shifted_month = (5u * of_year + 2u) / 153u;
  unsigned month = shifted_month < 10u ? shifted_month + 3u : shifted_month - 9u;
  unsigned year = year_of_era + era * 400u + (month <= 2u);
  unsigned of_month = of_year - (153u * shifted_month + 2u) / 5u + 1u;
  snprintf(date, DATE_BYTES, "%04u-%02u-%02u", year % 10000u, month % 100u, of_month % 100u);
}

/* Mostly within 256 days, so that deals meet their thresholds; else within a thousand. */
static unsigned read_day(byte_reader *input) {
  unsigned spread = read_byte(input), day = read_byte(input);
  return spread < 216 ? FIRST_DAY + 300 + day : FIRST_DAY + (spread * 256u + day) % 1000u;
}

void read_plain_date(byte_reader *input, char date[DATE_BYTES]) {
  write_date(date, read_day(input));
}

static void bind_text(sqlite3_stmt *insert, int column, const char *value) {
  sqlite3_bind_text(insert, column, value, -1, SQLITE_TRANSIENT);
}

/* One of a list, NULL in it for SQL's NULL. */
static void bind_choice(sqlite3_stmt *insert, int column, unsigned choice, const char *const *list,
                        size_t count) {
  bind_text(insert, column, list[choice % count]); /* a NULL text binds NULL */
}

static void bind_odd(sqlite3_stmt *insert, int column, unsigned choice) {
  switch (choice % 8) {
  case 0: sqlite3_bind_null(insert, column); break;
  case 1: bind_text(insert, column, ""); break;
  case 2: sqlite3_bind_int64(insert, column, INT64_MAX); break;
  case 3: sqlite3_bind_int64(insert, column, INT64_MIN); break;
  case 4: sqlite3_bind_double(insert, column, HUGE_VAL); break;
  case 5: sqlite3_bind_double(insert, column, -1e300); break;
  case 6: sqlite3_bind_blob(insert, column, "\0\xff\x80", 3, SQLITE_STATIC); break;
  default: bind_text(insert, column, "\xc3\x28 \xf0\x9f\x92\xa9 a|b,c'd\n"); break;
  }
}

static void bind_bad_date(sqlite3_stmt *insert, int column, unsigned choice) {
  static const char *const dates[] = {
      "10/23/17",   "2021-02-29",          "0001-01-01",  "9999-12-31",           "2022-06-30T25:00",
      "0000-01-01", " 2022-06-30",         "2022-06-30x", "99999999999999999999", "0000-00-00",
      "5 May 2022", "0000-00-00 00:00:00", "05-May-22",   "2022/05/05",           "May 5, 2022 09:30 UTC"};
  bind_choice(insert, column, choice, dates, sizeof dates / sizeof *dates);
}

static void bind_date(filler *job, sqlite3_stmt *insert, int column, unsigned form) {
  static const char *const times[] = {"T10:20:30Z", " 23:59:59.999",  "T00:00:00+14:00", "T12:00-0530",
                                      " 00:00:00",  "T00:00:00.000Z", " 09:00:00 +0000", " 04:30 UTC"};
  unsigned day = read_day(job->input);
  char date[DATE_BYTES], instant[DATE_BYTES + 20];
  write_date(date, day);
  if (form < 130) {
    bind_text(insert, column, date);
  } else if (form < 160) {
    snprintf(instant, sizeof instant, "%s%s", date, times[form % 8]);
    bind_text(insert, column, instant);
  } else if (form < 170) {
    sqlite3_bind_double(insert, column, day + 2440587.5);
  } else if (form < 180) {
    sqlite3_bind_int64(insert, column, (sqlite3_int64)day * 86400);
  } else if (form < 190) {
    sqlite3_bind_int64(insert, column, (sqlite3_int64)day * 86400000);
  } else if (form < 245) {
    sqlite3_bind_null(insert, column);
  } else {
    bind_bad_date(insert, column, form);
  }
}

static void bind_amount(const filler *job, sqlite3_stmt *insert, int column, unsigned form) {
  static const char *const texts[] = {"12.5", " 7 ", "1e3", "abc", "12,5", "0.00005"};
  if (form < 110) {
    sqlite3_bind_int64(insert, column, (sqlite3_int64)form * 100);
  } else if (form < 200) {
    sqlite3_bind_double(insert, column, form / 3.0);
  } else if (form < 220) {
    bind_choice(insert, column, form, texts, sizeof texts / sizeof *texts);
  } else if (form < 235 || job->clean_amounts) {
    sqlite3_bind_null(insert, column);
  } else if (form < 250) {
    sqlite3_bind_double(insert, column, -10.25 * form);
  } else if (form == 250) {
    sqlite3_bind_double(insert, column, 9e14);
  } else {
    bind_odd(insert, column, form);
  }
}

static void bind_id(sqlite3_stmt *insert, int column, unsigned form) {
  char digits[8];
  if (form < 200) {
    sqlite3_bind_int(insert, column, (int)(form % 16));
  } else if (form < 244) {
    snprintf(digits, sizeof digits, "%u", form % 16);
    bind_text(insert, column, digits);
  } else {
    bind_odd(insert, column, form);
  }
}

static void bind_policy(filler *job, sqlite3_stmt *insert, int column, unsigned form) {
  job->policy = form % SETTING_COUNT;
  if (job->policy == SETTING_COUNT - 1 && form < 200) job->policy = 0; /* unknown names are rare */
  bind_text(insert, column, settings[job->policy].name);
}

static void bind_setting(const filler *job, sqlite3_stmt *insert, int column, unsigned form) {
  if (form < 248) {
    bind_text(insert, column, settings[job->policy].values[form % 3]);
  } else {
    bind_odd(insert, column, form);
  }
}

/* old_value and new_value do not know what kind the row has: they take what one of the kinds would. */
static void bind_change(filler *job, sqlite3_stmt *insert, int column, unsigned form);

static void bind_value(filler *job, sqlite3_stmt *insert, int column, value_kind kind) {
  static const char *const names[] = {"ann", "bob", "eve", NULL, "", "\xc3\xa9mile"};
  static const char *const stages[] = {"Discovery", "Proposal", "Negotiation", "Closing", NULL, "Nowhere"};
  static const char *const outcomes[] = {"open", "open", "open", "open", "won", "lost", "WON",
                                         "Open", "won",  "lost", "open", NULL,  "dead"};
  static const char *const kinds[] = {"stage",
                                      "stage",
                                      "amount",
                                      "close_date",
                                      "owner",
                                      "meeting",
                                      "meeting",
                                      "meeting",
                                      "commitment",
                                      "reply",
                                      "call",
                                      "email",
                                      "note",
                                      "task",
                                      "Meeting",
                                      "meeting",
                                      NULL,
                                      "fax",
                                      "forecast",
                                      "stage_state",
                                      "stage_state",
                                      "amount_state",
                                      "close_date_state",
                                      "owner_state",
                                      "forecast_state"};
  static const char *const currencies[] = {NULL, "USD", "USD", "USD", "EUR", "JPY", ""};
  static const char *const rates[] = {"1", "1", "0.9", "150", "4000.25", "0", "-1", "x", NULL};
  static const char *const flags[] = {NULL, "0", "1", "0", "yes"};
  static const char *const categories[] = {NULL, "Commit", "best case", "Pipeline", "omitted", "maybe"};
  unsigned form = read_byte(job->input);
  switch (kind) {
  case VALUE_ID: bind_id(insert, column, form); break;
  case VALUE_NAME: bind_choice(insert, column, form, names, sizeof names / sizeof *names); break;
  case VALUE_STAGE: bind_choice(insert, column, form, stages, sizeof stages / sizeof *stages); break;
  case VALUE_AMOUNT: bind_amount(job, insert, column, form); break;
  case VALUE_DATE: bind_date(job, insert, column, form); break;
  case VALUE_OUTCOME: bind_choice(insert, column, form, outcomes, sizeof outcomes / sizeof *outcomes); break;
  case VALUE_KIND: bind_choice(insert, column, form, kinds, sizeof kinds / sizeof *kinds); break;
  case VALUE_CHANGE: bind_change(job, insert, column, form); break;
  case VALUE_POLICY: bind_policy(job, insert, column, form); break;
  case VALUE_SETTING: bind_setting(job, insert, column, form); break;
  case VALUE_CURRENCY:
    bind_choice(insert, column, form, currencies, sizeof currencies / sizeof *currencies);
    break;
  case VALUE_RATE: bind_choice(insert, column, form, rates, sizeof rates / sizeof *rates); break;
  case VALUE_FLAG: bind_choice(insert, column, form, flags, sizeof flags / sizeof *flags); break;
  case VALUE_CATEGORY:
    bind_choice(insert, column, form, categories, sizeof categories / sizeof *categories);
    break;
  case VALUE_SMALL:
    if (form < 240) {
      sqlite3_bind_int(insert, column, (int)(form % 40));
    } else {
      bind_odd(insert, column, form);
    }
    break;
  }
}

static void bind_change(filler *job, sqlite3_stmt *insert, int column, unsigned form) {
  static const value_kind kinds[] = {VALUE_STAGE, VALUE_AMOUNT, VALUE_DATE, VALUE_NAME};
  if (form < 40) {
    sqlite3_bind_null(insert, column);
  } else if (form > 250) {
    bind_odd(insert, column, form);
  } else {
    bind_value(job, insert, column, kinds[form % 4]);
  }
}

static int choose_relation(byte_reader *input) {
  unsigned form = read_byte(input);
  int chosen = 0;
  while (chosen + 1 < RELATION_COUNT && form >= relations[chosen].share) {
    form -= relations[chosen++].share;
  }
  return chosen;
}

static bool insert_row(filler *job, int number) {
  sqlite3_stmt *insert = job->insert[number];
  for (int i = 0; i < relations[number].column_count; i++) {
    bind_value(job, insert, i + 1, relations[number].columns[i]);
  }
  sqlite3_step(insert);
  return sqlite3_reset(insert) == SQLITE_OK;
}

bool rows_fill(sqlite3 *db, byte_reader *input, bool clean_amounts) {
  filler job = {.input = input, .clean_amounts = clean_amounts};
  bool good = true;
  for (int i = 0; good && i < RELATION_COUNT; i++) {
    good = sqlite3_exec(db, relations[i].create, NULL, NULL, NULL) == SQLITE_OK &&
           sqlite3_prepare_v2(db, relations[i].insert, -1, &job.insert[i], NULL) == SQLITE_OK;
  }
  for (int row = 0; good && row < MAX_ROWS && input->at < input->size; row++) {
    good = insert_row(&job, choose_relation(input));
  }
  for (int i = 0; i < RELATION_COUNT; i++) sqlite3_finalize(job.insert[i]);
  return good;
}
