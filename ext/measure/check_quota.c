/* What can be wrong with quotas that can all be read. See check.h. */
#include "check.h"

#include "../base/sort.h"

/* Whose quota a row is: the owner's, whatever the team, else the team's; 0 = everybody's. */
static uint32_t holder_of(const ph_quota *quota) {
  return quota->owner != 0 ? quota->owner : quota->team;
}

static int order_of(int64_t left, int64_t right) {
  return left < right ? -1 : left > right;
}

static int compare_quotas(const void *context, uint32_t left, uint32_t right) {
  const ph_quota *a = (const ph_quota *)context + left, *b = (const ph_quota *)context + right;
  int order = order_of(a->owner != 0, b->owner != 0);
  if (order == 0) order = order_of(holder_of(a), holder_of(b));
  if (order == 0) order = ph_period_compare(ph_quota_period(a), ph_quota_period(b));
  if (order == 0) order = order_of(a->team, b->team);
  return order != 0 ? order : order_of(a->amount, b->amount);
}

static void note(const ph_history *history, ph_problems *problems, ph_problem problem, uint32_t name,
                 ph_status *status) {
  ph_problem_add(problems, problem, name != 0 ? history->names.names[name].text : "", status);
}

/* Rows stand by holder and period, so a period overlaps an earlier one when it begins before the end of
** the one that ends last. */
static void note_neighbours(const ph_history *history, ph_problems *problems, ph_status *status) {
  const ph_quota *quotas = history->quotas;
  uint32_t *rows = ph_sorted_indexes(history->quota_count, compare_quotas, quotas, status);
  ph_day last_end = PH_DAY_NONE;
  for (size_t index = 0; index < history->quota_count && ph_continue(status); index++) {
    const ph_quota *row = &quotas[rows[index]], *before = index > 0 ? &quotas[rows[index - 1]] : NULL;
    if (before == NULL || holder_of(before) != holder_of(row) || (before->owner != 0) != (row->owner != 0)) {
      last_end = row->period_end;
    } else if (ph_period_compare(ph_quota_period(before), ph_quota_period(row)) == 0) {
      if (before->team == row->team && before->amount == row->amount)
        note(history, problems, PH_QUOTA_REPEATED, holder_of(row), status);
    } else {
      if (row->period_start <= last_end)
        note(history, problems, PH_QUOTA_PERIODS_OVERLAP, holder_of(row), status);
      if (row->period_end > last_end) last_end = row->period_end;
    }
  }
  ph_release(status->memory, rows);
}

enum { OWNS_A_DEAL = 1, IS_TEAM_OF_A_DEAL = 2 };

/* What each name ever was for a deal: a new block. */
static uint8_t *roles_of_names(const ph_history *history, ph_status *status) {
  uint8_t *roles = ph_allocate_zeroed(status, history->names.count, sizeof *roles);
  for (size_t deal = 0; deal < history->deal_count && ph_continue(status); deal++) {
    roles[history->deals[deal].owner] |= OWNS_A_DEAL;
    roles[history->deals[deal].team] |= IS_TEAM_OF_A_DEAL;
  }
  for (size_t event = 0; event < history->event_count && ph_continue(status); event++)
    if (ph_event_kind(&history->events[event]) == PH_KIND_OWNER)
      roles[history->events[event].value] |= OWNS_A_DEAL;
  return roles;
}

/* Without deals every owner is unknown, which says nothing. */
static void note_strangers(const ph_history *history, ph_problems *problems, ph_status *status) {
  if (history->deal_count == 0 || history->quota_count == 0) return;
  uint8_t *roles = roles_of_names(history, status);
  for (size_t index = 0; index < history->quota_count && ph_continue(status); index++) {
    const ph_quota *quota = &history->quotas[index];
    bool stranger = quota->owner != 0 && (roles[quota->owner] & OWNS_A_DEAL) == 0;
    bool strange_team = quota->team != 0 && (roles[quota->team] & IS_TEAM_OF_A_DEAL) == 0;
    if (stranger || strange_team)
      note(history, problems, PH_QUOTA_OF_NOBODY, stranger ? quota->owner : quota->team, status);
  }
  ph_release(status->memory, roles);
}

static void note_scopes_without_quota(const ph_history *history, ph_problems *problems, ph_status *status) {
  bool team = false, owner = false;
  for (size_t index = 0; index < history->quota_count; index++) {
    team |= history->quotas[index].team != 0;
    owner |= history->quotas[index].owner != 0;
  }
  if (history->quota_count == 0) {
    ph_problem_add_rows(problems, PH_RULE_NO_QUOTAS, 0, "", status);
    return;
  }
  if (!team) ph_problem_add_rows(problems, PH_RULE_NO_TEAM_QUOTAS, 0, "", status);
  if (!owner) ph_problem_add_rows(problems, PH_RULE_NO_OWNER_QUOTAS, 0, "", status);
}

void ph_check_quotas(const ph_history *history, ph_problems *problems, ph_status *status) {
  note_neighbours(history, problems, status);
  note_strangers(history, problems, status);
  note_scopes_without_quota(history, problems, status);
}
