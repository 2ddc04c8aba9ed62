/*
** Deal keys: how finely the days of open deals are told apart (specification, section 6, the ladder and the
** factors).
**
** Counts of days go in bands of doubling width: 0, 1, 2-3, 4-7 and so on.
*/
#ifndef PH_MEASURE_DEAL_KEY_H
#define PH_MEASURE_DEAL_KEY_H

#include "../base/day.h"
#include "../base/status.h"

/* 0 for counts up to 0, else the number of binary digits. */
static inline unsigned ph_band_of(int64_t count) {
  if (count <= 0) return 0;
#if defined(__GNUC__)
  return 64 - (unsigned)__builtin_clzll((unsigned long long)count);
#else
  unsigned band = 0;
  for (; count > 0; count /= 2) band++;
  return band;
#endif
}

/* The rungs of the ladder from coarse to fine, each a prefix of the key. */
typedef enum {
  PH_RUNG_ALL,
  PH_RUNG_VERDICT,
  PH_RUNG_STAGE,
  PH_RUNG_BACK,
  PH_RUNG_AGE,
  PH_RUNG_WITHOUT_PROGRESS,
  PH_RUNG_IN_STAGE,
  PH_RUNG_COUNT
} ph_rung;

/* The fields of a key in as many bits each, the coarsest in the highest ones: keys ascend in the order of
** their fields. */
typedef uint64_t ph_deal_key;
enum { PH_KEY_BAND_BITS = 5, PH_KEY_BACK_BITS = 1, PH_KEY_STAGE_BITS = 32, PH_KEY_VERDICT_BITS = 4 };

/* What of a key does not change by the mere passing of days. `stage` is any number that stands for it. */
static inline ph_deal_key ph_deal_key_of(unsigned verdict, uint32_t stage, bool back) {
  return ((ph_deal_key)verdict << PH_KEY_STAGE_BITS | stage) << PH_KEY_BACK_BITS | back;
}

/* The same with the bands of its three counts of days. */
static inline ph_deal_key ph_deal_key_with(ph_deal_key key, unsigned age, unsigned without_progress,
                                           unsigned in_stage) {
  return ((key << PH_KEY_BAND_BITS | age) << PH_KEY_BAND_BITS | without_progress) << PH_KEY_BAND_BITS |
         in_stage;
}

/* The bits of a key that stand below a rung. */
static inline unsigned ph_bits_below(ph_rung rung) {
  static const unsigned char below[PH_RUNG_COUNT] = {
      [PH_RUNG_ALL] = PH_KEY_VERDICT_BITS + PH_KEY_STAGE_BITS + PH_KEY_BACK_BITS + 3 * PH_KEY_BAND_BITS,
      [PH_RUNG_VERDICT] = PH_KEY_STAGE_BITS + PH_KEY_BACK_BITS + 3 * PH_KEY_BAND_BITS,
      [PH_RUNG_STAGE] = PH_KEY_BACK_BITS + 3 * PH_KEY_BAND_BITS,
      [PH_RUNG_BACK] = 3 * PH_KEY_BAND_BITS,
      [PH_RUNG_AGE] = 2 * PH_KEY_BAND_BITS,
      [PH_RUNG_WITHOUT_PROGRESS] = PH_KEY_BAND_BITS};
  return below[rung];
}

/* Properties that are learned alone, against the ladder. */
typedef enum { PH_FACTOR_AMOUNT, PH_FACTOR_OWNER, PH_FACTOR_ACTIVITY, PH_FACTOR_COUNT } ph_factor;

/* The place of an amount in units of 1/10,000: ⌊log₂ amount⌋ + 1, 0 for amounts up to 0; 14 is added to
** it, so that an amount of 1/10,000, which has -13, has a place, too. */
enum { PH_AMOUNT_BAND_OF_ZERO = 14, PH_AMOUNT_BANDS = 14 + 52 };
uint32_t ph_amount_band(int64_t units);

#endif
