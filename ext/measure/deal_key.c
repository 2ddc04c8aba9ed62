/* Deal keys. See deal_key.h. */
#include "deal_key.h"

#include <string.h>

uint32_t ph_amount_band(int64_t units) {
  if (units <= 0) return PH_AMOUNT_BAND_OF_ZERO;
  const int64_t one = 10000;
  if (units >= one) return PH_AMOUNT_BAND_OF_ZERO + ph_band_of(units / one);
  uint32_t band = PH_AMOUNT_BAND_OF_ZERO + 1;
  for (; units < one; units *= 2) band--;
  return band;
}

static ph_deal_key key_of_bands(const ph_stretch *stretch, const unsigned bands[3]) {
  return ph_deal_key_with(stretch->key, bands[0], bands[1], bands[2]);
}

ph_deal_key ph_stretch_key_on(const ph_stretch *stretch, ph_day day) {
  const unsigned bands[3] = {ph_band_of(day - stretch->created), ph_band_of(day - stretch->last_progress),
                             ph_band_of(day - stretch->entered_stage)};
  return key_of_bands(stretch, bands);
}

static void append(ph_key_piece_list *list, const ph_key_piece *piece, ph_status *status) {
  if (list->count > 0) {
    ph_key_piece *last = &list->pieces[list->count - 1];
    if (last->to == piece->from && last->key == piece->key &&
        memcmp(last->factors, piece->factors, sizeof piece->factors) == 0) {
      last->to = piece->to;
      return;
    }
  }
  if (!ph_reserve(status, (void **)&list->pieces, &list->capacity, list->count + 1, sizeof *list->pieces))
    return;
  list->pieces[list->count++] = *piece;
}

void ph_stretch_cut(const ph_stretch *stretch, ph_key_piece_list *list, ph_status *status) {
  const ph_day since[3] = {stretch->created, stretch->last_progress, stretch->entered_stage};
  unsigned bands[3];
  ph_key_piece piece = {.from = stretch->from};
  memcpy(piece.factors, stretch->factors, sizeof piece.factors);
  for (int count = 0; count < 3; count++) bands[count] = ph_band_of(piece.from - since[count]);
  while (piece.from < stretch->to && !ph_failed(status)) {
    int64_t next[3]; /* the first day with the next band */
    piece.to = stretch->to;
    for (int count = 0; count < 3; count++) {
      next[count] = since[count] + (INT64_C(1) << bands[count]);
      if (next[count] < piece.to) piece.to = (ph_day)next[count];
    }
    piece.key = key_of_bands(stretch, bands);
    append(list, &piece, status);
    for (int count = 0; count < 3; count++) bands[count] += next[count] == piece.to;
    piece.from = piece.to;
  }
}
