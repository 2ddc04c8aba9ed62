/* Late wins. See late_win.h. */
#include "late_win.h"

void ph_write_late_win(ph_byte_writer *writer, const ph_late_win *win, ph_status *status) {
  ph_write_number(writer, win->owner, status);
  ph_write_number(writer, win->team, status);
  ph_write_number(writer, (uint64_t)win->closing, status);
  ph_write_number(writer, (uint64_t)(win->created - win->closing), status);
  ph_write_amount(writer, win->amount, status);
}

ph_late_win ph_read_late_win(ph_byte_reader *reader, uint32_t name_count) {
  ph_late_win win = {.owner = ph_read_below(reader, name_count)};
  win.team = ph_read_below(reader, name_count);
  win.closing = (ph_day)ph_read_below(reader, PH_DAY_NEVER);
  win.created = win.closing + (ph_day)ph_read_below(reader, (uint64_t)(PH_DAY_NEVER - win.closing));
  win.amount = ph_read_amount(reader);
  return win;
}
