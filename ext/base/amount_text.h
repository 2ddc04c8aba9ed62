/*
** Amounts as people and spreadsheets write them (specification, section 10).
**
**     1234.5   1,234.50   1 234.50   1'234.50        groups of three behind the first, one separator
**     12,34,567.50                                   groups as in India, with commas
**     EUR 1,234   $1,234.00 USD   1.234,00 €         one or two codes (ISO 4217) or signs, before or behind
**     (500)   -500   500-   $ -500                   negative, by one of these
**     1,234.-   1.5E+06                              no cents; an exponent, as spreadsheets export it
**
** The decimal sign is told by the caller, since 1,234 alone means either. Separators of groups are then the
** other one of , and ., the apostrophe and the blanks. Wrong groups are no number: 1,23 and 0,500 with the
** decimal sign '.'.
*/
#ifndef PH_BASE_AMOUNT_TEXT_H
#define PH_BASE_AMOUNT_TEXT_H

#include "value.h"

/* Reads an amount with the decimal sign '.' or ','. The number is a PH_INTEGER when it is whole and fits
** in 64 bits, else the nearest PH_REAL. False when the text is no amount. */
bool ph_amount_read(const char *text, size_t length, char decimal, ph_value *number);

#endif
