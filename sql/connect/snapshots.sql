-- Snapshots: what was kept of a pipeline, day by day, without a log of changes. One table with a column for the day, a table
-- a day, or versions of rows as dbt's snapshots, Fivetran's history mode and others keep them. A row is what a deal was on
-- its day: three plain rows of kinds `…_state`; what changed between them is the extension's to find. The language of this
-- file is described in README.md beside it.

--! fallback
--! outcome of seen from the columns status, is_won and is_closed of the snapshots, or stages named won and lost; the option "values": {theirs: "open", "won" or "lost"} says what stages mean

--! table settings = pipeline_policy
--! columns name!, value!
--! include quota_sheet

--! table snapshot = snapshots | pipeline_snapshot | opportunity_snapshot | deal_snapshot | opportunities_snapshot | deals_snapshot series any required (snapshots)
--! columns deal_id! id = id | opportunity_id | "Opportunity ID" | "Record ID" | "Deal ID" | "Deal - ID" | hs_object_id | property_hs_object_id | "Opportunity ID (18)" | "Case Safe ID" | deal_name | dealname | "Deal Name" | "Opportunity Name" | "Deal - Title" | name | title | Verkaufschance
--! columns snapshot_day! date = snapshot_date | "Snapshot_Date__c" | as_of_date | "As of Date" | as_of | export_date | exported_on | exported_at | extract_date | report_date | run_date | load_date | loaded_at | Stichtag | dbt_valid_from | _fivetran_start | active_from | EffectiveFromDate | FirstEffectiveDate | valid_from
--! columns stage! = stage_name | StageName | dealstage | "Deal Stage" | property_dealstage | deal_pipeline_stage_id | stage_id | "Deal - Stage" | sales_stage | Phase | Etapa | "OpportunityStageName"
--! columns name = deal_name | dealname | property_dealname | "Deal Name" | "Opportunity Name" | "Deal - Title" | title | Verkaufschance
--! columns owner = owner_name | "Opportunity Owner" | "Deal owner" | "Deal - Owner" | hubspot_owner_id | property_hubspot_owner_id | OwnerId | owner_id | user_id | Besitzer
--! columns team = "HubSpot Team" | "Owner Role" | department, pipeline = pipeline_id | deal_pipeline_id | "Deal - Pipeline" | RecordTypeId | Funil
--! columns amount amount = value | property_amount | "Deal - Value" | expected_revenue | amount_usd | Betrag | Wert | Valor
--! columns amount_text raw = amount | value | property_amount | "Deal - Value" | expected_revenue | amount_usd | Betrag | Wert | Valor
--! columns currency = currency_code | CurrencyIsoCode | deal_currency_code | property_deal_currency_code | "Amount Currency" | "Deal - Currency of Value" | Currency
--! columns created_at date = CreatedDate | created_date | "Create Date" | createdate | property_createdate | add_time | "Created Date" | "Deal - Deal created" | create_date | created | "Erstellt am"
--! columns close_date day = CloseDate | closedate | property_closedate | expected_close_date | "Close Date" | "Deal - Expected close date" | date_deadline | expected_close | estimatedclosedate | Schlusstermin
--! columns closed_at date = closed_time | close_time | date_closed | "Closed on" | "Deal - Deal closed on" | actualclosedate | "Abgeschlossen am", won_time date = "Deal - Won time", lost_time date = "Deal - Lost time"
--! columns status = outcome | "Deal - Status" | state | statecode, is_won boolean = IsWon | hs_is_closed_won | property_hs_is_closed_won | "Is Closed Won" | Won, is_lost boolean = "Is closed lost", is_closed boolean = IsClosed | hs_is_closed | property_hs_is_closed | Closed
--! columns forecast_category = ForecastCategoryName | hs_manual_forecast_category | "Forecast category"
--! columns stage_changed_at date = LastStageChangeDate | stage_change_time | hs_v2_date_entered_current_stage | property_hs_v2_date_entered_current_stage | "Date entered current stage" | "Last Stage Change Date" | "Deal - Last stage change" | date_last_stage_update | stage_updated_time | date_stage_changed
--! columns changed_at? date = updated_at | LastModifiedDate | hs_lastmodifieddate | property_hs_lastmodifieddate | update_time | "Last Modified Date" | "Deal - Update time" | write_date
--! columns last_activity date = LastActivityDate | "Last Activity" | "Last Activity Date" | notes_last_updated | property_notes_last_updated | "Deal - Last activity date" | "Letzte Aktivität"
--! columns valid_to date = dbt_valid_to | _fivetran_end | active_until | EffectiveToDate | EndEffectiveDate
--! columns is_current boolean = _fivetran_active, is_deleted boolean = dbt_is_deleted | _fivetran_deleted | deleted
--! key deal_id, snapshot_day first
--! keeps deleted
--! skip footer_rows when stage IS NULL AND created_at IS NULL AND close_date IS NULL AND status IS NULL AND closed_at IS NULL AND (owner IS NULL OR deal_id IS NULL) AND (amount IS NULL OR deal_id IS NULL OR lower(deal_id) LIKE 'total%' OR lower(deal_id) LIKE '%grand total%' OR lower(deal_id) LIKE 'subtotal%' OR lower(deal_id) LIKE 'gesamt%' OR lower(deal_id) LIKE 'summe%' OR lower(deal_id) LIKE '% total')
--! off created_at: creation: a deal counts as created on the first day on which it was seen
--! off amount: every amount: each deal counts as 0
--! off close_date: overdue and parked deals, pushes, claimed coverage
--! off owner: owners of deals
--! off if snapshot and not snapshot.status and not snapshot.is_won and not snapshot.is_closed: outcomes, but for stages named won and lost: a deal is open while the snapshots have it
--! off if snapshot and not snapshot.last_activity: calls, emails and meetings: a snapshot shows none, so untouched deals are judged by changes of stage alone
--! off if snapshot.last_activity: who acted and how: a last activity only says that somebody did, so ghosted deals and the rules on meetings are off
--! off if snapshot: what happened between two snapshots: only the difference is known, and a change that was taken back is not
--! table stages = stage | OpportunityStage | deal_stages (stages)
--! columns stage! = name | MasterLabel | label, rank! = order_nr | SortOrder | display_order | sequence, id id
--! keeps deleted
--! off ranks of stages: a stage change is forward when the deal has never been in the stage
--! table users = user | owners (users)
--! columns id! id = owner_id, name!
--! keeps deleted
--! option snapshot_day
--! option vanished = unknown | lost | error

--! view once label
WITH said AS MATERIALIZED (
  SELECT DISTINCT stage, status FROM {snapshot}
)
SELECT stage AS label FROM said WHERE stage IS NOT NULL
UNION
SELECT status FROM said WHERE status IS NOT NULL
--! if stages.id
UNION
SELECT stage FROM {stages} WHERE stage IS NOT NULL
--! end
--! include outcome_words

-- What speaks of an end without saying which has an unknown outcome: it is no open stage.
--! view once stage_outcome
SELECT label, coalesce(outcome, CASE WHEN mentions_outcome OR mentions_end THEN 'unknown' END) AS outcome FROM {outcome_of}

--! view named
SELECT
  {columns of snapshot in row},
--! if stages.id
  coalesce(stage.stage, row.stage) AS stage_name
FROM {snapshot} AS row
LEFT JOIN {stages} AS stage ON stage.id = CAST(row.stage AS TEXT)
--! else
  row.stage AS stage_name
FROM {snapshot} AS row
--! end

-- What a row says, with the outcome as it can be told: by its flags, its status, its stage. States of Dynamics are numbers: 1 won, 2 lost.
-- A CASE over an expression works it out once.
--! view seen
SELECT
  {columns of snapshot in named}, named.stage_name,
--! if users
  coalesce({lookup name of users by id, named.owner}, named.owner) AS owner_name,
--! else
  named.owner AS owner_name,
--! end
  CASE
    WHEN named.is_won THEN 'won'
--! if snapshot.is_lost or snapshot.is_closed
    WHEN named.is_lost OR named.is_closed AND NOT named.is_won THEN
      CASE WHEN named.status = '1' OR {lookup outcome of stage_outcome by label, named.status} = 'won' AND named.status <> '2' THEN 'won' ELSE 'lost' END
--! end
--! if snapshot.status
    WHEN named.status = '1' THEN 'won'
    WHEN named.status = '2' THEN 'lost'
    ELSE
      CASE {lookup outcome of stage_outcome by label, named.status} WHEN 'won' THEN 'won' WHEN 'lost' THEN 'lost'
        WHEN 'open' THEN
          CASE {lookup outcome of stage_outcome by label, named.stage_name} WHEN 'won' THEN 'won' WHEN 'lost' THEN 'lost' ELSE 'open' END
        ELSE
          CASE {lookup outcome of stage_outcome by label, named.stage_name} WHEN 'won' THEN 'won' WHEN 'lost' THEN 'lost' ELSE
            coalesce(
              {lookup outcome of stage_outcome by label, named.status},
              CASE WHEN NOT named.is_closed THEN 'open' END,
              {lookup outcome of stage_outcome by label, named.stage_name},
              'open'
            )
          END
      END
--! else
    ELSE
      CASE {lookup outcome of stage_outcome by label, named.stage_name} WHEN 'won' THEN 'won' WHEN 'lost' THEN 'lost' ELSE
        coalesce(CASE WHEN NOT named.is_closed THEN 'open' END, {lookup outcome of stage_outcome by label, named.stage_name}, 'open')
      END
--! end
  END AS outcome
FROM {named} AS named

-- The snapshots that there are. What nobody filled in on a day is a column that this snapshot lacked: `holds` has a bit for each that it
-- has, 2 the amount, 4 the close date, 8 the owner, 16 the forecast.
--! once if not snapshot.valid_to: moment
WITH held AS (
  SELECT DISTINCT
    snapshot_day AS moment,
    2 * (amount IS NOT NULL) + 4 * (close_date IS NOT NULL) + 8 * (owner IS NOT NULL) + 16 * (forecast_category IS NOT NULL)
      + 32 * (outcome <> 'open') AS bits
  FROM {seen}
),
holding AS MATERIALIZED (
  SELECT
    moment,
    max(bits & 2) + max(bits & 4) + max(bits & 8) + max(bits & 16) AS holds,
    max(bits & 32) > 0 AS has_closed
  FROM held
  GROUP BY moment
),
counted AS (
  SELECT
    holding.moment,
    substr(pipeline_date(holding.moment), 1, 10) AS day,
    size.deals,
    holds,
    has_closed
  FROM (SELECT snapshot_day AS moment, count(*) AS deals FROM {snapshot} GROUP BY snapshot_day) AS size
  CROSS JOIN holding ON holding.moment IS size.moment
),
chosen AS (
  SELECT
    moment, day, deals, holds, has_closed,
    row_number() OVER (PARTITION BY day ORDER BY moment DESC) = 1 AS is_last_of_day
  FROM counted
),
neighbour AS (
  SELECT day, 2 * deals < lag(deals) OVER days AND 2 * deals < lead(deals) OVER days AS is_partial,
    2 * deals < lag(deals) OVER days AND lead(deals) OVER days IS NULL AS is_doubtful
  FROM chosen
  WHERE is_last_of_day AND day IS NOT NULL
  WINDOW days AS (ORDER BY day)
)
SELECT
  chosen.moment, chosen.day, chosen.deals, chosen.holds, chosen.has_closed, chosen.is_last_of_day,
  coalesce(neighbour.is_partial, 0) AS is_partial,
  coalesce(neighbour.is_doubtful, 0) AS is_doubtful,
  chosen.day IS NOT NULL AND chosen.is_last_of_day AND NOT coalesce(neighbour.is_partial, 0) AS is_used
FROM chosen
LEFT JOIN neighbour ON neighbour.day = chosen.day

-- Those that count, each with the one before and the one after.
--! once if not snapshot.valid_to: day
SELECT
  moment,
  day,
  row_number() OVER days AS number,
  lag(day) OVER days AS previous,
  lead(day) OVER days AS next,
  lead(has_closed) OVER days AS next_has_closed,
  holds
FROM {moment}
WHERE is_used
WINDOW days AS (ORDER BY day)

-- The rows that count. A version holds from its own moment on, so it needs no look at its neighbours, but where a column
-- tells when something happened before it was seen.
--! view row
--! if not snapshot.valid_to
SELECT {columns of snapshot in seen}, seen.stage_name, seen.owner_name, seen.outcome,
  day.day, day.day AS at, day.number, day.previous, day.next, day.next_has_closed, 0 AS is_ended, day.holds
FROM {seen} AS seen
CROSS JOIN {day} AS day ON day.moment = seen.snapshot_day
--! else
SELECT {columns of snapshot in seen}, seen.stage_name, seen.owner_name, seen.outcome,
  substr(seen.snapshot_day, 1, 10) AS day, seen.snapshot_day AS at, seen.snapshot_day AS number,
--! if snapshot.stage_changed_at
  lag(substr(seen.snapshot_day, 1, 10)) OVER (PARTITION BY seen.deal_id ORDER BY seen.snapshot_day) AS previous,
--! else
  NULL AS previous,
--! end
  substr(seen.valid_to, 1, 10) AS next, 0 AS next_has_closed,
  NOT coalesce(seen.is_current, seen.valid_to IS NULL OR seen.valid_to >= '2049') AS is_ended,
  2 + 4 + 8 + 16 AS holds
FROM {seen} AS seen
WHERE seen.snapshot_day IS NOT NULL
--! end

--! once holds_closed
SELECT 1 AS found FROM {row} WHERE outcome <> 'open' LIMIT 1

-- The last that was seen of each deal.
--! view latest
SELECT {columns of snapshot}, stage_name, owner_name, outcome, day, next, next_has_closed, is_ended
FROM {row}
WHERE CAST(at AS TEXT) = {last at of row by deal_id, deal_id}

-- A deal that is in the snapshots no longer. Where these hold closed deals, it was deleted or merged; else it was closed, and
-- nobody knows how.
--! view deal
SELECT
  {columns of snapshot in latest}, latest.stage_name, latest.owner_name, latest.outcome, latest.day, latest.next,
  coalesce(CASE latest.outcome WHEN 'won' THEN latest.won_time ELSE latest.lost_time END, latest.closed_at) AS told_at,
--! if snapshot.valid_to and holds_closed
  coalesce(latest.is_deleted, 0) OR latest.is_ended AS is_removed,
  0 AS is_vanished
--! else
--! if snapshot.valid_to
  coalesce(latest.is_deleted, 0) AS is_removed,
  latest.is_ended AS is_vanished
--! else
  coalesce(latest.is_deleted, 0) OR latest.outcome = 'open' AND coalesce(latest.next_has_closed, 0) AS is_removed,
  latest.outcome = 'open' AND latest.next IS NOT NULL AND NOT latest.next_has_closed AS is_vanished
--! end
--! end
FROM {latest} AS latest

--! view removed
SELECT deal_id FROM {deal} WHERE is_removed

--! once gone
SELECT CAST(total(is_removed) AS INTEGER) AS removed, CAST(total(is_vanished) AS INTEGER) AS vanished FROM {deal}

-- Most snapshots have none, and then no row need be asked whether it is of such a deal.
--! once any_removed
SELECT 1 AS found FROM {gone} WHERE removed > 0

--! refuse if option vanished = error: deals vanished from the snapshots, and option vanished is 'error'
SELECT count(*) || ' deals, such as ' || min(deal_id) FROM {deal} WHERE is_vanished GROUP BY NULL HAVING count(*) > 0

-- Of deals that are not open at their end: the first row of the outcome that they have then, and the last of another one.
--! view if holds_closed: came
WITH reached AS MATERIALIZED (
  SELECT deal_id, outcome, min(at) AS first, max(at) AS last
  FROM (SELECT deal_id, outcome, CAST(at AS TEXT) AS at FROM {row} WHERE deal_id IS NOT NULL)
  GROUP BY deal_id, outcome
),
ended AS MATERIALIZED (
  SELECT deal_id, outcome, first FROM (SELECT deal_id, outcome, first, max(last) AS last FROM reached GROUP BY deal_id) WHERE outcome <> 'open'
),
other AS MATERIALIZED (
  SELECT ended.deal_id, max(reached.last) AS last
  FROM ended
  CROSS JOIN reached ON reached.deal_id = +ended.deal_id AND reached.outcome <> ended.outcome
  GROUP BY ended.deal_id
)
SELECT ended.deal_id, ended.first, other.last AS last_other FROM ended LEFT JOIN other ON other.deal_id = ended.deal_id

-- Of deals that had the outcome before another one, too, which few are: what stands behind that.
--! view if holds_closed: again
SELECT came.deal_id, CAST(row.at AS TEXT) AS at
FROM {row} AS row
CROSS JOIN (SELECT deal_id, last_other FROM {came} WHERE first < last_other LIMIT -1) AS came
  ON came.deal_id = +row.deal_id AND came.last_other < +CAST(row.at AS TEXT)

-- When a deal came to the outcome that it has at its end, what its row said then, and the last day before on which it had another.
--! view if holds_closed: entry
WITH closing AS MATERIALIZED (
  SELECT deal_id, last_other, CASE WHEN first < last_other THEN {lookup at of again by deal_id, deal_id} ELSE first END AS first FROM {came}
)
SELECT
  closing.deal_id, substr(closing.last_other, 1, 10) AS last_other, row.day, row.close_date, row.stage_changed_at,
  coalesce(CASE row.outcome WHEN 'won' THEN row.won_time ELSE row.lost_time END, row.closed_at) AS told_at
FROM {row} AS row
CROSS JOIN closing ON closing.deal_id = +row.deal_id AND closing.first = +CAST(row.at AS TEXT)

--! view if not snapshot.created_at: first_seen
SELECT deal_id, min(day) AS day FROM {row} GROUP BY deal_id

-- The team of a seller, where the deals name one alone.
--! view deal_team
SELECT owner_name AS owner, min(trim(team)) AS team FROM {deal} WHERE team IS NOT NULL GROUP BY owner_name HAVING count(DISTINCT trim(team)) = 1

-- A deal closed on the day that a column tells, where that lies between the last snapshot in which it was open and the first
-- in which it is closed; else on the later one. What that first one says counts, and what the last one says where it is silent. One that was won or lost on the day of its creation, and expected to close before it, was
-- inserted so: it closed on its close date.
--! view pipeline_deal
SELECT
  deal.deal_id,
  deal.name,
  deal.owner_name AS owner,
  coalesce(trim(deal.team), {lookup team of seller_team by owner, deal.owner_name}) AS team,
  deal.pipeline,
  {values deal.stage_name} AS stage,
  deal.amount,
  coalesce(deal.currency,
--! include currency_in_text snapshot
  ) AS currency,
--! if snapshot.created_at
  deal.created_at,
--! else
  first_seen.day AS created_at,
--! end
  deal.close_date,
  CASE
    WHEN deal.is_vanished THEN deal.next
--! if holds_closed
    WHEN deal.outcome <> 'open' THEN
      coalesce(
        CASE WHEN entry.last_other IS NULL AND substr(coalesce(entry.close_date, deal.close_date), 1, 10) < substr(deal.created_at, 1, 10)
          AND substr(coalesce(entry.told_at, deal.told_at), 1, 10) = substr(deal.created_at, 1, 10)
          THEN coalesce(entry.close_date, deal.close_date) END,
        CASE WHEN substr(coalesce(entry.told_at, deal.told_at), 1, 10) <= entry.day AND (entry.last_other IS NULL OR substr(coalesce(entry.told_at, deal.told_at), 1, 10) > entry.last_other)
          THEN coalesce(entry.told_at, deal.told_at) END,
        CASE WHEN substr(coalesce(entry.stage_changed_at, deal.stage_changed_at), 1, 10) <= entry.day AND substr(coalesce(entry.stage_changed_at, deal.stage_changed_at), 1, 10) > entry.last_other
          THEN coalesce(entry.stage_changed_at, deal.stage_changed_at) END,
        CASE WHEN substr(coalesce(entry.close_date, deal.close_date), 1, 10) <= entry.day AND (entry.last_other IS NULL OR substr(coalesce(entry.close_date, deal.close_date), 1, 10) > entry.last_other)
          THEN coalesce(entry.close_date, deal.close_date) END,
        entry.day
      )
--! end
  END AS closed_at,
  CASE WHEN deal.is_vanished THEN {option vanished} ELSE deal.outcome END AS outcome,
  {values deal.forecast_category} AS forecast_category
FROM {deal} AS deal
--! if not snapshot.created_at
LEFT JOIN {first_seen} AS first_seen ON first_seen.deal_id = deal.deal_id
--! end
--! if holds_closed
LEFT JOIN {entry} AS entry ON entry.deal_id = deal.deal_id
--! end
WHERE NOT deal.is_removed

-- The event is at its snapshot, or at the true time where a column tells one behind the snapshot before: of the change, or of the
-- closing in the row that shows it.
--! view dated
SELECT
  {columns of snapshot in row}, row.stage_name, row.owner_name, row.outcome, row.day, row.at, row.previous, row.holds,
--! if not snapshot.valid_to
--! if snapshot.won_time or snapshot.lost_time or snapshot.closed_at
  CASE WHEN outcome <> 'open' THEN
    coalesce(
      CASE WHEN substr(coalesce(CASE outcome WHEN 'won' THEN won_time ELSE lost_time END, closed_at), 1, 10) > previous
        AND substr(coalesce(CASE outcome WHEN 'won' THEN won_time ELSE lost_time END, closed_at), 1, 10) <= day
        THEN coalesce(CASE outcome WHEN 'won' THEN won_time ELSE lost_time END, closed_at) END,
      CASE WHEN substr(close_date, 1, 10) > previous AND substr(close_date, 1, 10) <= day THEN close_date END
    )
  END AS ended_at
--! else
  CASE WHEN substr(close_date, 1, 10) <= day AND substr(close_date, 1, 10) > previous AND outcome <> 'open' THEN close_date END AS ended_at
--! end
--! else
  NULL AS ended_at
--! end
FROM {row} AS row

-- One pass over the rows: SQLite does not look into a SELECT with a LIMIT, so what is worked out for a row stands for all of its
-- events. `shown` has a bit for each kind of which the row has an event.
--! view pipeline_event
SELECT
  +row.deal_id AS deal_id,
--! if snapshot.stage_changed_at or snapshot.changed_at
  CASE kind.bit WHEN 1 THEN row.stage_at ELSE row.moved_at END AS at,
--! else
  +row.moved_at AS at,
--! end
  +kind.name AS kind,
  NULL AS old_value,
  CASE kind.bit
    WHEN 1 THEN {values row.stage_name}
    WHEN 2 THEN coalesce(row.amount, 0)
    WHEN 4 THEN row.close_date
    WHEN 8 THEN row.owner_name
    ELSE {values row.forecast_category}
  END AS new_value,
  +row.day AS recorded_at
FROM (
  SELECT
    deal_id, stage_name, amount, close_date, owner_name, forecast_category, day,
--! if snapshot.forecast_category
    (stage IS NOT NULL) + holds - CASE WHEN lower(forecast_category) NOT IN ('closed', '') THEN 0 ELSE holds & 16 END AS shown,
--! else
    (stage IS NOT NULL) + holds AS shown,
--! end
--! if snapshot.stage_changed_at
    CASE WHEN substr(stage_changed_at, 1, 10) > previous AND substr(stage_changed_at, 1, 10) <= day THEN stage_changed_at
      ELSE coalesce(ended_at, at) END AS stage_at,
--! else
    coalesce(ended_at, at) AS stage_at,
--! end
--! if snapshot.changed_at
    CASE WHEN substr(changed_at, 1, 10) > previous AND substr(changed_at, 1, 10) <= day THEN changed_at ELSE coalesce(ended_at, at) END AS moved_at
--! else
    coalesce(ended_at, at) AS moved_at
--! end
  FROM {dated}
--! if any_removed
  WHERE deal_id NOT IN (SELECT deal_id FROM {removed})
--! end
  LIMIT -1
) AS row
CROSS JOIN (
  SELECT 1 AS bit, 'stage_state' AS name
--! if snapshot.amount
  UNION ALL SELECT 2, 'amount_state'
--! end
--! if snapshot.close_date
  UNION ALL SELECT 4, 'close_date_state'
--! end
--! if snapshot.owner
  UNION ALL SELECT 8, 'owner_state'
--! end
--! if snapshot.forecast_category
  UNION ALL SELECT 16, 'forecast_state'
--! end
) AS kind
WHERE row.shown & kind.bit
-- A last activity is the same in many snapshots: it counts in the first that has it. A `reply` is a touch and no outreach.
--! if snapshot.last_activity
UNION ALL
SELECT +deal_id, +last_activity, 'reply', NULL, NULL, +day
FROM {row}
WHERE substr(last_activity, 1, 10) <= day AND (previous IS NULL OR substr(last_activity, 1, 10) > previous)
--! if any_removed
  AND deal_id NOT IN (SELECT deal_id FROM {removed})
--! end
--! end

--! view if stages: pipeline_stage
SELECT {values stage} AS stage, rank FROM {stages} WHERE rank IS NOT NULL

--! policy if not snapshot.valid_to and not option exported_on: data_until
SELECT max(day) FROM {day}

--! problem if not snapshot.valid_to: partial snapshot, warning: it has less than half of the deals of both its neighbours and is set aside, else deals would vanish that are only missing in the file
SELECT count(*) AS rows, NULL AS amount, min(moment) AS example FROM {moment} WHERE is_partial

--! problem if not snapshot.valid_to: newest snapshot may be partial, warning: it has less than half of the deals of the one before, and is used: the others count as vanished
SELECT count(*) AS rows, NULL AS amount, min(moment) AS example FROM {moment} WHERE is_doubtful AND is_used

--! problem if not snapshot.valid_to: several snapshots of one day, info: the last one of the day counts
SELECT count(*) AS rows, NULL AS amount, min(moment) AS example FROM {moment} WHERE NOT is_last_of_day AND day IS NOT NULL

--! problem if not snapshot.valid_to: snapshot without a day, error: the rows are left out: their day cannot be read
SELECT total(deals) AS rows, NULL AS amount, min(moment) AS example FROM {moment} WHERE day IS NULL GROUP BY NULL HAVING total(deals) > 0

--! problem if not snapshot.valid_to: gap between snapshots, info: so many snapshots come more than 7 days after the one before; what happened meanwhile is known by its difference alone, on the later day
SELECT count(*) AS rows, NULL AS amount, max(printf('%d days before %s', julianday(day) - julianday(previous), day)) AS example
FROM {day}
WHERE julianday(day) - julianday(previous) > 7

--! problem outcome that cannot be told, warning: the words speak of an end and not of which, so these deals left the pipeline with an unknown outcome; the option values says what they mean
SELECT count(*) AS rows, total(CAST(amount AS REAL)) AS amount, min(coalesce(stage_name, status)) AS example FROM {deal} WHERE outcome = 'unknown' AND NOT is_removed

--! problem vanished deal, warning: the snapshots hold open deals alone, so the outcome is unknown: it left the pipeline in the first snapshot without it; export also what closed lately
SELECT count(*) AS rows, total(CAST(amount AS REAL)) AS amount, min(deal_id) AS example FROM {deal} WHERE is_vanished

--! problem removed deal, info: it vanished from snapshots that hold closed deals, so it was deleted, merged or hidden, and is left out
SELECT count(*) AS rows, total(CAST(amount AS REAL)) AS amount, min(deal_id) AS example FROM {deal} WHERE is_removed

--! problem if not snapshot.valid_to: deal that came back, info: it was missing in snapshots between, which is no closing
SELECT count(*) AS rows, NULL AS amount, min(deal_id) AS example
FROM (SELECT deal_id FROM {row} GROUP BY deal_id HAVING max(number) - min(number) + 1 > count(DISTINCT number))

--! problem if not snapshot.valid_to and snapshot.created_at: deal first seen long after its creation, info: it was missing before (a filter, a permission); what it was then is what it was when it was first seen
SELECT count(*) AS rows, NULL AS amount, min(deal_id) AS example
FROM (
  SELECT deal_id FROM {row} GROUP BY deal_id
  HAVING min(previous) IS NOT NULL AND min(substr(created_at, 1, 10)) <= min(previous) AND min(number) > 1
)

--! report if not snapshot.valid_to: snapshots
SELECT count(*) FROM {day}
--! report first_snapshot
--! if snapshot.valid_to
SELECT min(day) FROM {row}
--! else
SELECT min(day) FROM {day}
--! end
--! report last_snapshot
--! if snapshot.valid_to
SELECT max(day) FROM {row}
--! else
SELECT max(day) FROM {day}
--! end
--! report vanished_deals
SELECT vanished FROM {gone}
--! report removed_deals
SELECT removed FROM {gone}
