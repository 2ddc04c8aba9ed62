/* Errors and memory. See status.h. */
#include "status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void ph_status_begin(ph_status *status, ph_memory *memory) {
  memset(status, 0, sizeof *status);
  status->memory = memory;
}

void ph_fail(ph_status *status, const char *format, ...) {
  if (ph_failed(status)) return;
  status->code = PH_ERROR;
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(status->message, sizeof status->message, format, arguments);
  va_end(arguments);
  if (length < (int)sizeof status->message) return;
  /* a cut in the middle of a UTF-8 character would make the message invalid text */
  size_t end = sizeof status->message - 1;
  while (end > 0 && ((unsigned char)status->message[end - 1] & 0xC0) == 0x80) end--;
  if (end > 0 && (unsigned char)status->message[end - 1] >= 0xC0) end--;
  status->message[end] = 0;
}

void ph_fail_memory(ph_status *status) {
  if (!ph_failed(status)) status->code = PH_NO_MEMORY;
}

bool ph_ask_to_stop(ph_status *status) {
  if (status->stop == NULL || !status->stop(status->stop_context)) return true;
  status->code = PH_INTERRUPTED;
  return false;
}

static void *resize(ph_status *status, void *block, size_t count, size_t size) {
  if (ph_failed(status)) return NULL;
  void *result = NULL;
  if (size == 0 || count <= (SIZE_MAX - 1) / size) {
    size_t bytes = count * size;
    result = status->memory->resize(status->memory->context, block, bytes > 0 ? bytes : 1);
  }
  if (result == NULL) ph_fail_memory(status);
  return result;
}

void *ph_allocate(ph_status *status, size_t count, size_t size) {
  return resize(status, NULL, count, size);
}

void *ph_allocate_zeroed(ph_status *status, size_t count, size_t size) {
  void *block = resize(status, NULL, count, size);
  if (block != NULL) memset(block, 0, count * size);
  return block;
}

bool ph_reserve(ph_status *status, void **block, size_t *capacity, size_t needed, size_t size) {
  if (ph_failed(status)) return false;
  if (needed <= *capacity) return true;
  size_t wanted = *capacity + *capacity / 2 + 8;
  if (wanted < needed) wanted = needed;
  void *grown = resize(status, *block, wanted, size);
  if (grown == NULL) return false;
  *block = grown;
  *capacity = wanted;
  return true;
}

void ph_trim(ph_status *status, void **block, size_t *capacity, size_t count, size_t size) {
  if (ph_failed(status) || count >= *capacity) return;
  size_t bytes = count * size;
  void *trimmed = status->memory->resize(status->memory->context, *block, bytes > 0 ? bytes : 1);
  if (trimmed == NULL) return; /* the block stays as long as it was */
  *block = trimmed;
  *capacity = count;
}

void ph_release(const ph_memory *memory, void *block) {
  memory->release(memory->context, block);
}
