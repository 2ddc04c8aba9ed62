/* Amounts of several currencies become amounts of one. See currency.h. */
#include "currency.h"

#include <stdio.h>
#include <string.h>

const ph_currencies *ph_no_currencies(void) {
  static const ph_currencies none = {NULL, 0};
  return &none;
}

size_t ph_currencies_of_deals(const ph_history *history, bool *used) {
  size_t count = 0;
  for (size_t deal = 0; deal < history->deal_count; deal++) {
    uint32_t currency = history->deals[deal].currency;
    if (currency == 0 || history->deals[deal].created == PH_DAY_NEVER) continue;
    count += !used[currency];
    used[currency] = true;
  }
  return count;
}

/* Marks the currencies of deals and quotas. Returns how many there are. */
static size_t find_currencies(const ph_history *history, const ph_currencies *others, bool *used) {
  size_t count = ph_currencies_of_deals(history, used);
  for (size_t other = 0; other < others->count; other++) {
    count += !used[others->names[other]];
    used[others->names[other]] = true;
  }
  for (size_t quota = 0; quota < history->quota_count; quota++) {
    uint32_t currency = history->quotas[quota].currency;
    if (currency == 0) continue;
    count += !used[currency];
    used[currency] = true;
  }
  return count;
}

/* The names of the currencies in byte order, for a message. */
static void list_currencies(ph_history *history, bool *used) {
  char *text = history->currency_names;
  for (;;) {
    uint32_t first = 0;
    for (uint32_t name = 1; name < history->names.count; name++)
      if (used[name] && (first == 0 || ph_name_compare(&history->names, name, first) < 0)) first = name;
    if (first == 0) return;
    used[first] = false;
    size_t length = strlen(text), bytes = sizeof history->currency_names - length;
    const char *name = history->names.names[first].text;
    if (strlen(name) + 6 > bytes) {
      snprintf(text + length, bytes, ", …");
      return;
    }
    snprintf(text + length, bytes, "%s%s", length > 0 ? ", " : "", name);
  }
}

/* The currency whose last rate is 1; of several the first by name. 0 without one. */
static uint32_t currency_of_rate_one(const ph_history *history) {
  uint32_t found = 0;
  for (size_t index = 0; index < history->rates.count; index++) {
    const ph_rate *rate = &history->rates.rates[index];
    bool is_last = index + 1 == history->rates.count || rate[1].currency != rate->currency;
    if (!is_last || rate->rate.numerator != rate->rate.denominator) continue;
    if (found == 0 || ph_name_compare(&history->names, rate->currency, found) < 0) found = rate->currency;
  }
  return found;
}

static bool adds_as_they_are(const ph_history *history) {
  const char *text = history->policy.text[PH_POLICY_REPORTING_CURRENCY];
  return ph_text_equals_any_case(text, strlen(text), "none");
}

void ph_choose_reporting_currency(ph_history *history, ph_status *status) {
  const char *text = history->policy.text[PH_POLICY_REPORTING_CURRENCY];
  ph_rates *rates = &history->rates;
  size_t left_out = ph_rates_order(rates, status);
  if (ph_failed(status)) return;
  if (left_out > 0) ph_problem_add(&history->problems, PH_RATE_REPEATED, "", status);
  if (adds_as_they_are(history)) return;
  rates->convert = rates->count > 0;
  rates->reporting =
      *text != 0 ? ph_intern(&history->names, text, strlen(text), status) : currency_of_rate_one(history);
}

void ph_note_amount(ph_history *history, ph_problem problem, uint32_t currency, int64_t amount) {
  ph_rates_convert(&history->rates, currency, PH_DAY_LAST, amount, &amount);
  ph_problem_add_amount(&history->problems, problem, amount);
}

static void note_deal(ph_history *history, const ph_deal *deal, ph_status *status) {
  char buffer[PH_ID_TEXT_BYTES];
  ph_value id = {.type = PH_TEXT};
  id.text = ph_deal_id_text(history, deal, buffer, &id.length);
  ph_problem_add_value(&history->problems, PH_DEAL_CURRENCY_WITHOUT_RATE, &id, status);
}

/* Whether several currencies are to be added, though nothing says how, or as policy reporting_currency
** says. */
static void find_mixed_currencies(ph_history *history, const ph_currencies *others, ph_status *status) {
  bool *used = ph_allocate_zeroed(status, (size_t)history->names.count + 1, sizeof *used);
  if (!ph_failed(status) && find_currencies(history, others, used) > 1 && !history->rates.convert) {
    list_currencies(history, used);
    history->mixes_currencies = !adds_as_they_are(history);
  }
  ph_release(history->memory, used);
}

/* Converts what a deal and its events say, by the last rate. */
static void convert_deal(ph_history *history, ph_deal *deal) {
  const ph_rates *rates = &history->rates;
  ph_rates_convert(rates, deal->currency, PH_DAY_LAST, deal->amount, &deal->amount);
  for (uint32_t event = deal->first_event; event < deal[1].first_event; event++) {
    if (ph_event_kind(&history->events[event]) != PH_KIND_AMOUNT) continue;
    int64_t *amount = &history->amounts[history->events[event].value];
    ph_rates_convert(rates, deal->currency, PH_DAY_LAST, *amount, amount);
  }
}

static void convert_quotas(ph_history *history, bool moving, ph_status *status) {
  size_t kept = 0;
  for (size_t index = 0; index < history->quota_count && !ph_failed(status); index++) {
    ph_quota quota = history->quotas[index];
    ph_day day = moving ? quota.period_start : PH_DAY_LAST;
    if (ph_rates_convert(&history->rates, quota.currency, day, quota.amount, &quota.amount)) {
      history->quotas[kept++] = quota;
    } else {
      ph_problem_add(&history->problems, PH_QUOTA_CURRENCY_WITHOUT_RATE,
                     history->names.names[quota.currency].text, status);
    }
  }
  history->quota_count = kept;
}

void ph_convert_amounts(ph_history *history, const ph_currencies *others, ph_status *status) {
  find_mixed_currencies(history, others, status);
  if (!history->rates.convert || ph_failed(status)) return;
  bool moving = ph_history_has_moving_rates(history);
  for (size_t index = 0; index < history->deal_count && ph_continue(status); index++) {
    ph_deal *deal = &history->deals[index];
    if (deal->currency == 0 || deal->currency == history->rates.reporting) continue;
    if (deal->created != PH_DAY_NEVER && ph_rates_find(&history->rates, deal->currency, PH_DAY_LAST) == NULL)
      note_deal(history, deal, status);
    if (!moving) convert_deal(history, deal);
  }
  convert_quotas(history, moving, status);
}

void ph_require_one_currency(const ph_history *history, ph_status *status) {
  if (!history->mixes_currencies) return;
  ph_fail(status,
          "amounts are in several currencies (%s) and cannot be added: give pipeline_rate(currency, rate), "
          "or set policy "
          "reporting_currency to 'none' to add them as they are",
          history->currency_names);
}
