/* What a connected source can judge, for the JSON of pipeline_connect. See connect_internal.h. */
#include "cache.h"
#include "connect_internal.h"

#include <string.h>

/* The first day on which the close date of a deal changes, among the events that are not older than their
** deal. */
static ph_day first_close_date_event(const ph_history *history, ph_status *status) {
  ph_day first = PH_DAY_NEVER;
  if (!ph_history_shows(history, PH_KIND_CLOSE_DATE)) return first;
  for (size_t index = 0; index < history->deal_count && ph_continue(status); index++) {
    const ph_deal *deal = &history->deals[index];
    const ph_event *event = &history->events[deal->first_event], *end = event + ph_deal_event_count(deal);
    for (; event < end && deal->created != PH_DAY_NEVER && ph_event_day(event) < first; event++)
      if (ph_event_kind(event) == PH_KIND_CLOSE_DATE && ph_event_day(event) >= deal->created)
        first = ph_event_day(event);
  }
  return first;
}

/* The last day that there is stands for never, as a policy of a door says it. */
static void append_day(sqlite3_str *json, const char *name, ph_day day) {
  char text[PH_DAY_TEXT_BYTES];
  sqlite3_str_appendf(json, "%s\"%s\":", sqlite3_str_length(json) > 0 ? "," : "", name);
  if (day >= PH_DAY_LAST || day == PH_DAY_NONE) {
    sqlite3_str_appendall(json, "null");
    return;
  }
  ph_day_format(day, text);
  sqlite3_str_appendf(json, "\"%s\"", text);
}

static void append_zone(sqlite3_str *json, const ph_policy *policy) {
  char shown[PH_POLICY_SHOWN_BYTES];
  const char *zone = ph_policy_show(policy, PH_POLICY_TIME_ZONE, shown);
  if (zone == NULL) zone = "UTC";
  sqlite3_str_appendall(json, ",\"time_zone\":");
  ph_append_json(json, zone, strlen(zone));
}

void ph_connect_append_evidence(ph_connecting *call, ph_connection *connection, sqlite3_str *json) {
  static const ph_sources sources = {.schema = NULL};
  ph_status own;
  ph_host_status_begin(&own, call->status->memory, &connection->patience);
  ph_snapshot *snapshot = ph_snapshot_get(connection, &sources, PH_NEEDS_SOURCES, NULL, &own);
  const ph_history *history = snapshot != NULL ? &snapshot->pipeline.history : NULL;
  ph_evidence evidence = {PH_DAY_NEVER, PH_DAY_NEVER, PH_DAY_NEVER};
  ph_day pushes = PH_DAY_NEVER, until = PH_DAY_NEVER;
  sqlite3_str *days = sqlite3_str_new(call->db);
  if (history != NULL && !ph_failed(&own)) {
    evidence = history->evidence;
    until = history->data_until;
    pushes = first_close_date_event(history, &own);
    append_zone(json, &history->policy);
  } else {
    sqlite3_str_appendall(json, ",\"time_zone\":null");
  }
  append_day(days, "data_until", until);
  char *last = ph_connect_finish(call, days);
  days = sqlite3_str_new(call->db);
  append_day(days, "touch", evidence.touches_since);
  append_day(days, "progress", evidence.progress_since);
  append_day(days, "meetings", evidence.meetings_since);
  append_day(days, "pushes", pushes);
  char *first = ph_connect_finish(call, days);
  sqlite3_str_appendf(json, ",%s,\"can_judge\":{%s}", last != NULL ? last : "\"data_until\":null",
                      first != NULL ? first : "");
  sqlite3_free(last);
  sqlite3_free(first);
  if (snapshot != NULL) ph_snapshot_release(connection, snapshot);
  if (own.code == PH_ERROR) {
    sqlite3_str_appendall(json, ",\"unread\":");
    ph_append_json(json, own.message, strlen(own.message));
  }
  /* what is wrong with the sources is for their tables to say, too; the rest ends the call, whose memory is
  ** its own: that of the snapshot is gone */
  own.memory = call->status->memory;
  if (ph_failed(&own) && own.code != PH_ERROR) *call->status = own;
}
