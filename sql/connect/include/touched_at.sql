-- Included in the SELECTs of doors that know the last activity of a deal alone, with its column: when the deal was touched. An activity
-- ahead is planned and hides what was before, so that nobody knows of a silence: it counts on the day of the export.
-- The text is compared first, which needs no call: what is greater by its day is greater.
CASE WHEN {1} > (SELECT day FROM {known_until} WHERE day <> '') AND substr({1}, 1, 10) > (SELECT day FROM {known_until} WHERE day <> '') THEN (SELECT day FROM {known_until}) ELSE {1} END
