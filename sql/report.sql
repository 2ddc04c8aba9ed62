.mode box
.headers on
.nullvalue ''
-- The state of the pipeline on one day, for any company: what `make report` prints. The day is @as_of, else today or policy
-- data_until, the earlier of them; in the shell: .parameter set @as_of "'2024-06-30'". Every figure is of the close of business
-- of that day. Below each section stands why it is empty, where it is.
DROP TABLE IF EXISTS temp.report_day;
CREATE TEMP TABLE report_day AS SELECT coalesce(@as_of, as_of) AS day FROM pipeline_integrity;
-- Where no deal can be seen to move, none is real by what is known, and nothing is said of how real the pipeline is; where none was ever
-- won, as in exports of open deals, nothing is said of what was won or will be.
ALTER TABLE temp.report_day ADD COLUMN shows_progress;
ALTER TABLE temp.report_day ADD COLUMN shows_wins;
UPDATE temp.report_day SET
  shows_progress = NOT EXISTS (SELECT 1 FROM pipeline_check(day) WHERE problem = 'no signs of progress'),
  shows_wins = EXISTS (SELECT 1 FROM pipeline_deal WHERE lower(outcome) = 'won');
.print '1. Can the figures be trusted? Rows left out (error) or used with an assumption (warning), and rules that are off.'
SELECT
  severity, source, problem,
  sum(rows) AS rows,
  CASE WHEN count(amount) > 0 THEN printf('%,d', total(amount)) END AS amount,
  CASE WHEN count(*) = 1 OR count(example) = 1 THEN min(example) ELSE count(*) || ' of them, see below' END AS example
FROM report_day AS today, pipeline_check(today.day)
GROUP BY severity, source, problem
ORDER BY CASE severity WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END, sum(rows) DESC, source, problem;
.mode list
.headers off
SELECT '- ' || problem || ' (' || source || '): ' || meaning
FROM report_day AS today, pipeline_check(today.day)
ORDER BY CASE severity WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END, rows DESC, source, problem;
SELECT 'Nothing is wrong and no rule is off.' FROM report_day AS today WHERE NOT EXISTS (SELECT 1 FROM pipeline_check(today.day));
.headers on
.mode box

.print
.print '2. Coverage of this period and the next. real: what moves. needed: the real coverage from which earlier periods were won.'
.print 'will end at: in four periods of five, and the chance that the quota is reached.'
SELECT
  coalesce(coverage.name, 'everybody') AS team,
  coverage.period_end AS "period to",
  printf('%,d', coverage.quota) AS quota,
  CASE WHEN today.shows_wins THEN printf('%,d', coverage.won_amount) END AS won,
  printf('%,d', coverage.claimed_amount) AS claimed,
  round(coverage.claimed_coverage, 1) AS "claimed ×",
  CASE WHEN today.shows_progress THEN printf('%,d', coverage.real_amount) END AS real,
  CASE WHEN today.shows_progress THEN round(coverage.real_coverage, 2) END AS "real ×",
  CASE WHEN today.shows_progress THEN round(coverage.required_real_coverage, 2) END AS "needed ×",
  CASE
    WHEN NOT today.shows_wins THEN NULL
    WHEN forecast.p10 IS NOT NULL
      THEN printf('%,d to %,d, chance %d %%', forecast.p10, forecast.p90, round(100 * forecast.hit_probability))
    WHEN forecast.expected_amount IS NOT NULL THEN printf('about %,d, unsure', forecast.expected_amount)
  END AS "will end at",
  printf('%,d', coverage.unjudged_amount) AS unjudged,
  -- Covered compares one ratio with the group's history; the chance goes through every deal. Where they differ, the reason is said.
  CASE WHEN today.shows_wins THEN replace(coverage.verdict, '_', ' ') END || CASE
    WHEN coverage.verdict = 'covered' AND forecast.hit_probability < 0.5 THEN ', but mostly by deals that are rather lost than won'
    ELSE ''
  END AS verdict
FROM report_day AS today
CROSS JOIN (SELECT 'all' AS scope UNION ALL SELECT 'team') AS scopes
CROSS JOIN real_coverage(today.day, scopes.scope) AS coverage
CROSS JOIN pipeline_forecast(today.day, scopes.scope) AS forecast
WHERE coverage.period_start <= date(today.day, '3 months')
  AND forecast.name IS coverage.name AND forecast.period_start = coverage.period_start AND forecast.period_end = coverage.period_end
ORDER BY coverage.period_end, scopes.scope, coverage.false_confidence DESC;

.mode list
.headers off
SELECT CASE WHEN (SELECT count(*) FROM pipeline_check(today.day) WHERE problem = 'no quotas') THEN 'Empty: pipeline_quota gives no quotas.'
       ELSE 'Empty: no quota is of a period that contains the day or begins within three months of it.' END
FROM report_day AS today
WHERE NOT EXISTS (SELECT 1 FROM real_coverage(today.day) WHERE period_start <= date(today.day, '3 months'))
  AND NOT EXISTS (SELECT 1 FROM real_coverage(today.day, 'team') WHERE period_start <= date(today.day, '3 months'));
SELECT 'Won amounts, the forecast and the verdict are empty: the sources have no won deal, so what was won is not known.'
FROM report_day AS today
WHERE NOT today.shows_wins AND EXISTS (SELECT 1 FROM real_coverage(today.day) WHERE period_start <= date(today.day, '3 months'));
.headers on
.mode box

.print
.print '3. How much of the open pipeline is real?'
SELECT
  coalesce(integrity.name, CASE scopes.scope WHEN 'all' THEN 'everybody' ELSE '(no team)' END) AS team,
  integrity.open_deals AS deals,
  printf('%,d', integrity.open_amount) AS open,
  CASE WHEN today.shows_progress AND (integrity.integrity IS NOT NULL OR integrity.open_deals = 0) THEN printf('%,d', integrity.real_amount) END AS real,
  printf('%,d', integrity.unproven_amount) AS unproven,
  printf('%,d', integrity.stalled_amount) AS stalled,
  printf('%,d', integrity.dead_amount) AS dead,
  printf('%,d', integrity.unjudged_amount) AS unjudged,
  CASE WHEN today.shows_progress THEN CAST(round(100 * integrity.integrity) AS INTEGER) || ' %' END AS integrity,
  integrity.overdue_deals AS overdue,
  integrity.parked_deals AS parked,
  integrity.pushed_deals AS pushed,
  integrity.ghosted_deals AS ghosted
FROM
  report_day AS today,
  (SELECT 'all' AS scope UNION ALL SELECT 'team') AS scopes,
  pipeline_integrity(today.day, scopes.scope) AS integrity
ORDER BY scopes.scope, integrity.integrity;

.mode list
.headers off
SELECT 'Empty: no deal is open on ' || day || '.'
FROM report_day AS today
WHERE (SELECT open_deals = 0 FROM pipeline_integrity(today.day));
SELECT 'Integrity is empty: what the sources show says of no open deal whether it moves. See what is off in section 1.'
FROM report_day AS today
WHERE (SELECT open_deals > 0 AND (NOT today.shows_progress OR unjudged_deals = open_deals) FROM pipeline_integrity(today.day));
.headers on
.mode box

.print
.print '4. The last thirteen weeks: is the pipeline getting more honest?'
SELECT
  week.day AS "week to",
  integrity.open_deals AS deals,
  printf('%,d', integrity.open_amount) AS open,
  printf('%,d', integrity.unjudged_amount) AS unjudged,
  CASE WHEN today.shows_progress AND 2 * integrity.unjudged_amount <= integrity.open_amount THEN printf('%,d', integrity.real_amount) END AS real,
  CASE WHEN today.shows_progress AND 2 * integrity.unjudged_amount <= integrity.open_amount
    THEN CAST(round(100 * integrity.integrity) AS INTEGER) || ' %' END AS integrity
FROM
  report_day AS today,
  pipeline_calendar(date(today.day, '-90 days'), today.day, 'week') AS week,
  pipeline_integrity(week.day) AS integrity;

.mode list
.headers off
SELECT 'Integrity is empty for weeks in which most of the open amount could not be judged.'
FROM report_day AS today
WHERE EXISTS (
  SELECT 1
  FROM pipeline_calendar(date(today.day, '-90 days'), today.day, 'week') AS week, pipeline_integrity(week.day) AS integrity
  WHERE NOT today.shows_progress OR 2 * integrity.unjudged_amount > integrity.open_amount
);
.headers on
.mode box

.print
.print '5. What happened to the open amount in the last 91 days? Starting + created + revalued - won - lost - vanished + moved = ending.'
SELECT
  coalesce(flow.name, CASE scopes.scope WHEN 'all' THEN 'everybody' ELSE '(no team)' END) AS team,
  printf('%,d', flow.starting_amount) AS starting,
  printf('%,d', flow.created_amount) AS created,
  printf('%,d', flow.increased_amount - flow.decreased_amount) AS revalued,
  printf('%,d', flow.won_amount) AS won,
  printf('%,d', flow.lost_amount) AS lost,
  printf('%,d', flow.vanished_amount) AS vanished,
  printf('%,d', flow.transferred_in_amount - flow.transferred_out_amount) AS moved,
  printf('%,d', flow.ending_amount) AS ending,
  printf('%,d', flow.became_stalled_amount) AS "became stalled",
  printf('%,d', flow.recovered_amount) AS recovered
FROM
  report_day AS today,
  (SELECT 'all' AS scope UNION ALL SELECT 'team') AS scopes,
  pipeline_flow(date(today.day, '-91 days'), today.day, scopes.scope) AS flow
ORDER BY scopes.scope, flow.ending_amount DESC;

.print
.print '6. The largest deals that stand still, and what share of all stalled and dead money they make up so far.'
SELECT
  deal.deal_id,
  deal.name,
  deal.owner,
  printf('%,d', deal.amount) AS amount,
  round(100 * sum(deal.amount) OVER (ORDER BY deal.amount DESC, deal.deal_id) / sum(deal.amount) OVER (), 1) || ' %' AS "so far",
  deal.verdict,
  deal.stalled_since AS since,
  replace(deal.reasons, ',', ' ') AS reasons
FROM report_day AS today, deal_stalled(today.day) AS deal
WHERE deal.stalled
ORDER BY deal.amount DESC, deal.deal_id
LIMIT 15;

.mode list
.headers off
SELECT CASE WHEN (SELECT open_deals > 0 AND unjudged_deals = open_deals FROM pipeline_integrity(today.day)) THEN 'Empty: of no open deal can be told whether it stands still. See what is off in section 1.'
       ELSE 'Empty: no open deal that can be judged stands still.' END
FROM report_day AS today
WHERE NOT EXISTS (SELECT 1 FROM deal_stalled(today.day) WHERE stalled);
.headers on
.mode box

.print
.print '7. The largest deals that stall within 14 days if nothing happens.'
SELECT
  deal.deal_id,
  deal.name,
  deal.owner,
  deal.stage,
  printf('%,d', deal.amount) AS amount,
  deal.last_progress_at AS "last progress",
  deal.next_meeting_at AS "next meeting",
  deal.stalls_on AS "stalls on"
FROM report_day AS today, deal_stalled(today.day) AS deal
WHERE deal.stalls_on <= date(today.day, '14 days')
ORDER BY deal.amount DESC, deal.deal_id
LIMIT 15;

.mode list
.headers off
SELECT 'Empty: no deal that still moves comes to its limit in these days, or none can be judged.'
FROM report_day AS today
WHERE NOT EXISTS (SELECT 1 FROM deal_stalled(today.day) WHERE stalls_on <= date(today.day, '14 days'));
.headers on
.mode box

.print
.print '8. Do first meetings lead to second ones? A year of them, the surest first.'
SELECT
  coalesce(talks.name, '(nobody)') AS seller,
  talks.first_meetings AS first,
  talks.second_meetings AS second,
  talks.pending,
  CAST(round(100 * talks.second_meeting_rate) AS INTEGER) || ' %' AS rate,
  CAST(round(100 * talks.low) AS INTEGER) || ' to ' || CAST(round(100 * talks.high) AS INTEGER) || ' %' AS "19 times in 20",
  talks.won_deals AS won
FROM
  report_day AS today,
  conversation_effectiveness(date(today.day, '-1 year'), today.day, 'owner') AS talks
ORDER BY talks.low DESC;

.mode list
.headers off
SELECT CASE WHEN (SELECT count(*) FROM pipeline_check(today.day) WHERE problem = 'no meetings') THEN 'Empty: the sources have no meetings.'
       ELSE 'Empty: no deal had its first meeting in the year before the day.' END
FROM report_day AS today
WHERE NOT EXISTS (SELECT 1 FROM conversation_effectiveness(date(today.day, '-1 year'), today.day, 'owner'));
.headers on
.mode box

.print
.print '9. What does each team need, better conversations or more of them? Worth: what a newly opened deal brings on average.'
SELECT
  coalesce(opening.name, 'everybody') AS team,
  opening.period_end AS "period to",
  CASE WHEN opening.gap_amount IS NOT NULL THEN printf('%,d', opening.gap_amount) END AS gap,
  round(100 * opening.proven_share, 1) || ' %' AS proven,
  round(100 * opening.target_share, 1) || ' %' AS target,
  CASE WHEN opening.win_share > 0 THEN printf('%,d', opening.proven_share * opening.win_share * opening.average_won_amount) END AS worth,
  opening.needed_deals AS needed,
  opening.needed_deals_at_target AS "at target",
  round(opening.needed_per_week, 1) AS "needed a week",
  round(opening.opened_per_week, 1) AS "opened a week",
  opening.diagnosis
FROM
  report_day AS today,
  (SELECT 'all' AS scope UNION ALL SELECT 'team') AS scopes,
  pipeline_opening(today.day, scopes.scope) AS opening
ORDER BY opening.period_end, scopes.scope, opening.gap_amount DESC;

.mode list
.headers off
SELECT CASE WHEN (SELECT count(*) FROM pipeline_check(today.day) WHERE problem = 'no quotas') THEN 'Empty: pipeline_quota gives no quotas.'
       ELSE 'Empty: no quota is of a period that contains the day.' END
FROM report_day AS today
WHERE NOT EXISTS (SELECT 1 FROM pipeline_opening(today.day)) AND NOT EXISTS (SELECT 1 FROM pipeline_opening(today.day, 'team'));
SELECT 'Needed deals and the diagnosis are empty: too little is known of first meetings and of what became of them.'
FROM report_day AS today
WHERE EXISTS (SELECT 1 FROM pipeline_opening(today.day) WHERE diagnosis IS NULL);
.headers on
.mode box

.print
.print '10. Did the verdicts come true? What became of the deals that were open a year ago and half a year ago.'
SELECT
  date(today.day, times.ago) AS "judged on",
  verdicts.verdict,
  verdicts.deals,
  verdicts.won_deals AS won,
  verdicts.lost_deals AS lost,
  verdicts.open_deals AS open,
  round(100 * verdicts.won_share, 1) || ' %' AS "won of closed"
FROM
  report_day AS today,
  (SELECT '-1 year' AS ago UNION ALL SELECT '-6 months') AS times,
  verdict_backtest(date(today.day, times.ago)) AS verdicts
ORDER BY 1, verdicts.won_share DESC;
.mode list
.headers off
SELECT 'Empty: no deal was open half a year or a year before the day.'
FROM report_day AS today
WHERE NOT EXISTS (SELECT 1 FROM verdict_backtest(date(today.day, '-1 year')))
  AND NOT EXISTS (SELECT 1 FROM verdict_backtest(date(today.day, '-6 months')));
DROP TABLE report_day;
.headers on
.mode box
