/* Deal pieces. See deal_piece.h. */
#include "deal_piece.h"

_Static_assert((int)PH_DAY_NEVER < 1 << PH_PIECE_DAY_BITS, "a day fits into a piece");
_Static_assert((int)PH_AMOUNT_BANDS <= 1 << PH_PIECE_AMOUNT_BITS, "a band of amounts fits into a piece");

enum {
  OWNER_AT = PH_PIECE_DAY_BITS + PH_PIECE_AMOUNT_BITS + PH_PIECE_ACTIVITY_BITS,
  MOST_OWNERS = 1 << (64 - OWNER_AT)
};

/* The lists of a block are never NULL, so that a deal without pieces has a place in them, too. */
static void begin_block(ph_deal_pieces *pieces, ph_status *status) {
  if (!ph_reserve(status, (void **)&pieces->blocks, &pieces->block_capacity, pieces->block_count + 1,
                  sizeof *pieces->blocks))
    return;
  ph_piece_block *block = &pieces->blocks[pieces->block_count++];
  *block = (ph_piece_block){0};
  if (ph_reserve(status, (void **)&block->classes, &block->class_capacity, 1, sizeof *block->classes) &&
      ph_reserve(status, (void **)&block->factors, &block->factor_capacity, 1, sizeof *block->factors) &&
      ph_reserve(status, (void **)&block->deals, &block->deal_capacity, 1, sizeof *block->deals))
    block->deals[0] = (ph_deal_place){0};
}

void ph_deal_pieces_begin(ph_deal_pieces *pieces, uint32_t owner_count, ph_status *status) {
  *pieces = (ph_deal_pieces){.memory = status->memory, .owner_count = owner_count};
  if (owner_count > MOST_OWNERS)
    ph_fail(status, "pipeline_deal: %u names (expected at most %d)", (unsigned)owner_count, MOST_OWNERS);
  ph_key_classes_begin(&pieces->classes, status);
  begin_block(pieces, status);
}

void ph_deal_pieces_end(ph_deal_pieces *pieces) {
  if (pieces->memory == NULL) return;
  ph_key_classes_end(&pieces->classes);
  for (size_t number = 0; number < pieces->block_count; number++) {
    ph_release(pieces->memory, pieces->blocks[number].deals);
    ph_release(pieces->memory, pieces->blocks[number].classes);
    ph_release(pieces->memory, pieces->blocks[number].factors);
  }
  ph_release(pieces->memory, pieces->blocks);
  *pieces = (ph_deal_pieces){0};
}

size_t ph_deal_pieces_bytes(const ph_deal_pieces *pieces) {
  size_t bytes = ph_key_classes_bytes(&pieces->classes) + pieces->block_capacity * sizeof *pieces->blocks;
  for (size_t number = 0; number < pieces->block_count; number++) {
    const ph_piece_block *block = &pieces->blocks[number];
    bytes += block->deal_capacity * sizeof *block->deals + block->class_capacity * sizeof *block->classes +
             block->factor_capacity * sizeof *block->factors;
  }
  return bytes;
}

/* Appends a piece unless the last one of the deal says the same. */
static void append(uint64_t **list, size_t *count, size_t *capacity, size_t first, uint64_t piece,
                   ph_status *status) {
  if (*count > first && (*list)[*count - 1] >> PH_PIECE_DAY_BITS == piece >> PH_PIECE_DAY_BITS) return;
  if (*count == *capacity && !ph_reserve(status, (void **)list, capacity, *count + 1, sizeof piece)) return;
  (*list)[(*count)++] = piece;
}

static ph_piece_block *last_block(ph_deal_pieces *pieces) {
  return &pieces->blocks[pieces->block_count - 1];
}

static void add_factors(ph_deal_pieces *pieces, const ph_stretch *stretch, ph_status *status) {
  ph_piece_block *block = last_block(pieces);
  ph_factor_piece piece =
      (uint64_t)stretch->from | (uint64_t)stretch->factors[PH_FACTOR_AMOUNT] << PH_PIECE_DAY_BITS |
      (uint64_t)stretch->factors[PH_FACTOR_ACTIVITY] << (PH_PIECE_DAY_BITS + PH_PIECE_AMOUNT_BITS) |
      (uint64_t)stretch->factors[PH_FACTOR_OWNER] << OWNER_AT;
  append(&block->factors, &block->factor_count, &block->factor_capacity,
         block->deals[block->deal_count].first_factor, piece, status);
}

static void add_class(ph_deal_pieces *pieces, ph_day from, ph_deal_key key, ph_status *status) {
  ph_piece_block *block = last_block(pieces);
  uint64_t class = ph_key_classes_take(&pieces->classes, key, status);
  if (ph_failed(status)) return;
  append(&block->classes, &block->class_count, &block->class_capacity,
         block->deals[block->deal_count].first_class, (uint64_t)from | class << PH_PIECE_DAY_BITS, status);
}

ph_deal_key ph_stretch_key_on(const ph_stretch *stretch, ph_day day) {
  return ph_deal_key_with(stretch->key, ph_band_of(day - stretch->created),
                          ph_band_of(day - stretch->last_progress), ph_band_of(day - stretch->entered_stage));
}

void ph_deal_pieces_add(ph_deal_pieces *pieces, const ph_stretch *stretch, ph_status *status) {
  const ph_day since[3] = {stretch->created, stretch->last_progress, stretch->entered_stage};
  unsigned bands[3];
  if (stretch->from >= stretch->to || ph_failed(status)) return;
  add_factors(pieces, stretch, status);
  for (int count = 0; count < 3; count++) bands[count] = ph_band_of(stretch->from - since[count]);
  for (int64_t from = stretch->from, to; from < stretch->to && !ph_failed(status); from = to) {
    int64_t next[3]; /* the first day with the next band */
    to = stretch->to;
    for (int count = 0; count < 3; count++) {
      next[count] = since[count] + (INT64_C(1) << bands[count]);
      if (next[count] < to) to = next[count];
    }
    add_class(pieces, (ph_day)from, ph_deal_key_with(stretch->key, bands[0], bands[1], bands[2]), status);
    for (int count = 0; count < 3; count++) bands[count] += next[count] == to;
  }
}

void ph_deal_pieces_end_deal(ph_deal_pieces *pieces, ph_day end, ph_day won_on, ph_status *status) {
  if (ph_failed(status)) return;
  ph_piece_block *block = last_block(pieces);
  if (block->class_count > UINT32_MAX || block->factor_count > UINT32_MAX)
    ph_fail(status,
            "pipeline_event: too many events (expected fewer than 4 thousand million changes of chances)");
  if (!ph_reserve(status, (void **)&block->deals, &block->deal_capacity, block->deal_count + 2,
                  sizeof *block->deals))
    return;
  block->deals[block->deal_count].end = end;
  block->deals[block->deal_count].won_on = won_on;
  block->deals[++block->deal_count] = (ph_deal_place){.first_class = (uint32_t)block->class_count,
                                                      .first_factor = (uint32_t)block->factor_count};
  if (block->deal_count == PH_PIECE_BLOCK_DEALS) begin_block(pieces, status);
}

/* The last of the pieces that begins on or before a day. */
static uint64_t piece_on(const uint64_t *pieces, size_t count, ph_day day) {
  size_t first = 0, end = count;
  while (end - first > 1) {
    size_t middle = first + (end - first) / 2;
    if (ph_piece_from(pieces[middle]) <= day) {
      first = middle;
    } else {
      end = middle;
    }
  }
  return pieces[first];
}

ph_class_piece ph_class_piece_on(const ph_deal_pieces *pieces, size_t deal, ph_day day) {
  ph_pieces_of_deal of = ph_deal_pieces_of(pieces, deal);
  return piece_on(of.classes, of.class_count, day);
}

ph_factor_piece ph_factor_piece_on(const ph_deal_pieces *pieces, size_t deal, ph_day day) {
  ph_pieces_of_deal of = ph_deal_pieces_of(pieces, deal);
  return piece_on(of.factors, of.factor_count, day);
}
