/*
** History: deals and events as columns, read once, dense, sorted.
**
** A history is made by a reader (reader.h) from source rows and is read-only from then on. It owns all of its
** memory. It knows nothing of days asked for: what a deal was on a day is the timeline's business.
*/
#ifndef PH_HISTORY_HISTORY_H
#define PH_HISTORY_HISTORY_H

#include "../base/day.h"
#include "../base/decimal.h"
#include "../base/intern.h"
#include "../base/workday.h"
#include "../base/zone.h"
#include "event_kind.h"
#include "policy.h"
#include "problem.h"
#include "rate.h"

/* A deal that vanished from its source is closed on its closing day, and nobody knows whether it was won
** or lost. */
typedef enum {
  PH_OUTCOME_OPEN,
  PH_OUTCOME_WON,
  PH_OUTCOME_LOST,
  PH_OUTCOME_VANISHED,
  PH_OUTCOME_COUNT
} ph_outcome;

/* One deal. What events change (stage, owner, amount, close_date) stands here as it was before the first
** change, which is the deal's own column where there was no change. */
typedef struct ph_deal {
  int64_t id;       /* an integer, or with id_is_text an index into history.ids */
  int64_t amount;   /* units */
  const char *name; /* NULL when missing */
  uint32_t name_length;
  ph_day created;    /* PH_DAY_NEVER for a deal found unusable after its events were read */
  ph_day closing;    /* PH_DAY_NEVER while open; may lie before created */
  ph_day close_date; /* PH_DAY_NONE when missing */
  uint32_t owner, team, pipeline, stage, currency, forecast; /* numbers of history.names */
  uint32_t first_event;
  uint32_t outcome : 2; /* ph_outcome */
  uint32_t id_is_text : 1;
  uint32_t has_stage_event : 1;
  uint32_t closing_is_given : 1; /* by closed_at */
  uint32_t warnings : 27;        /* one bit a ph_deal_warning */
} ph_deal;

/* Why a row of pipeline_deal is used with an assumption. Noted when it is read, counted when it is known
** that the row is not left out. */
typedef enum {
  PH_WARNING_CLOSED_WITHOUT_CLOSED_AT,
  PH_WARNING_OPEN_WITH_CLOSED_AT,
  PH_WARNING_AMOUNT_MISSING,
  PH_WARNING_AMOUNT_BAD,
  PH_WARNING_AMOUNT_NEGATIVE,
  PH_WARNING_STAGE_MISSING,
  PH_WARNING_STAGE_WITHOUT_RANK,
  PH_WARNING_DATE_LOOKS_LIKE_YYYYMMDD, /* one of its dates */
  PH_WARNING_COUNT
} ph_deal_warning;
enum { PH_ALL_WARNINGS = (1 << PH_WARNING_COUNT) - 1 };
_Static_assert(PH_WARNING_COUNT <= 27, "ph_deal.warnings has a bit for every warning");
_Static_assert(PH_OUTCOME_COUNT <= 1 << 2, "ph_deal.outcome holds every outcome");

/* Events of a deal stand together, ordered by instant. A key holds the day, the kind and flags; a value what
** the kind needs: the stage or owner after it, the close date after it (PH_DAY_NONE as UINT32_MAX), the
** index of the amount after it, or the day on which a meeting or an activity ahead was recorded. */
typedef struct ph_event {
  uint32_t key, value;
} ph_event;

enum {
  PH_EVENT_IMPLIED = 1,     /* the commitment in a meeting agreed ahead; no row of the source */
  PH_EVENT_MOVED_DATE = 2,  /* a close_date event from a date to another */
  PH_EVENT_MOVED_LATER = 4, /* and to a later one */
  PH_EVENT_AHEAD = 8,       /* an activity that was recorded on an earlier day, which is its value */
  PH_EVENT_FLAG_BITS = 4,
  PH_EVENT_KIND_BITS = 5,
  PH_EVENT_DAY_BITS = 22
};
_Static_assert(PH_EVENT_AHEAD < 1 << PH_EVENT_FLAG_BITS, "an event's key holds every flag");
_Static_assert(PH_KIND_COUNT <= 1 << PH_EVENT_KIND_BITS, "an event's key holds every kind");
_Static_assert(PH_DAY_NEVER < 1 << PH_EVENT_DAY_BITS, "an event's key holds every day");
_Static_assert(PH_EVENT_FLAG_BITS + PH_EVENT_KIND_BITS + PH_EVENT_DAY_BITS <= 32, "an event's key fits");

static inline uint32_t ph_event_key(ph_day day, ph_kind kind, uint32_t flags) {
  return (uint32_t)day << (PH_EVENT_FLAG_BITS + PH_EVENT_KIND_BITS) | (uint32_t)kind << PH_EVENT_FLAG_BITS |
         flags;
}
static inline ph_day ph_event_day(const ph_event *event) {
  return (ph_day)(event->key >> (PH_EVENT_FLAG_BITS + PH_EVENT_KIND_BITS));
}
static inline ph_kind ph_key_kind(uint32_t key) {
  return (ph_kind)(key >> PH_EVENT_FLAG_BITS & ((1u << PH_EVENT_KIND_BITS) - 1));
}
static inline ph_kind ph_event_kind(const ph_event *event) {
  return ph_key_kind(event->key);
}
static inline uint32_t ph_event_flags(const ph_event *event) {
  return event->key & ((1u << PH_EVENT_FLAG_BITS) - 1);
}

typedef struct ph_stage {
  uint32_t stage, pipeline;
  double rank;
  int32_t max_idle_days; /* -1: policy idle_days */
  int8_t closed;         /* whether deals in it are won or lost; -1: nobody says */
} ph_stage;

typedef struct ph_quota {
  ph_day period_start, period_end;
  int64_t amount;
  uint32_t owner, team, currency;
} ph_quota;

/* A day on which nobody of a team works; team 0: nobody at all. */
typedef struct ph_holiday {
  ph_day day;
  uint32_t team;
} ph_holiday;

/* Since when the sources show touches, progress and meetings: PH_DAY_NEVER, they show none. See
** evidence.h. */
typedef struct ph_evidence {
  ph_day touches_since, progress_since, meetings_since;
} ph_evidence;

enum { PH_CURRENCY_NAMES_BYTES = 96 };

typedef struct ph_history {
  const ph_memory *memory;
  ph_policy policy;
  ph_zone zone;      /* in which instants become days */
  ph_day today;      /* when the sources were read */
  ph_interner names; /* owners, teams, pipelines, stages */
  ph_arena texts;    /* names and ids of deals */
  ph_text *ids;      /* ids that are no integers, in the order of the source */
  size_t id_count;
  ph_deal *deals; /* in the order of the source; one more at the end closes first_event */
  size_t deal_count;
  ph_event *events;
  size_t event_count;
  int64_t *amounts;
  size_t amount_count;
  ph_stage *stages; /* by stage, then pipeline; the row without a pipeline is the first of its stage */
  size_t stage_count;
  uint32_t *first_stage; /* by name: index into stages of its first row plus one, 0 = no rank */
  uint32_t ranked_names; /* names from this number on have no rank */
  ph_quota *quotas;
  size_t quota_count;
  ph_rates rates;
  bool mixes_currencies; /* several, and nothing says how to add them: no sum of money is to be had */
  char currency_names
      [PH_CURRENCY_NAMES_BYTES]; /* those, or those that policy has added as they are; else empty */
  ph_holiday *holidays;
  size_t holiday_count;
  ph_workdays *workdays; /* of everybody, then of the teams with holidays of their own */
  size_t workday_count;
  uint32_t *workdays_of_team; /* by name: index into workdays; NULL: all teams work alike */
  int64_t excluded_deals;
  ph_day first_created; /* PH_DAY_NEVER without deals */
  ph_day last_known; /* the last day on which a deal was created or closed or had an event; 0 without deals */
  ph_day first_stage_state; /* the first stage_state not older than its deal; PH_DAY_NEVER without one */
  ph_evidence evidence;
  ph_day data_until;                /* the last day that the sources know */
  int64_t kind_rows[PH_KIND_COUNT]; /* rows of the source */
  uint32_t kinds_of_deals;          /* one bit a kind that some deal has an event of, states among them */
  ph_problems problems;
} ph_history;

void ph_history_end(ph_history *history);

/* The day of a time in the zone of the history. */
ph_day ph_history_day_of(ph_history *history, int64_t unix_milliseconds);

/* The day of a question that names none: today, but not after policy data_until. */
ph_day ph_history_default_day(const ph_history *history);

/* The row of pipeline_stage for a stage in a pipeline: the pipeline's own, else the one without a pipeline;
** NULL when the stage has no rank. */
static inline const ph_stage *ph_history_stage(const ph_history *history, uint32_t stage, uint32_t pipeline) {
  uint32_t first = stage < history->ranked_names ? history->first_stage[stage] : 0;
  if (first == 0) return NULL;
  const ph_stage *general = &history->stages[first - 1];
  if (general->pipeline == pipeline) return general;
  size_t low = first, high = history->stage_count; /* the rows behind it that are not before the one wanted */
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    const ph_stage *row = &history->stages[middle];
    if (row->stage == stage && row->pipeline < pipeline) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low < history->stage_count && history->stages[low].stage == stage &&
      history->stages[low].pipeline == pipeline)
    return &history->stages[low];
  return general->pipeline == 0 ? general : NULL;
}

/* The working days of a team. */
static inline const ph_workdays *ph_history_workdays(const ph_history *history, uint32_t team) {
  return &history->workdays[history->workdays_of_team != NULL ? history->workdays_of_team[team] : 0];
}

/* Whether some deal has an event of a kind, or a state of it. */
static inline bool ph_history_shows(const ph_history *history, ph_kind kind) {
  uint32_t kinds = 1u << kind;
  if ((int)kind < (int)PH_CHANGE_KINDS) kinds |= 1u << (PH_KIND_STAGE_STATE + kind);
  return (history->kinds_of_deals & kinds) != 0;
}

static inline bool ph_history_shows_outreach(const ph_history *history) {
  return ph_history_shows(history, PH_KIND_CALL) || ph_history_shows(history, PH_KIND_EMAIL);
}

static inline size_t ph_deal_event_count(const ph_deal *deal) {
  return (size_t)(deal[1].first_event - deal->first_event);
}

/* Visible when created on or before the day, closed when the closing day is on or before it (section 3). */
static inline bool ph_deal_is_visible(const ph_deal *deal, ph_day day) {
  return deal->created <= day;
}
static inline bool ph_deal_is_open(const ph_deal *deal, ph_day day) {
  return deal->created <= day && day < deal->closing;
}
static inline bool ph_deal_is_won(const ph_deal *deal, ph_day day) {
  return deal->outcome == PH_OUTCOME_WON && deal->created <= day && deal->closing <= day;
}

enum { PH_ID_TEXT_BYTES = PH_INTEGER_TEXT_BYTES };
/* The text of a deal's id; buffer is used for integers. */
const char *ph_deal_id_text(const ph_history *history, const ph_deal *deal, char buffer[PH_ID_TEXT_BYTES],
                            size_t *length);

/* Indexes of the deals in the order of their ids, integers by value, then texts by bytes: a new block, the
** caller's. NULL when the source already has that order, or on failure. */
uint32_t *ph_history_order_deals(const ph_history *history, ph_status *status);

/* A text that is the decimal form of a 64-bit integer, as SQLite would write it: such ids are integers. */
bool ph_id_is_integer(const char *text, size_t length, int64_t *integer);

#endif
