/*
** Blanks in text that people or spreadsheets wrote: those of ASCII, and of Unicode the three that stand
** between the groups of a number or before AM and PM.
*/
#ifndef PH_BASE_BLANK_H
#define PH_BASE_BLANK_H

#include <stddef.h>
#include <string.h>

/* True when the text at `at` starts with these bytes. */
static inline int ph_starts_with(const char *at, const char *end, const char *bytes) {
  size_t length = strlen(bytes);
  return (size_t)(end - at) >= length && memcmp(at, bytes, length) == 0;
}

/* Length in bytes of the blank at `at`, 0 where none is: space, tab, line ends, no-break space (U+00A0), thin
** space (U+2009), narrow no-break space (U+202F). */
static inline size_t ph_blank_length(const char *at, const char *end) {
  if (at == end) return 0;
  if (*at == ' ' || (*at >= '\t' && *at <= '\r')) return 1;
  if (ph_starts_with(at, end, "\xC2\xA0")) return 2;
  if (ph_starts_with(at, end, "\xE2\x80\x89") || ph_starts_with(at, end, "\xE2\x80\xAF")) return 3;
  return 0;
}

/* Behind the blanks at `at`. */
static inline const char *ph_after_blanks(const char *at, const char *end) {
  for (size_t length; (length = ph_blank_length(at, end)) > 0;) at += length;
  return at;
}

/* The end of the text without the blanks before it. */
static inline const char *ph_before_blanks(const char *at, const char *end) {
  for (const char *before = end; before > at && end - before < 3;) {
    before--;
    if (ph_blank_length(before, end) == (size_t)(end - before)) end = before;
  }
  return end;
}

#endif
