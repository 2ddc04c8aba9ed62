/*
** The data of the benchmark: writes a new SQLite database with the five relations of pipeline_health.
**
**     generate FILE EVENTS integer|text
**
** EVENTS events (10000000 for the full size) of EVENTS / 10 deals over the years 2020 to 2022, in time order,
** with dates as text; 500 owners in 25 teams; a quota for each owner and quarter. About 400,000 of one
** million deals are open on 2022-06-30. 'text' writes deal ids of 18 characters in the manner of Salesforce,
** 'integer' ascending numbers with gaps. The same arguments give the same data on every machine: no library
** random numbers, no floating point beyond the four operations.
**
** Kept simple on purpose, so that the peers need fewer rules: dates have no time; a deal has at most one
** event of a kind that changes a field, and at most one meeting, on a day; every change has its old value; no
** meeting is agreed ahead (there is no recorded_at); one pipeline; amounts are whole numbers; the policy is
** the default one.
*/
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  FIRST_DAY_NUMBER = 18262, /* 2020-01-01 in days since 1970-01-01 */
  DAYS = 1096,              /* 2020-01-01 to 2022-12-31 */
  DAYS_BEFORE = 16,         /* room for events before the first deal was created */
  OWNERS = 500,
  TEAMS = 25,
  QUARTERS = 12,
  SLOTS_PER_DAY = 64 /* events of a day come in no order of deals */
};

enum kind { STAGE, AMOUNT, CLOSE_DATE, OWNER, MEETING, COMMITMENT, REPLY, CALL, EMAIL, NOTE, TASK, KINDS };

static const char *const kind_names[KINDS] = {"stage",   "amount",     "close_date", "owner",
                                              "meeting", "commitment", "reply",      "call",
                                              "email",   "note",       "task"};
/* How often a kind is drawn, out of 1000. */
static const int kind_weights[KINDS] = {100, 40, 55, 3, 130, 42, 130, 190, 215, 50, 45};

enum { STAGES_OPEN = 5, STAGE_WON = 5, STAGE_LOST = 6, STAGES = 7 };
static const char *const stage_names[STAGES] = {"Qualification", "Discovery",  "Demo",       "Proposal",
                                                "Negotiation",   "Closed Won", "Closed Lost"};
static const int stage_ranks[STAGES] = {1, 2, 3, 4, 5, 6, 0};
static const int stage_idle_days[STAGES] = {21, 30, 30, 45, 0, 0, 0}; /* 0: NULL, the policy's idle_days */

/* A deal as its record stands at the end of the data. Days count from 2020-01-01. */
struct deal {
  int32_t created;
  int32_t last_active; /* after this day nothing happens to it any more */
  int32_t closed;      /* -1: still open */
  int32_t close_date;
  int32_t amount;
  uint32_t events;
  uint32_t id;
  uint16_t owner;
  uint8_t stage;
  uint8_t won;
};

/* old_value and new_value: a stage, an owner, an amount or a day, as the kind says. */
struct event {
  uint32_t deal;
  int32_t old_value;
  int32_t new_value;
  int16_t day;
  uint8_t kind;
  uint8_t slot;
};

static uint64_t random_state = 0x9E3779B97F4A7C15u;

static uint64_t random_bits(void) {
  uint64_t z = (random_state += 0x9E3779B97F4A7C15u); /* splitmix64 */
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

static int random_below(int limit) {
  return (int)((random_bits() >> 33) % (uint64_t)limit);
}

/* Between 0 and limit, small values more often: the mean is a quarter of the limit. */
static int random_skewed(int limit) {
  return (int)((int64_t)random_below(limit + 1) * random_below(1000) / 999);
}

static void *allocate(size_t count, size_t size) {
  void *memory = calloc(count, size);
  if (memory == NULL) {
    fprintf(stderr, "generate: out of memory\n");
    exit(1);
  }
  return memory;
}

/* Civil date from days since 1970-01-01 (H. Hinnant, chrono-compatible low-level date algorithms). */
static void write_date(int day, char text[11]) {
  int z = day + FIRST_DAY_NUMBER + 719468;
  int era = z / 146097;
  int day_of_era = z - era * 146097;
  int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int shifted_month = (5 * day_of_year + 2) / 153;
  unsigned day_of_month = (unsigned)(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  unsigned month = (unsigned)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  unsigned year = (unsigned)(year_of_era + era * 400 + (month <= 2));
  char buffer[40];
  snprintf(buffer, sizeof buffer, "%04u-%02u-%02u", year, month, day_of_month);
  memcpy(text, buffer, 10);
  text[10] = '\0';
}

/* First day of a quarter, 0 for the first of 2020; the data years are 2020 (a leap year), 2021, 2022. */
static int quarter_start(int quarter) {
  static const int starts[5] = {0, 90, 181, 273, 365};
  int year = quarter / 4;
  return (year == 0 ? 0 : year * 365 + 1) + starts[quarter % 4] + (year == 0 && quarter % 4 > 0);
}

static int quarter_end_after(int day) {
  for (int quarter = 1;; quarter++) {
    if (quarter_start(quarter) - 1 >= day) return quarter_start(quarter) - 1;
  }
}

static void text_id(uint32_t number, char id[19]) {
  static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  static const char suffix[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
  memcpy(id, "0065g00000", 10);
  for (int i = 14; i >= 10; i--) {
    id[i] = digits[number % 62];
    number /= 62;
  }
  for (int part = 0; part < 3; part++) { /* which letters are upper case, five to a character */
    unsigned bits = 0;
    for (unsigned i = 0; i < 5; i++) {
      char c = id[part * 5 + (int)i];
      if (c >= 'A' && c <= 'Z') bits |= 1u << i;
    }
    id[15 + part] = suffix[bits];
  }
  id[18] = '\0';
}

static void owner_name(int owner, char name[32]) {
  static const char *const first[25] = {"Ada",   "Ben",   "Clara", "David", "Elena", "Felix", "Grace",
                                        "Henri", "Ines",  "Jonas", "Kim",   "Lena",  "Mats",  "Nora",
                                        "Oscar", "Paula", "Quinn", "Rosa",  "Sven",  "Tara",  "Udo",
                                        "Vera",  "Will",  "Yara",  "Zoe"};
  static const char *const last[20] = {"Adler", "Berg",   "Costa",  "Dahl",  "Evans", "Fuchs",  "Green",
                                       "Holm",  "Ivanov", "Jansen", "Koch",  "Lang",  "Moreau", "Novak",
                                       "Olsen", "Peters", "Rossi",  "Silva", "Tran",  "Weber"};
  snprintf(name, 32, "%s %s", first[owner % 25], last[owner / 25]);
}

static void team_name(int owner, char name[16]) {
  snprintf(name, 16, "Team %02u", (unsigned)(owner / (OWNERS / TEAMS) + 1));
}

/* Life of every deal and how many events it gets. */
static void draw_deals(struct deal *deals, uint32_t deal_count, uint32_t event_count) {
  double *weights = allocate(deal_count, sizeof *weights);
  double total = 0;
  uint32_t id = 1000;
  for (uint32_t i = 0; i < deal_count; i++) {
    struct deal *deal = &deals[i];
    id += 1 + (uint32_t)random_below(3);
    deal->id = id;
    deal->created = (int32_t)((uint64_t)i * DAYS / deal_count);
    deal->closed = -1;
    if (random_below(1000) < 390) { /* falls silent, never closed */
      deal->last_active = deal->created + 5 + random_skewed(1000);
    } else {
      deal->closed = deal->created + 20 + random_skewed(440);
      deal->last_active = deal->closed;
      deal->won = random_below(100) < 35;
    }
    if (deal->closed >= DAYS) deal->closed = -1;
    if (deal->last_active >= DAYS) deal->last_active = DAYS - 1;
    deal->owner = (uint16_t)((random_below(OWNERS) + random_below(OWNERS / 2)) % OWNERS);
    deal->amount = 100 * (10 + random_skewed(2500));
    deal->close_date = deal->created + 30 + random_below(150);
    if (random_below(100) < 40) deal->close_date = quarter_end_after(deal->close_date);
    weights[i] = (deal->last_active - deal->created + 15) * (0.3 + random_below(1000) / 1000.0);
    total += weights[i];
  }
  double per_weight = event_count / total;
  double carried = 0; /* keeps the sum exact */
  uint32_t given = 0;
  for (uint32_t i = 0; i < deal_count; i++) {
    carried += weights[i] * per_weight;
    uint32_t until = i + 1 == deal_count ? event_count : (uint32_t)carried;
    deals[i].events = until > given ? until - given : 0;
    given += deals[i].events;
  }
  free(weights);
}

static int compare_days(const void *left, const void *right) {
  return *(const int *)left - *(const int *)right;
}

static enum kind draw_kind(void) {
  int drawn = random_below(1000);
  int kind = 0;
  while (drawn >= kind_weights[kind]) drawn -= kind_weights[kind++];
  return (enum kind)kind;
}

static int once_a_day(enum kind kind) {
  return kind <= MEETING;
}

/* Carries out a change of a field; false when there is nothing to change. */
static int change_field(struct deal *deal, struct event *event) {
  switch ((enum kind)event->kind) {
  case STAGE: {
    int forward = random_below(100) < 78;
    int stage = deal->stage + (forward ? 1 + (random_below(10) == 0) : -1);
    if (stage < 0 || stage >= STAGES_OPEN) return 0;
    event->old_value = deal->stage;
    deal->stage = (uint8_t)stage;
    event->new_value = stage;
    return 1;
  }
  case AMOUNT:
    event->old_value = deal->amount;
    deal->amount = deal->amount / 1000 * (7 + random_below(7)) * 100 + 100;
    event->new_value = deal->amount;
    return event->old_value != event->new_value;
  case CLOSE_DATE:
    event->old_value = deal->close_date;
    deal->close_date += random_below(100) < 80 ? 7 + random_below(84) : -7;
    if (deal->close_date < event->day) deal->close_date = event->day + 30;
    event->new_value = deal->close_date;
    return event->old_value != event->new_value;
  case OWNER: {
    int team_start = deal->owner / (OWNERS / TEAMS) * (OWNERS / TEAMS);
    event->old_value = deal->owner;
    deal->owner = (uint16_t)(team_start + random_below(OWNERS / TEAMS));
    event->new_value = deal->owner;
    return event->old_value != event->new_value;
  }
  default: return 1;
  }
}

/* The events of one deal, in order of their days; the deal's record follows them. */
static void draw_events(struct deal *deal, uint32_t number, struct event *events, int *days) {
  uint32_t count = deal->events;
  int length = deal->last_active - deal->created + 1;
  for (uint32_t i = 0; i < count; i++) days[i] = deal->created + random_below(length);
  if (count > 1 && random_below(100) < 4) days[0] = deal->created - 1 - random_below(DAYS_BEFORE - 1);
  int has_closing_event = count > 0 && deal->closed >= 0 && random_below(100) < 97;
  if (has_closing_event) days[count - 1] = deal->closed;
  qsort(days, count, sizeof *days, compare_days);
  unsigned kinds_of_day = 0;
  for (uint32_t i = 0; i < count; i++) {
    struct event *event = &events[i];
    *event =
        (struct event){.deal = number, .day = (int16_t)days[i], .slot = (uint8_t)random_below(SLOTS_PER_DAY)};
    if (i == 0 || days[i] != days[i - 1]) kinds_of_day = 0;
    if (days[i] == deal->closed && has_closing_event)
      kinds_of_day |= 1u << STAGE; /* kept for the closing event */
    if (i + 1 == count && has_closing_event) {
      event->kind = STAGE;
      event->old_value = deal->stage;
      event->new_value = deal->stage = deal->won ? STAGE_WON : STAGE_LOST;
      return;
    }
    enum kind kind = days[i] < deal->created ? MEETING : draw_kind();
    if (once_a_day(kind) && (kinds_of_day >> kind & 1)) kind = EMAIL;
    event->kind = (uint8_t)kind;
    if (!change_field(deal, event)) event->kind = NOTE;
    kinds_of_day |= 1u << event->kind;
  }
}

static sqlite3 *database;

static void check(int code, int expected) {
  if (code == expected) return;
  fprintf(stderr, "generate: %s\n", sqlite3_errmsg(database));
  exit(1);
}

static void run(const char *sql) {
  check(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
}

static sqlite3_stmt *prepare(const char *sql) {
  sqlite3_stmt *statement;
  check(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK);
  return statement;
}

static void insert(sqlite3_stmt *statement) {
  check(sqlite3_step(statement), SQLITE_DONE);
  sqlite3_reset(statement);
}

static void bind_text(sqlite3_stmt *statement, int column, const char *text) {
  sqlite3_bind_text(statement, column, text, -1, SQLITE_TRANSIENT);
}

static void bind_date(sqlite3_stmt *statement, int column, int day) {
  char text[11];
  write_date(day, text);
  sqlite3_bind_text(statement, column, text, 10, SQLITE_TRANSIENT);
}

static void bind_id(sqlite3_stmt *statement, int column, const struct deal *deal, int text_ids) {
  if (!text_ids) {
    sqlite3_bind_int64(statement, column, deal->id);
    return;
  }
  char id[19];
  text_id(deal->id, id);
  sqlite3_bind_text(statement, column, id, 18, SQLITE_TRANSIENT);
}

static void bind_value(sqlite3_stmt *statement, int column, enum kind kind, int value) {
  char text[32];
  switch (kind) {
  case STAGE: sqlite3_bind_text(statement, column, stage_names[value], -1, SQLITE_STATIC); return;
  case CLOSE_DATE: bind_date(statement, column, value); return;
  case OWNER: owner_name(value, text); break;
  case AMOUNT: snprintf(text, sizeof text, "%d", value); break;
  default: sqlite3_bind_null(statement, column); return;
  }
  bind_text(statement, column, text);
}

static void write_deals(const struct deal *deals, uint32_t count, int text_ids) {
  sqlite3_stmt *statement = prepare("INSERT INTO pipeline_deal VALUES(?,?,?,?,'New Business',?,?,?,?,?,?)");
  for (uint32_t i = 0; i < count; i++) {
    const struct deal *deal = &deals[i];
    char text[32];
    bind_id(statement, 1, deal, text_ids);
    snprintf(text, sizeof text, "Opportunity %u", deal->id);
    bind_text(statement, 2, text);
    owner_name(deal->owner, text);
    bind_text(statement, 3, text);
    team_name(deal->owner, text);
    bind_text(statement, 4, text);
    bind_text(statement, 5, stage_names[deal->stage]);
    sqlite3_bind_int(statement, 6, deal->amount);
    bind_date(statement, 7, deal->created);
    bind_date(statement, 8, deal->close_date);
    if (deal->closed < 0)
      sqlite3_bind_null(statement, 9);
    else
      bind_date(statement, 9, deal->closed);
    bind_text(statement, 10, deal->closed < 0 ? "open" : deal->won ? "won" : "lost");
    insert(statement);
  }
  sqlite3_finalize(statement);
}

static size_t time_slot(const struct event *event) {
  return (size_t)(event->day + DAYS_BEFORE) * SLOTS_PER_DAY + event->slot;
}

/* In order of time: a counting sort by day and slot. */
static void write_events(const struct event *events, uint32_t count, const struct deal *deals, int text_ids) {
  size_t slots = (size_t)(DAYS + DAYS_BEFORE) * SLOTS_PER_DAY;
  uint32_t *starts = allocate(slots + 1, sizeof *starts);
  uint32_t *order = allocate(count, sizeof *order);
  for (uint32_t i = 0; i < count; i++) starts[time_slot(&events[i]) + 1]++;
  for (size_t slot = 0; slot < slots; slot++) starts[slot + 1] += starts[slot];
  for (uint32_t i = 0; i < count; i++) order[starts[time_slot(&events[i])]++] = i;
  sqlite3_stmt *statement = prepare("INSERT INTO pipeline_event VALUES(?,?,?,?,?)");
  for (uint32_t i = 0; i < count; i++) {
    const struct event *event = &events[order[i]];
    bind_id(statement, 1, &deals[event->deal], text_ids);
    bind_date(statement, 2, event->day);
    sqlite3_bind_text(statement, 3, kind_names[event->kind], -1, SQLITE_STATIC);
    bind_value(statement, 4, (enum kind)event->kind, event->old_value);
    bind_value(statement, 5, (enum kind)event->kind, event->new_value);
    insert(statement);
  }
  sqlite3_finalize(statement);
  free(order);
  free(starts);
}

static void write_stages(void) {
  sqlite3_stmt *statement = prepare("INSERT INTO pipeline_stage VALUES(?,?,nullif(?,0))");
  for (int stage = 0; stage < STAGES; stage++) {
    bind_text(statement, 1, stage_names[stage]);
    sqlite3_bind_int(statement, 2, stage_ranks[stage]);
    sqlite3_bind_int(statement, 3, stage_idle_days[stage]);
    insert(statement);
  }
  sqlite3_finalize(statement);
}

/* What an owner wins in an average quarter, times 0.7 to 1.5. */
static void write_quotas(const struct deal *deals, uint32_t count) {
  int64_t won = 0;
  for (uint32_t i = 0; i < count; i++) won += deals[i].closed >= 0 && deals[i].won ? deals[i].amount : 0;
  int64_t average = won / OWNERS / QUARTERS;
  sqlite3_stmt *statement = prepare("INSERT INTO pipeline_quota VALUES(?,?,?,?,?)");
  for (int quarter = 0; quarter < QUARTERS; quarter++) {
    for (int owner = 0; owner < OWNERS; owner++) {
      char text[32];
      bind_date(statement, 1, quarter_start(quarter));
      bind_date(statement, 2, quarter_start(quarter + 1) - 1);
      sqlite3_bind_int64(statement, 3, average * (70 + random_below(81)) / 100 / 1000 * 1000 + 1000);
      owner_name(owner, text);
      bind_text(statement, 4, text);
      team_name(owner, text);
      bind_text(statement, 5, text);
      insert(statement);
    }
  }
  sqlite3_finalize(statement);
}

static void create_tables(int text_ids) {
  run("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-200000");
  run(text_ids
          ? "CREATE TABLE pipeline_deal(deal_id TEXT PRIMARY KEY, name TEXT, owner TEXT, team TEXT, pipeline "
            "TEXT,"
            " stage TEXT, amount INTEGER, created_at TEXT, close_date TEXT, closed_at TEXT, outcome TEXT)"
          : "CREATE TABLE pipeline_deal(deal_id INTEGER PRIMARY KEY, name TEXT, owner TEXT, team TEXT, "
            "pipeline TEXT,"
            " stage TEXT, amount INTEGER, created_at TEXT, close_date TEXT, closed_at TEXT, outcome TEXT)");
  run(text_ids
          ? "CREATE TABLE pipeline_event(deal_id TEXT, at TEXT, kind TEXT, old_value TEXT, new_value TEXT)"
          : "CREATE TABLE pipeline_event(deal_id INTEGER, at TEXT, kind TEXT, old_value TEXT, new_value "
            "TEXT)");
  run("CREATE TABLE pipeline_stage(stage TEXT, rank INTEGER, max_idle_days INTEGER)");
  run("CREATE TABLE pipeline_quota(period_start TEXT, period_end TEXT, amount INTEGER, owner TEXT, team "
      "TEXT)");
  run("CREATE TABLE pipeline_policy(name TEXT, value)");
}

int main(int argc, char **argv) {
  long event_count = argc == 4 ? strtol(argv[2], NULL, 10) : 0;
  int text_ids = argc == 4 && strcmp(argv[3], "text") == 0;
  if (event_count < 1000 || event_count > 100000000 || (!text_ids && strcmp(argv[3], "integer") != 0)) {
    fprintf(stderr, "usage: generate FILE EVENTS integer|text   (1000 to 100000000 events)\n");
    return 1;
  }
  uint32_t deal_count = (uint32_t)(event_count / 10);
  struct deal *deals = allocate(deal_count, sizeof *deals);
  struct event *events = allocate((size_t)event_count, sizeof *events);
  draw_deals(deals, deal_count, (uint32_t)event_count);
  uint32_t most_events = 1;
  for (uint32_t i = 0; i < deal_count; i++)
    most_events = deals[i].events > most_events ? deals[i].events : most_events;
  int *days = allocate(most_events, sizeof *days);
  struct event *next = events;
  for (uint32_t i = 0; i < deal_count; i++) {
    draw_events(&deals[i], i, next, days);
    next += deals[i].events;
  }
  remove(argv[1]);
  check(sqlite3_open(argv[1], &database), SQLITE_OK);
  create_tables(text_ids);
  run("BEGIN");
  write_deals(deals, deal_count, text_ids);
  write_events(events, (uint32_t)event_count, deals, text_ids);
  write_stages();
  write_quotas(deals, deal_count);
  run("COMMIT");
  check(sqlite3_close(database), SQLITE_OK);
  free(days);
  free(events);
  free(deals);
  return 0;
}
