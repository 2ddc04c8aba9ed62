/* One cell of a source row. See value.h. */
#include "value.h"

#include "decimal.h"
#include "money.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool ph_value_to_real(const ph_value *value, double *real) {
  ph_decimal number;
  switch (value->type) {
  case PH_INTEGER: *real = (double)value->integer; return true;
  case PH_REAL: *real = value->real; return true;
  case PH_TEXT:
    if (!ph_decimal_read(value->text, value->length, &number)) return false;
    *real = ph_decimal_to_real(&number);
    return true;
  default: return false;
  }
}

bool ph_value_to_money(const ph_value *value, int64_t *units) {
  switch (value->type) {
  case PH_INTEGER: return ph_money_from_integer(value->integer, units);
  case PH_REAL: return ph_money_from_real(value->real, units);
  case PH_TEXT: return ph_money_from_text(value->text, value->length, units);
  default: return false;
  }
}

bool ph_value_to_integer(const ph_value *value, int64_t *integer) {
  double real;
  if (value->type == PH_INTEGER) {
    *integer = value->integer;
    return true;
  }
  if (!ph_value_to_real(value, &real)) return false;
  if (!(fabs(real) < 9007199254740992.0) || real != floor(real)) return false;
  *integer = (int64_t)real;
  return true;
}

const char *ph_value_show(const ph_value *value, char shown[PH_VALUE_SHOWN_BYTES]) {
  enum { LONGEST = 60 };
  size_t length = value->length;
  switch (value->type) {
  case PH_NULL: snprintf(shown, PH_VALUE_SHOWN_BYTES, "NULL"); break;
  case PH_INTEGER: snprintf(shown, PH_VALUE_SHOWN_BYTES, "%lld", (long long)value->integer); break;
  case PH_REAL: ph_real_write(value->real, shown); break;
  case PH_BLOB: snprintf(shown, PH_VALUE_SHOWN_BYTES, "a blob of %zu bytes", length); break;
  case PH_TEXT: {
    const char *zero = length > 0 ? memchr(value->text, 0, length) : NULL;
    if (zero != NULL) length = (size_t)(zero - value->text);
    const char *end = zero != NULL ? "\\0...'" : "'";
    if (length > LONGEST) {
      length = LONGEST;
      while (length > 0 && ((unsigned char)value->text[length] & 0xC0) == 0x80) length--;
      end = "...'";
    }
    snprintf(shown, PH_VALUE_SHOWN_BYTES, "'%.*s%s", (int)length, value->text, end);
    break;
  }
  }
  return shown;
}

static int lower(char character) {
  return character >= 'A' && character <= 'Z' ? character + ('a' - 'A') : character;
}

bool ph_text_equals_any_case(const char *text, size_t length, const char *name) {
  size_t index = 0;
  while (index < length && name[index] != 0 && lower(text[index]) == lower(name[index])) index++;
  return index == length && name[index] == 0;
}
