/*
** What the cells of CRMs say, for the views that pipeline_connect makes (see sql/connect/README.md). No other
** use is meant.
**
**     pipeline_health_boolean(cell)     1, 0, or NULL where it is neither yes nor no
**     pipeline_health_cancelled(title)  1 where a title says that a meeting was called off or missed, else 0
**     pipeline_health_among(text, …)    1 where the text, without blanks around it and in any case, is one of
**                                       the others, else 0; NULL where it is NULL
**     pipeline_health_words(text)       the text in small letters, one blank for signs and around each word
**     pipeline_health_channel(type)     'reply', 'call', 'email', 'meeting' or 'task', by an activity's type
**     pipeline_health_inserted(ended, created, close_date)
**                                       the close date of a deal that was inserted closed: it ended within a
**                                       minute of its creation, and the close date is an earlier day;
**                                       else NULL
**     pipeline_health_closed(ended, created, close_date)
**                                       the same, else when the deal ended
**
** They are functions, not SQL, for the speed of a question: nineteen LIKE cost 3 µs a row, this 0.1 µs.
*/
#include "functions.h"

#include "../base/date_text.h"

#include <string.h>

static unsigned char lower(char character) {
  return (unsigned char)(character >= 'A' && character <= 'Z' ? character | 0x20 : character);
}

/* Whether the text begins with a word in lower case, whatever its own case. */
static bool begins_with(const char *text, size_t length, const char *word) {
  size_t at = 0;
  for (; word[at] != 0; at++)
    if (at == length || lower(text[at]) != (unsigned char)word[at]) return false;
  return true;
}

static bool has_word(const char *text, size_t length, const char *word) {
  for (size_t at = 0; at < length; at++)
    if (lower(text[at]) == (unsigned char)word[0] && begins_with(text + at, length - at, word)) return true;
  return false;
}

/* --------------------------------------------------------------------------------------------- yes and no */

static bool is_one_of(const char *text, size_t length, const char *const *words) {
  for (; *words != NULL; words++)
    if (strlen(*words) == length && begins_with(text, length, *words)) return true;
  return false;
}

static bool is_blank(char character) {
  return character == ' ' || character == '\t' || character == '\n' || character == '\r';
}

void ph_cell_boolean(sqlite3_context *context, int count, sqlite3_value **values) {
  static const char *const yes[] = {"true", "t",    "yes",       "y",          "on", "1",
                                    "1.0",  "ja",   "oui",       "si",         "sí", "sim",
                                    "wahr", "vrai", "verdadero", "verdadeiro", NULL};
  static const char *const no[] = {"false", "f",   "no",  "n",      "off",  "0",     "0.0", "nein",
                                   "non",   "não", "nao", "falsch", "faux", "falso", NULL};
  (void)count;
  if (sqlite3_value_type(values[0]) == SQLITE_INTEGER) {
    int64_t flag = sqlite3_value_int64(values[0]);
    if (flag == 0 || flag == 1) sqlite3_result_int(context, (int)flag);
    return;
  }
  const char *text = (const char *)sqlite3_value_text(values[0]);
  if (text == NULL) return;
  size_t length = (size_t)sqlite3_value_bytes(values[0]);
  while (length > 0 && is_blank(*text)) text++, length--;
  while (length > 0 && is_blank(text[length - 1])) length--;
  if (is_one_of(text, length, yes)) sqlite3_result_int(context, 1);
  if (is_one_of(text, length, no)) sqlite3_result_int(context, 0);
}

void ph_cell_among(sqlite3_context *context, int count, sqlite3_value **values) {
  if (count == 0) { /* SQLite lets a function of any number of arguments be called without one */
    sqlite3_result_error(context, "wrong number of arguments to function pipeline_health_among()", -1);
    return;
  }
  const char *text = (const char *)sqlite3_value_text(values[0]);
  if (text == NULL) return;
  size_t length = (size_t)sqlite3_value_bytes(values[0]);
  while (length > 0 && *text == ' ') text++, length--;
  while (length > 0 && text[length - 1] == ' ') length--;
  bool found = false;
  for (int at = 1; at < count && !found; at++) {
    if ((size_t)sqlite3_value_bytes(values[at]) != length) continue;
    const char *word = (const char *)sqlite3_value_text(values[at]);
    found = word != NULL && sqlite3_strnicmp(text, word, (int)length) == 0;
  }
  sqlite3_result_int(context, found);
}

/* ---------------------------------------------------------------------------------------------- meetings */

/* How calendars and people mark a meeting that did not take place, in its title. */
static const char *const cancelled_marks[] = {
    "canceled",  "cancelled", "declined",  "no show",          "no-show", "noshow",  "abgesagt",
    "abgelehnt", "entfällt",  "storniert", "nicht erschienen", "annulé",  "annulla", "refusé",
    "cancelad",  "rechazad",  "recusad",   "geannuleerd",      "afgezegd"};
enum { MARKS = sizeof cancelled_marks / sizeof *cancelled_marks };

/* The first letters of the marks, so that most letters of a title are looked at once. */
static bool may_begin_mark(unsigned char character) {
  switch (character) {
  case 'a':
  case 'c':
  case 'd':
  case 'e':
  case 'g':
  case 'n':
  case 'r':
  case 's': return true;
  default: return false;
  }
}

void ph_cell_cancelled(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  const char *text = (const char *)sqlite3_value_text(values[0]);
  size_t length = text != NULL ? (size_t)sqlite3_value_bytes(values[0]) : 0;
  bool found = false;
  for (size_t at = 0; at < length && !found; at++) {
    unsigned char first = lower(text[at]);
    if (!may_begin_mark(first)) continue;
    for (int mark = 0; mark < MARKS && !found; mark++)
      found = (unsigned char)cancelled_marks[mark][0] == first &&
              begins_with(text + at, length - at, cancelled_marks[mark]);
  }
  sqlite3_result_int(context, found);
}

/* ------------------------------------------------------------------------------------------------- words */

/* Signs of several bytes, and letters that lower() does not know. */
static const struct {
  const char *sign, *becomes;
} signs[] = {{"É", "é"}, {"Ã", "ã"}, {"Í", "í"}, {"Ô", "ô"},
             {"Ö", "ö"}, {"–", " "}, {"—", " "}, {"\u00A0", " "}};
enum { SIGNS = sizeof signs / sizeof *signs };

static void append_words(sqlite3_str *words, const char *text, size_t length) {
  if (length == 1 && *text == ' ' && sqlite3_str_value(words)[sqlite3_str_length(words) - 1] == ' ') return;
  sqlite3_str_append(words, text, (int)length);
}

/* Takes one sign or letter off the text, and returns its bytes. */
static size_t take_sign(sqlite3_str *words, const char *text, size_t length) {
  for (int sign = 0; sign < SIGNS; sign++) {
    size_t bytes = strlen(signs[sign].sign);
    if (length < bytes || memcmp(text, signs[sign].sign, bytes) != 0) continue;
    append_words(words, signs[sign].becomes, strlen(signs[sign].becomes));
    return bytes;
  }
  char small = (char)lower(*text);
  if (*text == '?') {
    append_words(words, " ", 1);
    append_words(words, "? ", 2);
  } else if (strchr("-/_().,:;![]&|\"% ", *text) != NULL) {
    append_words(words, " ", 1);
  } else {
    append_words(words, &small, 1);
  }
  return 1;
}

void ph_cell_words(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  const char *text = (const char *)sqlite3_value_text(values[0]);
  if (text == NULL) return;
  size_t length = strlen(text);
  sqlite3_str *words = sqlite3_str_new(NULL);
  sqlite3_str_appendchar(words, 1, ' ');
  while (length > 0 && sqlite3_str_errcode(words) == SQLITE_OK) {
    size_t taken = take_sign(words, text, length);
    text += taken;
    length -= taken;
  }
  if (sqlite3_str_errcode(words) == SQLITE_OK) append_words(words, " ", 1);
  char *result = sqlite3_str_finish(words);
  if (result == NULL) {
    sqlite3_result_error_nomem(context);
  } else {
    sqlite3_result_text(context, result, -1, sqlite3_free);
  }
}

/* -------------------------------------------------------------------------------------------- activities */

/* The first word that is met decides. A voice mail is a call although it ends in mail. */
static const struct {
  const char *word, *kind;
} channels[] = {{"incoming", "reply"},  {"inbound", "reply"}, {"reply", "reply"},  {"voicemail", "call"},
                {"voice mail", "call"}, {"email", "email"},   {"e-mail", "email"}, {"call", "call"}};
enum { CHANNELS = sizeof channels / sizeof *channels };

/* Of several arguments the words of the first go with those of the second: a type and its subtype. */
void ph_cell_channel(sqlite3_context *context, int count, sqlite3_value **values) {
  const char *kind = NULL;
  for (int channel = 0; channel < CHANNELS && kind == NULL; channel++)
    for (int at = 0; at < count && kind == NULL; at++) {
      const char *text = (const char *)sqlite3_value_text(values[at]);
      size_t length = text != NULL ? (size_t)sqlite3_value_bytes(values[at]) : 0;
      if (has_word(text, length, channels[channel].word)) kind = channels[channel].kind;
    }
  for (int at = 0; at < count && kind == NULL; at++) {
    const char *text = (const char *)sqlite3_value_text(values[at]);
    if (text != NULL && ph_text_equals_any_case(text, (size_t)sqlite3_value_bytes(values[at]), "meeting"))
      kind = "meeting";
  }
  sqlite3_result_text(context, kind != NULL ? kind : "task", -1, SQLITE_STATIC);
}

/* ---------------------------------------------------------------------------------------- inserted closed */

static bool read_moment(sqlite3_value *value, int64_t *milliseconds) {
  ph_value cell = ph_host_value(value);
  ph_date_reading reading;
  if (!ph_date_read(&cell, PH_DATE_YMD, &reading) || reading.kind == PH_DATE_MISSING) return false;
  *milliseconds = ph_date_unix_milliseconds(&reading);
  return true;
}

/* Whether the day of a date, by its first ten characters, is before that of another. */
static bool is_earlier_day(sqlite3_value *date, sqlite3_value *other) {
  enum { DAY_CHARACTERS = 10 };
  ph_text left = ph_host_text(date), right = ph_host_text(other);
  if (left.length > DAY_CHARACTERS) left.length = DAY_CHARACTERS;
  if (right.length > DAY_CHARACTERS) right.length = DAY_CHARACTERS;
  return left.length > 0 && right.length > 0 && ph_text_compare(&left, &right) < 0;
}

enum { ENDED, CREATED, CLOSE_DATE };

static bool was_inserted(sqlite3_value **values) {
  enum { MINUTE = 60000 };
  int64_t ended, created;
  return is_earlier_day(values[CLOSE_DATE], values[ENDED]) && read_moment(values[ENDED], &ended) &&
         read_moment(values[CREATED], &created) && ended - created < MINUTE;
}

void ph_cell_inserted(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  if (was_inserted(values)) sqlite3_result_value(context, values[CLOSE_DATE]);
}

void ph_cell_closed(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  sqlite3_result_value(context, values[was_inserted(values) ? CLOSE_DATE : ENDED]);
}
