/*
** A fixture: a history in a few lines of text.
**
** A relation is a text of rows that end with a newline or the text; a row is its cells, separated by commas,
** in the order of relation.h. A cell without characters is NULL, one that begins with # an INTEGER, with ~ a
** REAL, with = a text as it stands behind it, else a text. Cells behind the last one are NULL.
**
**     fixture_rows rows = {.deals = "1,,ann,,,Lead,100,2022-01-01,2022-06-30,,open",
**                          .events = "1,2022-01-05,meeting\n1,2022-02-01,stage,Lead,Offer"};
*/
#ifndef TESTS_UNIT_FIXTURE_H
#define TESTS_UNIT_FIXTURE_H

#include "history/reader.h"
#include "support.h"

typedef struct fixture_rows {
  const char *policy, *stages, *quotas, *rates, *holidays, *deals, *events;
  const char *today; /* NULL: 2030-01-01 */
} fixture_rows;

/* Policies that say that the sources show touches and progress, since long ago. Meetings are apart,
** because where they are shown their lack counts. */
#define FIXTURE_EVIDENCE "touches_since,2000-01-01\nprogress_since,2000-01-01\n"

static inline ph_value fixture_cell(const char *text, size_t length) {
  if (length == 0) return (ph_value){.type = PH_NULL};
  if (*text == '#') return (ph_value){.type = PH_INTEGER, .integer = strtoll(text + 1, NULL, 10)};
  size_t mark = *text == '~' || *text == '=' ? 1 : 0;
  ph_value cell = {.type = PH_TEXT, .text = text + mark, .length = length - mark};
  if (*text != '~') return cell;
  cell.type = PH_REAL;
  cell.real = strtod(text + 1, NULL);
  return cell;
}

/* Reads the row at *at into cells and moves behind it. */
static inline void fixture_row(const char **at, ph_value cells[PH_RELATION_MOST_COLUMNS]) {
  for (int column = 0; column < PH_RELATION_MOST_COLUMNS; column++) cells[column] = (ph_value){0};
  for (int column = 0;; column++) {
    size_t length = strcspn(*at, ",\n");
    if (column >= PH_RELATION_MOST_COLUMNS) fail_msg("too many cells before %s", *at);
    cells[column] = fixture_cell(*at, length);
    *at += length;
    if (**at == 0) return;
    if (*(*at)++ == '\n') return;
  }
}

static inline void fixture_relation(const char *rows, ph_relation_name relation, ph_reader *reader,
                                    ph_history *history, ph_status *status) {
  ph_value cells[PH_RELATION_MOST_COLUMNS];
  while (rows != NULL && *rows != 0) {
    fixture_row(&rows, cells);
    switch (relation) {
    case PH_RELATION_DEAL: ph_reader_add_deal(reader, cells, status); break;
    case PH_RELATION_EVENT: ph_reader_add_event(reader, cells, status); break;
    case PH_RELATION_STAGE: ph_reader_add_stage(reader, cells, status); break;
    case PH_RELATION_QUOTA: ph_reader_add_quota(reader, cells, status); break;
    case PH_RELATION_RATE: ph_reader_add_rate(reader, cells, status); break;
    case PH_RELATION_HOLIDAY: ph_reader_add_holiday(reader, cells, status); break;
    default: ph_policy_set(&history->policy, &cells[0], &cells[1], status); break;
    }
  }
}

/* A day as tests write it, which must be one. */
static inline ph_day fixture_day(const char *text) {
  int year, month, day;
  if (sscanf(text, "%4d-%2d-%2d", &year, &month, &day) != 3) fail_msg("%s is no day", text);
  return ph_day_of(year, month, day);
}

/* Noon of a day in UTC, in Unix milliseconds. */
static inline int64_t fixture_noon(const char *day) {
  const int64_t half_day = 43200000;
  return ((int64_t)fixture_day(day) - ph_day_of(1970, 1, 1)) * 2 * half_day + half_day;
}

/* A reader of sources that are read on 2030-01-01. */
static inline ph_reader *fixture_reader(ph_history *history, ph_status *status) {
  return ph_reader_begin(history, fixture_noon("2030-01-01"), status);
}

/* The history is to be ended in any case. */
static inline void fixture_read(const fixture_rows *rows, ph_history *history, ph_status *status) {
  ph_reader *reader =
      ph_reader_begin(history, fixture_noon(rows->today != NULL ? rows->today : "2030-01-01"), status);
  if (reader == NULL) return;
  fixture_relation(rows->policy, PH_RELATION_POLICY, reader, history, status);
  ph_reader_policy_known(reader, status);
  fixture_relation(rows->stages, PH_RELATION_STAGE, reader, history, status);
  fixture_relation(rows->quotas, PH_RELATION_QUOTA, reader, history, status);
  fixture_relation(rows->rates, PH_RELATION_RATE, reader, history, status);
  fixture_relation(rows->holidays, PH_RELATION_HOLIDAY, reader, history, status);
  fixture_relation(rows->deals, PH_RELATION_DEAL, reader, history, status);
  if (!ph_failed(status)) ph_reader_deals_end(reader, status);
  fixture_relation(rows->events, PH_RELATION_EVENT, reader, history, status);
  if (!ph_failed(status)) ph_reader_finish(reader, status);
  ph_reader_end(reader);
}

/* The deal with an id, which must be there. */
static inline const ph_deal *fixture_deal(const ph_history *history, const char *id) {
  char buffer[PH_ID_TEXT_BYTES];
  size_t length;
  for (size_t index = 0; index < history->deal_count; index++) {
    const char *text = ph_deal_id_text(history, &history->deals[index], buffer, &length);
    if (strlen(id) == length && memcmp(text, id, length) == 0) return &history->deals[index];
  }
  fail_msg("no deal %s", id);
  return NULL;
}

static inline size_t fixture_deal_index(const ph_history *history, const char *id) {
  return (size_t)(fixture_deal(history, id) - history->deals);
}

/* The text of a name, "" for the missing one. */
static inline const char *fixture_name(const ph_history *history, uint32_t name) {
  return name == 0 ? "" : history->names.names[name].text;
}

#endif
