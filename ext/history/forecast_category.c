/* Forecast categories. See forecast_category.h. */
#include "forecast_category.h"

#include "../base/value.h"

const char *const ph_forecast_category_names[PH_CATEGORY_COUNT + 1] = {
    [PH_CATEGORY_OMITTED] = "omitted",     [PH_CATEGORY_PIPELINE] = "pipeline",
    [PH_CATEGORY_BEST_CASE] = "best_case", [PH_CATEGORY_MOST_LIKELY] = "most_likely",
    [PH_CATEGORY_COMMIT] = "commit",       [PH_CATEGORY_CLOSED] = "closed",
};

/* What CRMs write, without what stands between words. */
static const struct {
  const char *text;
  ph_forecast_category category;
} writings[] = {
    {"omitted", PH_CATEGORY_OMITTED},        {"omit", PH_CATEGORY_OMITTED},
    {"pipeline", PH_CATEGORY_PIPELINE},      {"bestcase", PH_CATEGORY_BEST_CASE},
    {"mostlikely", PH_CATEGORY_MOST_LIKELY}, {"commit", PH_CATEGORY_COMMIT},
    {"forecast", PH_CATEGORY_COMMIT},        {"closed", PH_CATEGORY_CLOSED},
};

ph_forecast_category ph_forecast_category_of(const char *text, size_t length) {
  char letters[16];
  size_t count = 0;
  for (size_t index = 0; index < length; index++) {
    if (text[index] == ' ' || text[index] == '-' || text[index] == '_') continue;
    if (count == sizeof letters) return PH_CATEGORY_COUNT;
    letters[count++] = text[index];
  }
  for (size_t index = 0; index < sizeof writings / sizeof *writings; index++)
    if (ph_text_equals_any_case(letters, count, writings[index].text)) return writings[index].category;
  return PH_CATEGORY_COUNT;
}
