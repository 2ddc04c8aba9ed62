/*
** Late wins: deals that were created after the day on which they were won, as imports of old deals are. Of
** these it depends on the day of a question whether it knows them; they are few, and stand in a list.
*/
#ifndef PH_STORE_LATE_WIN_H
#define PH_STORE_LATE_WIN_H

#include "../base/day.h"
#include "stored_bytes.h"

typedef struct ph_late_win {
  uint32_t owner, team; /* names */
  ph_day closing, created;
  int64_t amount;
} ph_late_win;

void ph_write_late_win(ph_byte_writer *writer, const ph_late_win *win, ph_status *status);
ph_late_win ph_read_late_win(ph_byte_reader *reader, uint32_t name_count);

#endif
