/* Names. See intern.h. */
#include "intern.h"

#include "bytes.h"

#include <string.h>

enum { FIRST_SLOTS = 64 };

/* Eight bytes a step. The last step takes the last eight bytes, some for a second time: that is cheaper
** than a copy of what is left. */
static uint32_t hash_of(const char *text, size_t length) {
  uint64_t hash = length;
  if (length < PH_WORD_BYTES) return (uint32_t)ph_mix(hash, ph_load_short(text, length));
  for (size_t index = 0; index + PH_WORD_BYTES < length; index += PH_WORD_BYTES)
    hash = ph_mix(hash, ph_load_word(text + index));
  return (uint32_t)ph_mix(hash, ph_load_word(text + length - PH_WORD_BYTES));
}

void ph_interner_begin(ph_interner *interner, ph_status *status) {
  *interner = (ph_interner){0};
  ph_arena_begin(&interner->texts, status->memory);
  ph_reserve(status, (void **)&interner->names, &interner->capacity, 1, sizeof *interner->names);
  interner->slots = ph_allocate_zeroed(status, FIRST_SLOTS, sizeof *interner->slots);
  if (ph_failed(status)) return;
  interner->names[0] = (ph_name){NULL, 0, 0};
  interner->count = 1;
  interner->slot_mask = FIRST_SLOTS - 1;
}

void ph_interner_end(ph_interner *interner, const ph_memory *memory) {
  ph_arena_end(&interner->texts);
  ph_release(memory, interner->names);
  ph_release(memory, interner->slots);
  *interner = (ph_interner){0};
}

/* The slot that holds the text, or the empty one where it belongs. */
static uint32_t find_slot(const ph_interner *interner, const char *text, size_t length, uint32_t hash) {
  uint32_t slot = hash & interner->slot_mask;
  for (;; slot = (slot + 1) & interner->slot_mask) {
    uint32_t number = interner->slots[slot];
    if (number == 0) return slot;
    const ph_name *name = &interner->names[number];
    if (name->hash == hash && name->length == length && ph_same_bytes(name->text, text, length)) return slot;
  }
}

static bool grow_slots(ph_interner *interner, ph_status *status) {
  size_t count = ((size_t)interner->slot_mask + 1) * 2;
  uint32_t *slots = ph_allocate_zeroed(status, count, sizeof *slots);
  if (slots == NULL) return false;
  uint32_t mask = (uint32_t)(count - 1);
  for (uint32_t number = 1; number < interner->count; number++) {
    uint32_t slot = interner->names[number].hash & mask;
    while (slots[slot] != 0) slot = (slot + 1) & mask;
    slots[slot] = number;
  }
  ph_release(status->memory, interner->slots);
  interner->slots = slots;
  interner->slot_mask = mask;
  return true;
}

uint32_t ph_intern(ph_interner *interner, const char *text, size_t length, ph_status *status) {
  if (ph_failed(status)) return 0;
  uint32_t hash = hash_of(text, length);
  uint32_t slot = find_slot(interner, text, length, hash);
  if (interner->slots[slot] != 0) return interner->slots[slot];
  if (interner->count > interner->slot_mask / 2) {
    if (interner->count >= UINT32_MAX / 4 || !grow_slots(interner, status)) {
      ph_fail_memory(status);
      return 0;
    }
    slot = find_slot(interner, text, length, hash);
  }
  const char *copy = ph_arena_copy(&interner->texts, text, length, status);
  ph_reserve(status, (void **)&interner->names, &interner->capacity, (size_t)interner->count + 1,
             sizeof *interner->names);
  if (ph_failed(status)) return 0;
  interner->names[interner->count] = (ph_name){copy, (uint32_t)length, hash};
  interner->slots[slot] = interner->count;
  return interner->count++;
}

uint32_t ph_interned(const ph_interner *interner, const char *text, size_t length) {
  return interner->slots[find_slot(interner, text, length, hash_of(text, length))];
}

int ph_text_compare(const ph_text *left, const ph_text *right) {
  int order = memcmp(left->text, right->text, left->length < right->length ? left->length : right->length);
  if (order != 0) return order;
  return left->length < right->length ? -1 : left->length > right->length;
}

int ph_name_compare(const ph_interner *interner, uint32_t left, uint32_t right) {
  if (left == right) return 0;
  if (left == 0 || right == 0) return left == 0 ? -1 : 1;
  const ph_name *a = &interner->names[left], *b = &interner->names[right];
  return ph_text_compare(&(ph_text){a->text, a->length}, &(ph_text){b->text, b->length});
}
