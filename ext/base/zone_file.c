/* Time zones: POSIX rules and zone files. See zone.h. */
#include "zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -----------------------------------------------------------------------------------------------
** POSIX rules */

typedef struct rule_scan {
  const char *at, *end;
} rule_scan;

static bool is_digit(char character) {
  return character >= '0' && character <= '9';
}

static bool is_letter(char character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}

static bool take(rule_scan *scan, char character) {
  if (scan->at == scan->end || *scan->at != character) return false;
  scan->at++;
  return true;
}

static bool take_number(rule_scan *scan, int smallest, int largest, int *number) {
  const char *start = scan->at;
  *number = 0;
  while (scan->at < scan->end && is_digit(*scan->at) && scan->at - start < 3)
    *number = *number * 10 + (*scan->at++ - '0');
  return scan->at > start && *number >= smallest && *number <= largest;
}

/* EST, or <+0330> */
static bool take_name(rule_scan *scan) {
  bool quoted = take(scan, '<');
  const char *start = scan->at;
  while (scan->at < scan->end &&
         (is_letter(*scan->at) || (quoted && (is_digit(*scan->at) || *scan->at == '+' || *scan->at == '-'))))
    scan->at++;
  return scan->at - start >= 3 && (!quoted || take(scan, '>'));
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(rule_scan *scan, int most_hours, int32_t *seconds) {
  int hours, minutes = 0, rest = 0;
  bool negative = take(scan, '-');
  if (!negative) take(scan, '+');
  if (!take_number(scan, 0, most_hours, &hours)) return false;
  if (take(scan, ':')) {
    if (!take_number(scan, 0, 59, &minutes)) return false;
    if (take(scan, ':') && !take_number(scan, 0, 59, &rest)) return false;
  }
  *seconds = (hours * 60 + minutes) * 60 + rest;
  if (negative) *seconds = -*seconds;
  return true;
}

/* ,M3.2.0/2 with hours up to a week (RFC 9636, section 3.3.2) */
static bool take_change(rule_scan *scan, ph_zone_change *change) {
  *change = (ph_zone_change){.form = PH_CHANGE_DAY_OF_YEAR, .seconds = 2 * 3600};
  if (!take(scan, ',')) return false;
  bool good;
  if (take(scan, 'M')) {
    change->form = PH_CHANGE_WEEKDAY;
    good = take_number(scan, 1, 12, &change->month) && take(scan, '.') &&
           take_number(scan, 1, 5, &change->week) && take(scan, '.') && take_number(scan, 0, 6, &change->day);
  } else if (take(scan, 'J')) {
    change->form = PH_CHANGE_WITHOUT_LEAP_DAY;
    good = take_number(scan, 1, 365, &change->day);
  } else {
    good = take_number(scan, 0, 365, &change->day);
  }
  return good && (!take(scan, '/') || take_time(scan, 167, &change->seconds));
}

bool ph_zone_rule_read(const char *text, size_t length, ph_zone_rule *rule, bool *lacks_rule) {
  rule_scan scan = {text, text + length};
  int32_t west;
  *rule = (ph_zone_rule){0};
  *lacks_rule = false;
  if (!take_name(&scan) || !take_time(&scan, 24, &west)) return false;
  rule->standard_east = -west;
  if (scan.at == scan.end) return true;
  if (!take_name(&scan)) return false;
  rule->has_daylight = true;
  rule->daylight_east = rule->standard_east + 3600;
  if (scan.at < scan.end && *scan.at != ',') {
    if (!take_time(&scan, 24, &west)) return false;
    rule->daylight_east = -west;
  }
  *lacks_rule = scan.at == scan.end;
  return take_change(&scan, &rule->start) && take_change(&scan, &rule->end) && scan.at == scan.end;
}

/* -----------------------------------------------------------------------------------------------
** zone files (RFC 9636): big-endian numbers */

enum { HEADER_BYTES = 44, TYPE_BYTES = 6, MOST_TYPES = 256, MOST_FILE_BYTES = 1 << 20 };

static uint32_t read_32(const unsigned char *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int32_t signed_32(const unsigned char *at) {
  uint32_t bits = read_32(at);
  return bits <= INT32_MAX ? (int32_t)bits : -(int32_t)(UINT32_MAX - bits) - 1;
}

static int64_t read_time(const unsigned char *at, size_t bytes) {
  if (bytes == 4) return signed_32(at);
  return (int64_t)signed_32(at) * 4294967296 + read_32(at + 4);
}

/* A header with its data: what the counts of the header say. */
typedef struct zone_block {
  const unsigned char *times, *indexes, *types, *end;
  size_t time_count, type_count, leap_count, time_bytes;
} zone_block;

static bool read_block(const unsigned char *at, const unsigned char *end, size_t time_bytes,
                       zone_block *block) {
  if (end - at < HEADER_BYTES || memcmp(at, "TZif", 4) != 0) return false;
  uint32_t counts[6]; /* UT flags, standard flags, leap seconds, times, types, characters */
  size_t bytes = HEADER_BYTES;
  for (int index = 0; index < 6; index++) {
    counts[index] = read_32(at + 20 + 4 * index);
    if (counts[index] > MOST_FILE_BYTES) return false;
  }
  *block = (zone_block){.leap_count = counts[2], .time_count = counts[3], .type_count = counts[4]};
  block->time_bytes = time_bytes;
  bytes += block->time_count * (time_bytes + 1) + block->type_count * TYPE_BYTES + counts[5] +
           block->leap_count * (time_bytes + 4) + counts[1] + counts[0];
  if ((size_t)(end - at) < bytes || block->type_count < 1 || block->type_count > MOST_TYPES) return false;
  block->times = at + HEADER_BYTES;
  block->indexes = block->times + block->time_count * time_bytes;
  block->types = block->indexes + block->time_count;
  block->end = at + bytes;
  return true;
}

static bool read_transitions(ph_zone *zone, const zone_block *block, ph_status *status) {
  zone->first_east = signed_32(block->types);
  zone->transitions = ph_allocate(status, block->time_count, sizeof *zone->transitions);
  if (zone->transitions == NULL) return false;
  for (size_t index = 0; index < block->time_count; index++) {
    unsigned type = block->indexes[index];
    int64_t at = read_time(block->times + index * block->time_bytes, block->time_bytes);
    if (type >= block->type_count || (index > 0 && at <= zone->transitions[index - 1].at)) return false;
    int32_t east = signed_32(block->types + type * TYPE_BYTES);
    if (east < -93600 || east > 93600) return false; /* RFC 9636: at most 26 hours */
    zone->transitions[zone->count++] = (ph_zone_transition){at, east};
  }
  return zone->first_east >= -93600 && zone->first_east <= 93600;
}

/* The rule between two line ends; an empty one is none. */
static bool read_footer(ph_zone *zone, const unsigned char *at, const unsigned char *end) {
  if (at == end || *at++ != '\n') return false;
  const unsigned char *line_end = at;
  while (line_end < end && *line_end != '\n') line_end++;
  if (line_end == end) return false;
  if (line_end == at) return true;
  bool lacks_rule;
  zone->has_rule = ph_zone_rule_read((const char *)at, (size_t)(line_end - at), &zone->rule, &lacks_rule);
  return zone->has_rule;
}

static bool read_file(ph_zone *zone, const unsigned char *bytes, size_t length, ph_status *status) {
  const unsigned char *end = bytes + length;
  zone_block block;
  if (!read_block(bytes, end, 4, &block)) return false;
  bool has_wide_block = bytes[4] >= '2';
  if (has_wide_block && !read_block(block.end, end, 8, &block)) return false;
  return block.leap_count == 0 && read_transitions(zone, &block, status) &&
         (!has_wide_block || read_footer(zone, block.end, end));
}

bool ph_zone_from_file(ph_zone *zone, const unsigned char *bytes, size_t length, ph_status *status) {
  ph_zone_begin_fixed(zone, 0);
  zone->to = INT64_MIN; /* no look-up yet */
  if (read_file(zone, bytes, length, status)) return true;
  if (zone->transitions != NULL) ph_release(status->memory, zone->transitions);
  ph_zone_begin_fixed(zone, 0);
  return false;
}

static unsigned char *read_bytes(FILE *file, size_t *length, ph_status *status) {
  void *bytes = NULL;
  size_t capacity = 0;
  *length = 0;
  while (ph_reserve(status, &bytes, &capacity, *length + 4096, 1)) {
    size_t count = fread((unsigned char *)bytes + *length, 1, 4096, file);
    *length += count;
    if (count == 0) return bytes;
    if (*length > MOST_FILE_BYTES) break;
  }
  if (bytes != NULL) ph_release(status->memory, bytes);
  return NULL;
}

unsigned char *ph_zone_file_read(const char *name, size_t *length, ph_status *status) {
  const char *own = getenv("TZDIR");
  const char *const directories[] = {own, "/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/etc/zoneinfo"};
  for (int index = own == NULL ? 1 : 0; *name != 0 && index < (own == NULL ? 4 : 1); index++) {
    char path[1024];
    int written = snprintf(path, sizeof path, "%s/%s", directories[index], name);
    FILE *file = written > 0 && written < (int)sizeof path ? fopen(path, "rb") : NULL;
    if (file == NULL) continue;
    unsigned char *bytes = read_bytes(file, length, status);
    fclose(file);
    return bytes;
  }
  return NULL;
}
