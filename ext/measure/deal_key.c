/* Deal keys. See deal_key.h. */
#include "deal_key.h"

uint32_t ph_amount_band(int64_t units) {
  if (units <= 0) return PH_AMOUNT_BAND_OF_ZERO;
  const int64_t one = 10000;
  if (units >= one) return PH_AMOUNT_BAND_OF_ZERO + ph_band_of(units / one);
  uint32_t band = PH_AMOUNT_BAND_OF_ZERO + 1;
  for (; units < one; units *= 2) band--;
  return band;
}
