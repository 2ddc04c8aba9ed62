/* Exchange rates. See rate.h. */
#include "rate.h"

#include "../base/decimal.h"
#include "../base/sort.h"

void ph_rates_end(ph_rates *rates) {
  if (rates->memory != NULL) ph_release(rates->memory, rates->rates);
}

/* A text of digits with at most one point; zeros in front and behind count no digit. */
static bool read_decimal(const ph_decimal *number, ph_fraction *rate) {
  enum { MOST_DIGITS = 15 };
  int64_t scale = 0; /* digits behind the point */
  int digits = 0;
  uint64_t mantissa = 0;
  bool behind_point = false;
  for (const char *at = number->digits; at < number->end; at++) {
    if (*at == '.') {
      behind_point = true;
      continue;
    }
    mantissa = mantissa * 10 + (uint64_t)(*at - '0');
    scale += behind_point;
    digits += mantissa > 0;
    if (digits > MOST_DIGITS + 3) return false;
  }
  for (; mantissa > 0 && mantissa % 10 == 0; mantissa /= 10) scale--;
  scale -= number->exponent;
  if (number->negative || mantissa == 0 || scale > MOST_DIGITS || scale < -MOST_DIGITS) return false;
  *rate = (ph_fraction){mantissa, 1};
  for (; scale > 0; scale--) rate->denominator *= 10;
  for (; scale < 0; scale++) {
    if (rate->numerator > UINT64_MAX / 10) return false;
    rate->numerator *= 10;
  }
  return true;
}

bool ph_rate_read(const ph_value *cell, ph_fraction *rate) {
  ph_decimal number;
  if (cell->type == PH_INTEGER) {
    *rate = (ph_fraction){(uint64_t)cell->integer, 1};
    return cell->integer > 0;
  }
  if (cell->type == PH_NULL || cell->text == NULL) return false;
  return ph_decimal_read(cell->text, cell->length, &number) && read_decimal(&number, rate);
}

void ph_rates_add(ph_rates *rates, const ph_rate *rate, ph_status *status) {
  rates->memory = status->memory;
  if (ph_reserve(status, (void **)&rates->rates, &rates->capacity, rates->count + 1, sizeof *rate))
    rates->rates[rates->count++] = *rate;
}

static int compare_rates(const void *context, uint32_t left, uint32_t right) {
  const ph_rate *a = (const ph_rate *)context + left, *b = (const ph_rate *)context + right;
  if (a->currency != b->currency) return a->currency < b->currency ? -1 : 1;
  return a->valid_from < b->valid_from ? -1 : a->valid_from > b->valid_from;
}

size_t ph_rates_order(ph_rates *rates, ph_status *status) {
  uint32_t *order = ph_sorted_indexes(rates->count, compare_rates, rates->rates, status);
  ph_rate *ordered = ph_allocate(status, rates->count, sizeof *ordered);
  size_t count = 0;
  for (size_t index = 0; index < rates->count && !ph_failed(status); index++) {
    const ph_rate *rate = &rates->rates[order[index]], *last = count > 0 ? &ordered[count - 1] : NULL;
    if (last == NULL || last->currency != rate->currency || last->valid_from != rate->valid_from)
      ordered[count++] = *rate;
  }
  size_t left_out = rates->count - count;
  ph_release(status->memory, order);
  ph_release(status->memory, rates->rates);
  *rates = (ph_rates){.memory = status->memory, .rates = ordered, .count = count, .capacity = count};
  return left_out;
}

/* The first rate that belongs behind a currency's rates up to a day. */
static size_t behind(const ph_rates *rates, uint32_t currency, ph_day day) {
  size_t low = 0, high = rates->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    const ph_rate *rate = &rates->rates[middle];
    if (rate->currency < currency || (rate->currency == currency && rate->valid_from <= day)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

const ph_rate *ph_rates_find(const ph_rates *rates, uint32_t currency, ph_day day) {
  size_t next = behind(rates, currency, day);
  if (next > 0 && rates->rates[next - 1].currency == currency) return &rates->rates[next - 1];
  return next < rates->count && rates->rates[next].currency == currency ? &rates->rates[next] : NULL;
}

static ph_day next_change(const ph_rates *rates, uint32_t currency, ph_day day) {
  size_t next = behind(rates, currency, day);
  /* before the first rate of a currency that one holds already */
  if (next < rates->count && (next == 0 || rates->rates[next - 1].currency != currency)) next++;
  return next < rates->count && rates->rates[next].currency == currency ? rates->rates[next].valid_from
                                                                        : PH_DAY_NEVER;
}

ph_day ph_rates_next_change(const ph_rates *rates, uint32_t currency, ph_day day) {
  ph_day own = next_change(rates, currency, day), reporting = next_change(rates, rates->reporting, day);
  return own < reporting ? own : reporting;
}

static uint64_t common_divisor(uint64_t a, uint64_t b) {
  while (b != 0) {
    uint64_t remainder = a % b;
    a = b;
    b = remainder;
  }
  return a;
}

/* left × right in lowest terms; false when it does not fit. */
static bool multiply(ph_fraction left, ph_fraction right, ph_fraction *product) {
  uint64_t first = common_divisor(left.numerator, right.denominator);
  uint64_t second = common_divisor(right.numerator, left.denominator);
  left.numerator /= first;
  right.denominator /= first;
  right.numerator /= second;
  left.denominator /= second;
  if (right.numerator != 0 && left.numerator > UINT64_MAX / right.numerator) return false;
  if (left.denominator > UINT64_MAX / right.denominator) return false;
  *product = (ph_fraction){left.numerator * right.numerator, left.denominator * right.denominator};
  return true;
}

bool ph_rates_convert(const ph_rates *rates, uint32_t currency, ph_day day, int64_t units,
                      int64_t *converted) {
  *converted = units;
  if (!rates->convert || currency == 0 || currency == rates->reporting) return true;
  *converted = 0;
  const ph_rate *from = ph_rates_find(rates, currency, day),
                *to = ph_rates_find(rates, rates->reporting, day);
  if (from == NULL) return false;
  ph_fraction factor = {from->rate.denominator, from->rate.numerator};
  if (to != NULL && !multiply(factor, to->rate, &factor)) return false;
  if (ph_fraction_scale(factor, units, converted)) return true;
  *converted = 0;
  return false;
}
