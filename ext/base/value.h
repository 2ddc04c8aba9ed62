/*
** One cell of a source row: the five storage classes of SQLite without SQLite's header, so
** that the lower floors can be fed by anything.
*/
#ifndef PH_BASE_VALUE_H
#define PH_BASE_VALUE_H

#include "status.h"

typedef enum { PH_NULL, PH_INTEGER, PH_REAL, PH_TEXT, PH_BLOB } ph_value_type;

typedef struct ph_value {
  ph_value_type type;
  union {
    int64_t integer; /* PH_INTEGER */
    double real;     /* PH_REAL */
  };
  const char *text; /* PH_TEXT, PH_BLOB: borrowed for the call; for PH_REAL the text when the caller has it */
  size_t length;
} ph_value;

/* NULL, or a text or blob of no bytes: the shell's .import knows no NULL. */
static inline bool ph_value_is_missing(const ph_value *value) {
  return value->type == PH_NULL || ((value->type == PH_TEXT || value->type == PH_BLOB) && value->length == 0);
}

/* INTEGER, REAL or text of a decimal number. */
bool ph_value_to_real(const ph_value *value, double *real);
bool ph_value_to_money(const ph_value *value, int64_t *units);
/* A whole number; 30, 30.0 and '30' are the same. */
bool ph_value_to_integer(const ph_value *value, int64_t *integer);

enum { PH_VALUE_SHOWN_BYTES = 96 };

/* The value as a person would recognise it in a message: texts in quotes, long ones cut, and at a zero byte,
** which is shown as \0. */
const char *ph_value_show(const ph_value *value, char shown[PH_VALUE_SHOWN_BYTES]);

/* True when the text equals `name` but for the case of ASCII letters. */
bool ph_text_equals_any_case(const char *text, size_t length, const char *name);

#endif
