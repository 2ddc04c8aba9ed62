/* Kept ladders. See kept_ladder.h. */
#include "kept_ladder.h"

static bool knows_all(const ph_ladder *ladder, const ph_ladder_question *questions, size_t count) {
  for (size_t at = 0; at < count; at++)
    if (ph_ladder_question_place(ladder, questions[at].last_day, questions[at].horizon_days) ==
        ladder->question_count)
      return false;
  return true;
}

const ph_ladder *ph_kept_ladders_get(ph_kept_ladders *kept, const ph_deal_pieces *pieces,
                                     const ph_ladder_question *questions, size_t count, double pull,
                                     ph_status *status) {
  for (size_t at = 0; at < kept->count; at++)
    if (knows_all(&kept->ladders[at], questions, count)) return &kept->ladders[at];
  ph_ladder learned;
  ph_ladder_begin(&learned, pieces, questions, count, pull, status);
  if (ph_failed(status)) {
    ph_ladder_end(&learned);
    return NULL;
  }
  kept->memory = status->memory;
  ph_ladder *place = &kept->ladders[kept->oldest];
  kept->oldest = (kept->oldest + 1) % PH_MOST_LADDERS_KEPT;
  if (kept->count < PH_MOST_LADDERS_KEPT) kept->count++;
  ph_ladder_end(place);
  *place = learned;
  return place;
}

void ph_kept_ladders_end(ph_kept_ladders *kept) {
  if (kept->memory == NULL) return;
  for (size_t at = 0; at < kept->count; at++) ph_ladder_end(&kept->ladders[at]);
  *kept = (ph_kept_ladders){0};
}

size_t ph_kept_ladders_bytes(const ph_kept_ladders *kept) {
  size_t bytes = 0;
  for (size_t at = 0; at < kept->count; at++) bytes += ph_ladder_bytes(&kept->ladders[at]);
  return bytes;
}
