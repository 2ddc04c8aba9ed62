-- Is the pipeline getting more honest, week by week over the last half year?
WITH today (day) AS (SELECT coalesce(@today, '2022-06-30'))
SELECT
  week.day,
  integrity.open_deals,
  round(integrity.open_amount) AS open_amount,
  round(integrity.real_amount) AS real_amount,
  round(integrity.integrity, 3) AS integrity,
  round(avg(integrity.integrity) OVER (ORDER BY week.day ROWS 3 PRECEDING), 3) AS mean_of_4_weeks,
  integrity.stalled_deals,
  integrity.dead_deals
FROM
  today,
  pipeline_calendar(date(today.day, '-6 months'), today.day, 'week') AS week,
  pipeline_integrity(week.day) AS integrity
ORDER BY week.day;
