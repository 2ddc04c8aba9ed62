/*
** Which tables a mapping joins. See connect_internal.h.
**
** SQLite makes an index for a join over columns, not over expressions, as the ids of a view are. A table that
** is joined is therefore one into which SQLite does not look, at the price of a copy of each row; all others
** go without. It is told by the text of the mapping: a table behind JOIN, one beside an inner join, which
** SQLite may read in another order, and one inside of a view of which that holds.
*/
#include "connect_internal.h"

#include <string.h>

/* Whether a text ends with a word before a position, blanks aside. */
static bool has_before(const char *text, const char *at, const char *word) {
  size_t length = strlen(word);
  while (at > text && (at[-1] == ' ' || at[-1] == '\n')) at--;
  return (size_t)(at - text) >= length && memcmp(at - length, word, length) == 0;
}

/* How a body names a table or view {NAME}. */
typedef struct naming {
  bool is_named, is_joined; /* is_joined: behind JOIN */
  bool has_inner_join;      /* of any table: SQLite may read its tables in another order */
} naming;

static naming how_named(ph_words body, ph_words name) {
  naming how = {false, false, false};
  const char *end = body.at + body.length;
  for (const char *at = body.at; (at = memchr(at, '{', (size_t)(end - at))) != NULL; at++) {
    bool joined = has_before(body.at, at, "JOIN");
    if (joined && !has_before(body.at, at, "LEFT JOIN") && !has_before(body.at, at, "CROSS JOIN"))
      how.has_inner_join = true;
    if ((size_t)(end - at) < name.length + 2 || at[name.length + 1] != '}' ||
        memcmp(at + 1, name.at, name.length) != 0)
      continue;
    how.is_named = true;
    how.is_joined = how.is_joined || joined;
  }
  return how;
}

/* Whether SQLite reads a view apart from what asks it. */
static bool stands_apart(ph_words body) {
  static const char *const marks[] = {"GROUP BY", "MATERIALIZED", "DISTINCT", "LIMIT"};
  for (const char *at = body.at; at < body.at + body.length; at++)
    for (size_t mark = 0; mark < sizeof marks / sizeof *marks; mark++)
      if (*at == *marks[mark] && (size_t)(body.at + body.length - at) >= strlen(marks[mark]) &&
          memcmp(at, marks[mark], strlen(marks[mark])) == 0)
        return true;
  return false;
}

/* Depth: of views inside of views. */
static bool is_joined(ph_connecting *call, ph_words name, int depth) {
  enum { DEEPEST = 16 };
  if (depth > DEEPEST) return true;
  for (size_t index = 0; index < call->block_count; index++) {
    const ph_door_block *block = &call->blocks[index];
    if (block->body.length == 0) continue;
    naming how = how_named(block->body, name);
    if (!how.is_named || (block->condition.length > 0 && !ph_connect_holds(call, block->condition))) continue;
    if (how.is_joined || how.has_inner_join) return true;
    if (block->kind == PH_BLOCK_VIEW && !stands_apart(block->body) && is_joined(call, block->name, depth + 1))
      return true;
  }
  return false;
}

bool ph_connect_is_joined(ph_connecting *call, ph_words name) {
  return is_joined(call, name, 0);
}
