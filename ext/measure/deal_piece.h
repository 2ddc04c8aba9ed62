/*
** Deal pieces: the days of open deals in pieces, each with one class of the ladder, and in others, each with
** one band of every factor.
**
** A deal's days are cut where a band of its key changes, so that in a piece every day has the same class. A
** piece is its first day and its class in 64 bits; it ends where the deal's next one begins. Amount, owner
** and activities change seldom and stand in pieces of their own, so that there are not as many classes as
** combinations of all of it.
*/
#ifndef PH_MEASURE_DEAL_PIECE_H
#define PH_MEASURE_DEAL_PIECE_H

#include "key_class.h"

/* From the lowest bit: the first day, and the number of the class. */
typedef uint64_t ph_class_piece;
/* From the lowest bit: the first day, the bands of amount and activities, and the owner. */
typedef uint64_t ph_factor_piece;
enum { PH_PIECE_DAY_BITS = 22, PH_PIECE_AMOUNT_BITS = 7, PH_PIECE_ACTIVITY_BITS = PH_KEY_BAND_BITS };

static inline ph_day ph_piece_from(uint64_t piece) {
  return (ph_day)(piece & ((1U << PH_PIECE_DAY_BITS) - 1));
}
static inline uint32_t ph_piece_class(ph_class_piece piece) {
  return (uint32_t)(piece >> PH_PIECE_DAY_BITS);
}
static inline uint32_t ph_piece_band(ph_factor_piece piece, ph_factor factor) {
  const unsigned activity_at = PH_PIECE_DAY_BITS + PH_PIECE_AMOUNT_BITS;
  switch (factor) {
  case PH_FACTOR_AMOUNT: return piece >> PH_PIECE_DAY_BITS & ((1U << PH_PIECE_AMOUNT_BITS) - 1);
  case PH_FACTOR_ACTIVITY: return piece >> activity_at & ((1U << PH_PIECE_ACTIVITY_BITS) - 1);
  default: return (uint32_t)(piece >> (activity_at + PH_PIECE_ACTIVITY_BITS));
  }
}

/* The pieces of a deal begin here, in its block, and end with those of the next one. */
typedef struct ph_deal_place {
  uint32_t first_class, first_factor;
  ph_day end;    /* the day behind the last piece */
  ph_day won_on; /* the closing day when won; PH_DAY_NONE: nobody knows the outcome; else PH_DAY_NEVER */
} ph_deal_place;

/* The pieces of so many deals stand in a block of their own: one list of all would be longer than SQLite
** allocates at a time (2 GiB) with some millions of deals. */
enum { PH_PIECE_BLOCK_BITS = 16, PH_PIECE_BLOCK_DEALS = 1 << PH_PIECE_BLOCK_BITS };
typedef struct ph_piece_block {
  ph_deal_place *deals; /* in their order, and one more */
  size_t deal_count, deal_capacity;
  ph_class_piece *classes;
  size_t class_count, class_capacity;
  ph_factor_piece *factors;
  size_t factor_count, factor_capacity;
} ph_piece_block;

/* Owns its memory. */
typedef struct ph_deal_pieces {
  const ph_memory *memory;
  ph_day until; /* the last day that the pieces know */
  uint32_t owner_count;
  ph_key_classes classes;
  ph_piece_block *blocks; /* the last one takes the deal at hand */
  size_t block_count, block_capacity;
} ph_deal_pieces;

/* Owners are numbers below `owner_count`. Must be ended in any case. */
void ph_deal_pieces_begin(ph_deal_pieces *pieces, uint32_t owner_count, ph_status *status);
void ph_deal_pieces_end(ph_deal_pieces *pieces);
size_t ph_deal_pieces_bytes(const ph_deal_pieces *pieces);

/* How many deals are complete. */
static inline size_t ph_deal_pieces_count(const ph_deal_pieces *pieces) {
  return ((pieces->block_count - 1) << PH_PIECE_BLOCK_BITS) +
         pieces->blocks[pieces->block_count - 1].deal_count;
}

/* Days [from, to) of an open deal on which nothing changed but what the days themselves count. */
typedef struct ph_stretch {
  ph_day from, to;
  ph_deal_key key; /* of ph_deal_key_of */
  ph_day created, last_progress, entered_stage;
  uint32_t factors[PH_FACTOR_COUNT]; /* bands of amount and activities, and the owner */
} ph_stretch;

/* The key of one day. */
ph_deal_key ph_stretch_key_on(const ph_stretch *stretch, ph_day day);

/* Appends a stretch of the deal at hand. A deal's stretches come in the order of days, each from the end
** of the one before it. Where nothing has changed, the last piece goes on. */
void ph_deal_pieces_add(ph_deal_pieces *pieces, const ph_stretch *stretch, ph_status *status);
/* The deal at hand is complete: its pieces end before the day `end`. What is added next belongs to the
** next deal. */
void ph_deal_pieces_end_deal(ph_deal_pieces *pieces, ph_day end, ph_day won_on, ph_status *status);

/* The pieces of one deal, in the order of their days; they stay until more are added. */
typedef struct ph_pieces_of_deal {
  const ph_class_piece *classes;
  const ph_factor_piece *factors;
  size_t class_count, factor_count;
  ph_day end, won_on; /* as in its place */
} ph_pieces_of_deal;

/* Deals are numbered from 0 in the order in which they were added. */
static inline ph_pieces_of_deal ph_deal_pieces_of(const ph_deal_pieces *pieces, size_t deal) {
  const ph_piece_block *block = &pieces->blocks[deal >> PH_PIECE_BLOCK_BITS];
  const ph_deal_place *place = &block->deals[deal & (PH_PIECE_BLOCK_DEALS - 1)];
  return (ph_pieces_of_deal){.classes = block->classes + place->first_class,
                             .factors = block->factors + place->first_factor,
                             .class_count = place[1].first_class - place->first_class,
                             .factor_count = place[1].first_factor - place->first_factor,
                             .end = place->end,
                             .won_on = place->won_on};
}

/* The pieces of a deal that hold a day of it. */
ph_class_piece ph_class_piece_on(const ph_deal_pieces *pieces, size_t deal, ph_day day);
ph_factor_piece ph_factor_piece_on(const ph_deal_pieces *pieces, size_t deal, ph_day day);

#endif
