-- Pipedrive: its tables under the names of its API, version 1 and 2, as the loaders of Singer, Airbyte and dlt write them, or
-- Fivetran's with deal_history. The language of this file is described in README.md beside it.

--! outcome of deal from the column status of deals: open, won or lost

--! table deals = deal | deal_history required (deals)
--! columns id! id, stage_id! id, add_time!, status!, title, value raw, currency
--! columns owner_id = user_id | "user_id.id" | user_id__id, pipeline_id id
--! columns expected_close_date day, stage_change_time, close_time, won_time, lost_time, update_time
--! columns is_archived boolean, archive_time, is_deleted boolean = deleted
--! columns last_incoming_mail_time, last_outgoing_mail_time
--! key id
--! deleted when status = 'deleted'
--! off is_deleted: deleted deals cannot be told, but for those whose status is deleted
--! off is_archived: archived deals: Pipedrive's API leaves them out of deals, so those that were archived are missing unless /deals/archived was loaded too
--! off value: every amount: each deal counts as 0
--! off owner_id: owners of deals
--! off expected_close_date: overdue and parked deals, claimed coverage
--! off if deals: teams: Pipedrive's users have none here
--! off if not deals.last_incoming_mail_time or not deals.last_outgoing_mail_time: emails that were sent and received through Pipedrive, which are no activities: last_incoming_mail_time and last_outgoing_mail_time of deals have the last ones
--! off if deals.last_incoming_mail_time or deals.last_outgoing_mail_time: emails that were sent and received through Pipedrive, but for the last ones
--! table dealflow = deals_flow_deal_change | deal_flow | deals_flow | deal_changes (history)
--! columns item_id! raw_id = deal_id, field_key! raw = changed_field_key, new_value! raw, log_time! raw = time | change_time | timestamp
--! columns old_value raw, id raw, is_bulk_update_flag raw
--! key id
--! off if dealflow and not amount_change: earlier amounts: the log has no changes of value, so the amount of today counts in the past too
--! off if dealflow and not close_date_change: pushes and earlier close dates: the log has no changes of expected_close_date
--! off if dealflow and not owner_change: owner changes: the log has none, so a deal belongs to its owner of today in the past too
--! table deal_history
--! columns id! id, _fivetran_start! raw, stage_id raw, value raw, expected_close_date day, owner_id raw = user_id
--! keeps deleted
--! off if not dealflow and not deal_history: what deals were in the past: pushes, earlier amounts and owners, and all changes of stage but the last
--! table stages = stage (stages)
--! columns id! id, name!, order_nr, pipeline_id id, days_to_rotten = rotten_days
--! columns is_deal_rot_enabled boolean = rotten_flag
--! key id
--! keeps deleted
--! off names and ranks of stages: their ids stand in, and a stage change is forward when the deal has never been in the stage
--! table pipelines = pipeline (pipelines)
--! columns id! id, name!
--! key id
--! keeps deleted
--! off names of pipelines: their ids stand in
--! table users = user (users)
--! columns id! id, name!, email
--! key id
--! keeps deleted
--! off names of owners: their ids stand in
--! table activities = activity (activities)
--! columns deal_id! id, type! raw, done! boolean, due_date day, due_time, add_time, marked_as_done_time, id, subject raw, active_flag boolean
--! key id
--! deleted when active_flag = 0
--! off calls, emails and meetings: untouched and ghosted deals and the rules on meetings
--! off add_time: meetings agreed ahead as commitments
--! table activity_types = activity_type
--! columns key_string!, name!, id raw
--! key key_string
--! keeps deleted
--! table goals = goal (quotas)
--! columns duration_start day, duration_end day, duration, interval!, type, assignee, assignee_id id, assignee_type
--! columns expected_outcome, expected_target raw, expected_tracking_metric, is_active boolean, id raw
--! key id
--! off quotas: coverage, the chance to hit and openings needed
--! option meetings
--! option planned = ignore | count
--! option bulk_updates = ignore | count
--! off if activities and option planned = ignore: planned activities: a to-do is the seller's, it shows no act of the client; option planned 'count' takes meetings ahead as agreed

-- Owners are persons: where two have one name, the address tells them apart, else the id.
--! view seller
SELECT
  user.id AS user_id,
  CASE WHEN shared.name IS NULL THEN user.name ELSE user.name || ' (' || coalesce(user.email, user.id) || ')' END AS owner
FROM {users} AS user
LEFT JOIN (SELECT name FROM {users} GROUP BY name HAVING count(*) > 1) AS shared ON shared.name = user.name

-- What a stage is called in the relations.
--! view stage
SELECT
  stage.id AS stage_id,
  {values stage.name} AS stage,
  coalesce(pipeline.name, stage.pipeline_id) AS pipeline,
  CAST(stage.order_nr AS INTEGER) AS rank,
  CASE WHEN coalesce(stage.is_deal_rot_enabled, 1) AND CAST(stage.days_to_rotten AS INTEGER) > 0
    THEN CAST(stage.days_to_rotten AS INTEGER) END AS max_idle_days
FROM {stages} AS stage
LEFT JOIN {pipelines} AS pipeline ON pipeline.id = stage.pipeline_id

-- Version 1 of the API gives an owner as an object. An open deal that was archived has left the pipeline, neither won nor lost.
--! view deal
SELECT
  {columns of deals in deal},
  CASE WHEN typeof(owner_id) = 'integer' THEN CAST(owner_id AS TEXT)
    WHEN substr(owner_id, 1, 1) = char(123) AND json_valid(owner_id) THEN CAST(json_extract(owner_id, '$.id') AS TEXT)
    WHEN owner_id GLOB '*.0' THEN substr(owner_id, 1, length(owner_id) - 2) ELSE CAST(owner_id AS TEXT) END AS user_id,
  CASE WHEN is_archived AND lower(status) = 'open' THEN 'unknown'
    ELSE CASE {values status} WHEN 'open' THEN 'open' WHEN 'won' THEN 'won' WHEN 'lost' THEN 'lost' ELSE lower({values status}) END END AS outcome
FROM {deals} AS deal

-- A deal that was won or lost within a minute of its creation was inserted so: it closed on its expected close date where that lies
-- before, not on the day of the import.
--! view closing
SELECT
  id, title, user_id, pipeline_id, stage_id, value, currency, add_time, expected_close_date, outcome,
  CASE outcome WHEN 'won' THEN coalesce(won_time, close_time) WHEN 'lost' THEN coalesce(lost_time, close_time) END AS ended_at,
  CASE outcome WHEN 'unknown' THEN coalesce(archive_time, update_time) END AS archived_at
FROM {deal}

--! view pipeline_deal
SELECT
  id AS deal_id,
  title AS name,
  coalesce({lookup owner of seller by user_id, user_id}, user_id) AS owner,
  NULL AS team,
  coalesce({lookup name of pipelines by id, pipeline_id}, pipeline_id) AS pipeline,
  coalesce({lookup stage of stage by stage_id, stage_id}, stage_id) AS stage,
  value AS amount,
  currency,
  add_time AS created_at,
  expected_close_date AS close_date,
  coalesce({closed ended_at, add_time, expected_close_date}, archived_at) AS closed_at,
  outcome
FROM {closing}

--! view state
SELECT {columns of deal_history}
FROM {deal_history}
--! if deleted deals
WHERE id NOT IN (SELECT id FROM {deleted deals})
--! end

-- The log of Singer's loader has changes of stage alone: one look tells that there are no others.
--! once if dealflow: amount_change
SELECT 1 AS found FROM {dealflow} WHERE field_key = 'value' LIMIT 1
--! once if dealflow: other_change
SELECT 1 AS found
FROM {dealflow}
WHERE field_key <> 'stage_id' AND field_key <> 'value' AND (field_key = 'expected_close_date' OR field_key = 'user_id' OR field_key = 'owner_id')
LIMIT 1
--! once if other_change: close_date_change
SELECT 1 AS found FROM {dealflow} WHERE field_key = 'expected_close_date' LIMIT 1
--! once if other_change: owner_change
SELECT 1 AS found FROM {dealflow} WHERE field_key = 'user_id' OR field_key = 'owner_id' LIMIT 1

-- What the last moment is that the tables know: a meeting behind it is planned.
--! once if option planned = count or goals: known_until
SELECT max(moment) AS moment
FROM (SELECT max(update_time) AS moment FROM {deals} UNION ALL SELECT max(add_time) FROM {activities})

-- A type that the account made for itself says by its name what it is, or it is a task.
--! once activity_kind
WITH used AS (
  SELECT DISTINCT type FROM {activities}
),
named AS (
  SELECT used.type, lower(used.type || ' ' || coalesce(known.name, '')) AS words
  FROM used
  LEFT JOIN {activity_types} AS known ON known.key_string = used.type
)
SELECT
  type,
  CASE
    WHEN ',' || replace(lower(coalesce({option meetings}, 'meeting,lunch')), ' ', '') || ',' LIKE '%,' || lower(type) || ',%' THEN 'meeting'
    WHEN lower(type) IN ('call', 'email', 'task') THEN lower(type)
    WHEN lower(type) = 'deadline' THEN 'task'
    WHEN {option meetings} IS NULL AND (words LIKE '%meeting%' OR words LIKE '%demo%' OR words LIKE '%lunch%' OR words LIKE '%visit%'
      OR words LIKE '%termin%' OR words LIKE '%besuch%' OR words LIKE '%reuni%' OR words LIKE '%réunion%' OR words LIKE '%workshop%'
      OR words LIKE '%presentation%') THEN 'meeting'
    WHEN words LIKE '%call%' OR words LIKE '%anruf%' OR words LIKE '%telef%' OR words LIKE '%appel%' OR words LIKE '%llamada%'
      OR words LIKE '%liga%' THEN 'call'
    WHEN words LIKE '%mail%' THEN 'email'
    ELSE 'task'
  END AS kind,
  lower(type) NOT IN ('meeting', 'lunch', 'call', 'email', 'task', 'deadline') AS is_own
FROM named
WHERE type <> ''

-- An activity is one once it is done: on the day it was due, or before, when it was ticked before.
--! view activity
SELECT
  deal_id,
  CASE
--! if option planned = count
    WHEN done AND marked_as_done_time < due_date THEN marked_as_done_time
--! else
    WHEN marked_as_done_time < due_date THEN marked_as_done_time
--! end
    WHEN due_time GLOB '[0-9][0-9]:[0-9][0-9]*' THEN due_date || ' ' || due_time
    ELSE coalesce(due_date, marked_as_done_time, add_time)
  END AS at,
  CASE WHEN {cancelled subject} AND {lookup kind of activity_kind by type, type} = 'meeting' THEN 'note'
    ELSE {lookup kind of activity_kind by type, type} END AS kind,
  add_time AS recorded_at
FROM {activities}
WHERE deal_id IS NOT NULL AND {lookup kind of activity_kind by type, type} IS NOT NULL
--! if deleted deals
  AND deal_id NOT IN (SELECT id FROM {deleted deals})
--! end
--! if option planned = count
  AND (done OR {lookup kind of activity_kind by type, type} = 'meeting' AND due_date > (SELECT substr(moment, 1, 10) FROM {known_until}))
--! else
  AND done
--! end

-- A row of the log is a change. The first one of a deal, written with the deal itself, says what it was created with: it has no
-- old value, but values and close dates may be set later.
--! view pipeline_event
--! if dealflow
SELECT
  +item_id AS deal_id,
  +log_time AS at,
--! if dealflow.old_value
  CASE field_key WHEN 'stage_id' THEN CASE WHEN old_value <> '' THEN 'stage' ELSE 'stage_state' END
    WHEN 'value' THEN 'amount'
    WHEN 'expected_close_date' THEN 'close_date'
    ELSE CASE WHEN old_value <> '' THEN 'owner' ELSE 'owner_state' END END AS kind,
  CASE WHEN old_value <> '' THEN
    CASE field_key WHEN 'stage_id' THEN coalesce({lookup stage of stage by stage_id, old_value}, old_value)
      WHEN 'value' THEN old_value
      WHEN 'expected_close_date' THEN old_value
      ELSE coalesce({lookup owner of seller by user_id, old_value}, old_value) END END AS old_value,
--! else
  CASE WHEN abs(julianday(pipeline_date(log_time)) - julianday(pipeline_date({lookup add_time of deals by id, item_id}))) < 1.0 / 1440
    THEN CASE field_key WHEN 'stage_id' THEN 'stage_state' WHEN 'value' THEN 'amount_state' WHEN 'expected_close_date' THEN 'close_date_state' ELSE 'owner_state' END
    ELSE CASE field_key WHEN 'stage_id' THEN 'stage' WHEN 'value' THEN 'amount' WHEN 'expected_close_date' THEN 'close_date' ELSE 'owner' END
  END AS kind,
  NULL AS old_value,
--! end
  CASE WHEN new_value <> '' THEN
    CASE field_key WHEN 'stage_id' THEN coalesce({lookup stage of stage by stage_id, new_value}, new_value)
      WHEN 'value' THEN new_value
      WHEN 'expected_close_date' THEN new_value
      ELSE coalesce({lookup owner of seller by user_id, new_value}, new_value) END END AS new_value,
  NULL AS recorded_at
FROM {dealflow}
WHERE (field_key = 'stage_id' OR field_key = 'value' OR field_key = 'expected_close_date' OR field_key = 'user_id' OR field_key = 'owner_id')
--! if deleted deals
  AND CAST(item_id AS TEXT) NOT IN (SELECT id FROM {deleted deals})
--! end
--! if dealflow.is_bulk_update_flag and option bulk_updates = ignore
  AND (field_key <> 'stage_id' OR coalesce(is_bulk_update_flag, 0) NOT IN (1, '1', 'true', 'True', 't'))
--! end
UNION ALL
--! end
--! if not dealflow and deal_history
SELECT state.id AS deal_id, state._fivetran_start AS at, 'stage_state' AS kind, NULL AS old_value,
  coalesce({lookup stage of stage by stage_id, state.stage_id}, state.stage_id) AS new_value, NULL AS recorded_at
FROM {state} AS state
UNION ALL
SELECT id AS deal_id, _fivetran_start AS at, 'amount_state' AS kind, NULL AS old_value, value AS new_value, NULL AS recorded_at
FROM {state}
UNION ALL
SELECT id AS deal_id, _fivetran_start AS at, 'close_date_state' AS kind, NULL AS old_value, expected_close_date AS new_value,
  NULL AS recorded_at
FROM {state}
UNION ALL
SELECT state.id AS deal_id, state._fivetran_start AS at, 'owner_state' AS kind, NULL AS old_value,
  coalesce({lookup owner of seller by user_id, state.owner_id}, state.owner_id) AS new_value, NULL AS recorded_at
FROM {state} AS state
UNION ALL
--! end
--! if not dealflow and not deal_history
SELECT deal.id AS deal_id, deal.stage_change_time AS at, 'stage' AS kind, NULL AS old_value,
  coalesce({lookup stage of stage by stage_id, deal.stage_id}, deal.stage_id) AS new_value, NULL AS recorded_at
FROM {deal} AS deal
WHERE deal.stage_change_time IS NOT NULL
  AND julianday(pipeline_date(deal.stage_change_time)) - julianday(pipeline_date(deal.add_time)) > 1.0 / 1440
UNION ALL
--! end
SELECT +deal_id AS deal_id, +at AS at, +kind AS kind, NULL AS old_value, NULL AS new_value, +recorded_at AS recorded_at
FROM {activity}
--! if deals.last_incoming_mail_time
UNION ALL
SELECT +id, +last_incoming_mail_time, 'reply', NULL, NULL, NULL FROM {deals} WHERE last_incoming_mail_time IS NOT NULL
--! end
--! if deals.last_outgoing_mail_time
UNION ALL
SELECT +id, +last_outgoing_mail_time, 'email', NULL, NULL, NULL FROM {deals} WHERE last_outgoing_mail_time IS NOT NULL
--! end

-- A deal is won or lost in the stage that it has: no stage is a closed one.
--! view if stages: pipeline_stage
SELECT stage, rank, pipeline, max_idle_days, 0 AS closed
FROM {stage}
WHERE rank IS NOT NULL

-- One row a goal, over a period of goals: a quota each month, quarter or year of it, up to its end or a year from now on. Loaders
-- keep its parts as objects, or spread over columns of their own; what is no object is not looked into.
--! view if goals: goal
SELECT
  coalesce(duration_start, json_extract(duration_object, '$.start')) AS first_day,
  coalesce(duration_end, json_extract(duration_object, '$.end'),
    date(substr((SELECT moment FROM {known_until}), 1, 10), '+1 year')) AS last_day,
  lower(interval) AS interval,
  coalesce(expected_target, json_extract(outcome_object, '$.target')) AS amount,
  coalesce(expected_tracking_metric, json_extract(outcome_object, '$.tracking_metric')) AS metric,
  coalesce(assignee_id, CAST(json_extract(assignee_object, '$.id') AS TEXT)) AS assignee_id,
  lower(coalesce(assignee_type, json_extract(assignee_object, '$.type'))) AS assignee_type,
  coalesce(json_extract(type_object, '$.name'), type) AS goal_type
FROM (
  SELECT {columns of goals},
    CASE WHEN json_valid(duration) THEN duration END AS duration_object,
    CASE WHEN json_valid(expected_outcome) THEN expected_outcome END AS outcome_object,
    CASE WHEN json_valid(assignee) THEN assignee END AS assignee_object,
    CASE WHEN json_valid(type) THEN type END AS type_object
  FROM {goals}
)
WHERE coalesce(is_active, 1)

-- A modifier of date() that is a cell might be 'now': then every question would read everything again.
--! view if goals: goal_period
WITH RECURSIVE step(interval, days, months) AS (
  VALUES ('weekly', 7, 0), ('monthly', 0, 1), ('quarterly', 0, 3), ('yearly', 0, 12)
),
period AS (
  SELECT goal.amount, goal.assignee_id, goal.assignee_type, goal.last_day, step.days, step.months, goal.first_day AS period_start
  FROM {goal} AS goal
  JOIN step ON step.interval = goal.interval
  WHERE goal.goal_type = 'deals_won' AND goal.metric = 'sum' AND goal.first_day IS NOT NULL
  UNION ALL
  SELECT amount, assignee_id, assignee_type, last_day, days, months, date(period_start, days || ' days', months || ' months')
  FROM period
  WHERE date(period_start, days || ' days', months || ' months') <= last_day
)
SELECT amount, assignee_id, assignee_type, period_start, date(period_start, days || ' days', months || ' months', '-1 day') AS period_end
FROM period

--! view if goals: pipeline_quota
SELECT
  period.period_start,
  period.period_end,
  period.amount,
  CASE period.assignee_type WHEN 'person' THEN coalesce(seller.owner, period.assignee_id) END AS owner,
  CASE period.assignee_type WHEN 'team' THEN period.assignee_id END AS team
FROM {goal_period} AS period
LEFT JOIN {seller} AS seller ON seller.user_id = period.assignee_id

--! problem if activities: activity type guessed by its name, info: the account made these types itself; the option meetings lists the types that are meetings
SELECT count(*) AS rows, NULL AS amount, group_concat(type || ': ' || kind, ', ') AS example
FROM {activity_kind}
WHERE is_own

--! problem if dealflow.is_bulk_update_flag: bulk update of stages, warning: a bulk edit is no progress, so these rows are left out, and such deals are shown in the stage before; option bulk_updates 'count' takes them
SELECT count(*) AS rows, NULL AS amount, min(item_id) AS example
FROM {dealflow}
WHERE field_key = 'stage_id' AND is_bulk_update_flag IN (1, '1', 'true', 'True', 't')
--! if option bulk_updates = count
  AND 0
--! end

--! problem deal inserted already closed, info: it was won or lost within a minute of its creation, so it closed on its expected close date, not on the day on which it was entered
SELECT count(*) AS rows, total(CAST(value AS REAL)) AS amount, min(id) AS example FROM {closing} WHERE {inserted ended_at, add_time, expected_close_date} IS NOT NULL

--! problem if activities: activity of no deal, warning: these hang on a person or an organization alone, so no deal was touched by them; link them to the deal in Pipedrive
SELECT count(*) AS rows, NULL AS amount, min(coalesce(id, nullif(subject, ''), nullif(type, ''))) AS example FROM {activities} WHERE deal_id IS NULL AND done

--! problem archived open deal, warning: it left the pipeline when it was archived, neither won nor lost
SELECT count(*) AS rows, total(CAST(value AS REAL)) AS amount, min(id) AS example
FROM {deal}
WHERE outcome = 'unknown'

--! problem if goals: goal that is no quota, info: goals count that are of type deals_won and in money
SELECT count(*) AS rows, NULL AS amount, min(goal_type) AS example
FROM {goal}
WHERE goal_type <> 'deals_won' OR metric <> 'sum'

--! report if activities: activities_of_no_deal
SELECT count(*) FROM {activities} WHERE deal_id IS NULL AND done
--! report activity_types
SELECT group_concat(type || ': ' || kind, ', ') FROM (SELECT type, kind FROM {activity_kind} ORDER BY type)
--! report currencies
SELECT {list currency} FROM {deals}
