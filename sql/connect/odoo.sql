-- Odoo: tables of its PostgreSQL database, version 14 and later, copied under their own names. The language of this file is described
-- in README.md beside it. All moments are UTC without a mark.

--! outcome of deal from the columns stage_id and active of crm_lead, and is_won of crm_stage

--! table crm_lead = "crm.lead" required (deals)
--! columns id! id, stage_id! id, create_date!, name, type, active boolean, probability raw, user_id id, team_id id
--! columns expected_revenue raw = planned_revenue, date_deadline day, date_closed, date_last_stage_update, company_currency id, write_date
--! columns lost_reason_id id = lost_reason, won_status
--! key id
--! off active: lost opportunities: Odoo archives them, and without the column they count as open
--! off expected_revenue: every amount: each deal counts as 0
--! off date_deadline: overdue and parked deals, claimed coverage
--! off if crm_lead: pushes and earlier close dates: Odoo does not track date_deadline, so the close date of today counts in the past too
--! table crm_stage = "crm.stage"
--! columns id! id, name!, sequence!, is_won boolean, rotting_threshold_days
--! key id
--! keeps deleted
--! off won opportunities, names and ranks of stages
--! table crm_team = "crm.team"
--! columns id! id, name!
--! key id
--! keeps deleted
--! off names of teams: their ids stand in
--! table res_users = "res.users"
--! columns id! id, partner_id id, login
--! key id
--! keeps deleted
--! off names of owners: their ids stand in
--! table res_partner = "res.partner"
--! columns id! id, name!
--! key id
--! keeps deleted
--! table res_currency = "res.currency"
--! columns id! id, name!
--! key id
--! keeps deleted
--! table mail_message = "mail.message"
--! columns id! raw_id, model! raw, res_id! raw_id, date! raw, message_type raw, author_id raw_id, subtype_id id, mail_activity_type_id id
--! key id
--! off emails and replies, and what deals were in the past
--! table mail_message_subtype = "mail.message.subtype"
--! columns id! id, name!
--! key id
--! keeps deleted
--! table mail_activity_type = "mail.activity.type"
--! columns id! id, name!, category
--! key id
--! keeps deleted
--! off if mail_message and not mail_activity_type: calls and emails that were planned and marked as done: mail_activity_type says what these were
--! off if mail_message and not mail_message.mail_activity_type_id: calls and emails that were planned and marked as done: mail_activity_type_id of mail_message tells them
--! table mail_tracking_value = "mail.tracking.value"
--! columns mail_message_id! raw_id, id id, field_id id, field raw, old_value_integer raw, new_value_integer raw
--! columns old_value_char raw, new_value_char raw, old_value_float raw = old_value_monetary, new_value_float raw = new_value_monetary
--! key id
--! off what deals were in the past: earlier amounts and owners, and all changes of stage but the last
--! table ir_model_fields = "ir.model.fields"
--! columns id! id, name!, model
--! key id
--! keeps deleted
--! off if mail_tracking_value.field_id and not mail_tracking_value.field and not ir_model_fields: which field a tracked value is of: ir_model_fields names them
--! table calendar_event = "calendar.event"
--! columns opportunity_id! id, start!, id id, name, active boolean, create_date, allday boolean
--! key id
--! deleted when active = 0
--! off meetings: the rules on meetings
--! off create_date: meetings agreed ahead as commitments
--! option language

-- A name that is translated is an object: the language that was asked for, else the first one.
--! view stage
SELECT
  id AS stage_id,
  {values name_in_language} AS stage,
  CAST(sequence AS INTEGER) AS rank,
  coalesce(is_won, 0) AS is_won,
  CASE WHEN is_won THEN 'won' END AS won,
  CASE WHEN CAST(rotting_threshold_days AS INTEGER) > 0 THEN CAST(rotting_threshold_days AS INTEGER) END AS max_idle_days
FROM (
  SELECT {columns of crm_stage},
--! include name_in_language
  FROM {crm_stage}
)

--! view team
SELECT id AS team_id,
--! include name_in_language
FROM {crm_team}

-- Owners are persons: where two have one name, the login tells them apart, else the id.
--! view seller
WITH person AS (
  SELECT id AS user_id, coalesce({lookup name of res_partner by id, partner_id}, login, id) AS name, login
  FROM {res_users}
)
SELECT user_id,
  CASE WHEN name IN (SELECT name FROM person GROUP BY name HAVING count(*) > 1) THEN name || ' (' || coalesce(login, user_id) || ')' ELSE name END AS owner
FROM person

-- Leads are none yet. A lost opportunity is archived; one that is archived in a stage of wins was won all the same.
--! view deal
SELECT
  {columns of crm_lead in lead},
  CASE WHEN {lookup won of stage by stage_id, lead.stage_id} IS NOT NULL THEN 'won' WHEN lead.active = 0 THEN 'lost' ELSE 'open' END AS outcome
FROM {crm_lead} AS lead
WHERE coalesce(lead.type, 'opportunity') = 'opportunity'

--! view lead_message
SELECT id, res_id, date FROM {mail_message} WHERE model = 'crm.lead'

-- Tracked changes, by the name of the field. Before version 17 the column `field` had it, or the id of it. The deal and the moment of
-- a change are those of its message.
--! view change
SELECT
  tracked.mail_message_id,
--! if ir_model_fields
  coalesce({lookup name of ir_model_fields by id, coalesce(tracked.field_id, tracked.field)}, tracked.field) AS field,
--! else
  tracked.field AS field,
--! end
  tracked.old_value_integer, tracked.new_value_integer, tracked.old_value_char, tracked.new_value_char,
  tracked.old_value_float, tracked.new_value_float
FROM {mail_tracking_value} AS tracked
--! if ir_model_fields
LIMIT -1
--! end

-- The outcomes that a deal had: by its stages, and by whether it was archived. A change says what was before and what is since.
--! view stage_version
SELECT {second of message} AS deal_id, {first of message} AS at, 'new' AS tie,
  {lookup won of stage by stage_id, new_value_integer} AS outcome,
  {lookup won of stage by stage_id, old_value_integer} AS before
FROM (
  SELECT {find date and res_id of lead_message by id, mail_message_id} AS message, old_value_integer, new_value_integer
  FROM {change}
  WHERE field = 'stage_id'
  LIMIT -1
)

--! view archive_version
SELECT {second of message} AS deal_id, {first of message} AS at, 'new' AS tie,
  CASE WHEN coalesce(CAST(new_value_integer AS INTEGER), 0) = 0 THEN 'lost' END AS outcome,
  CASE WHEN CAST(old_value_integer AS INTEGER) = 0 THEN 'lost' END AS before
FROM (
  SELECT {find date and res_id of lead_message by id, mail_message_id} AS message, old_value_integer, new_value_integer
  FROM {change}
  WHERE field = 'active'
  LIMIT -1
)

-- A deal closed when it came to the outcome that it has. One that was won or lost within a minute of its creation was inserted so: it
-- closed on its deadline where that lies before, not on the day of the import.
--! view closing
SELECT
  id, name, user_id, team_id, stage_id, expected_revenue, company_currency, create_date, date_deadline, outcome,
  CASE outcome
    WHEN 'won' THEN coalesce({closing of stage_version with before, id, 'won'}, date_closed, date_last_stage_update, write_date)
    WHEN 'lost' THEN coalesce({closing of archive_version with before, id, 'lost'}, date_closed, date_last_stage_update, write_date)
  END AS ended_at
FROM {deal}

--! view pipeline_deal
SELECT
  id AS deal_id,
  name,
  coalesce({lookup owner of seller by user_id, user_id}, user_id) AS owner,
  coalesce({lookup name_in_language of team by team_id, team_id}, team_id) AS team,
  NULL AS pipeline,
  coalesce({lookup stage of stage by stage_id, stage_id}, stage_id) AS stage,
  expected_revenue AS amount,
  {lookup name of res_currency by id, company_currency} AS currency,
  create_date AS created_at,
  date_deadline AS close_date,
  {closed ended_at, create_date, date_deadline} AS closed_at,
  outcome
FROM {closing}

--! view deal_message
SELECT id, res_id, date FROM {lead_message} WHERE {lookup id of deal by id, res_id} IS NOT NULL

-- The LIMIT looks a message up once: SQLite would do so again where its deal is asked for.
--! view deal_change
SELECT
  message,
  {second of message} AS deal_id,
  {first of message} AS at,
  CASE kind WHEN 1 THEN 'stage' WHEN 2 THEN 'owner' ELSE 'amount' END AS kind,
  CASE kind WHEN 1 THEN coalesce({lookup stage of stage by stage_id, old_value_integer}, old_value_char)
    WHEN 2 THEN coalesce({lookup owner of seller by user_id, old_value_integer}, old_value_char) ELSE old_value_float END AS old_value,
  CASE kind WHEN 1 THEN coalesce({lookup stage of stage by stage_id, new_value_integer}, new_value_char)
    WHEN 2 THEN coalesce({lookup owner of seller by user_id, new_value_integer}, new_value_char) ELSE new_value_float END AS new_value
FROM (
  SELECT
    CASE field WHEN 'stage_id' THEN 1 WHEN 'user_id' THEN 2 ELSE 3 END AS kind,
    {find date and res_id of deal_message by id, mail_message_id} AS message,
    old_value_integer, new_value_integer, old_value_char, new_value_char, old_value_float, new_value_float
  FROM {change}
  WHERE field = 'stage_id' OR field = 'expected_revenue' OR field = 'planned_revenue' OR field = 'user_id'
  LIMIT -1
)

-- What a user planned and marked as done leaves a message with its type. A meeting is in the calendar, and there no second time.
--! view if mail_activity_type: activity_kind
SELECT id AS type_id,
--! if calendar_event
  CASE WHEN category = 'meeting' OR {channel name, category} = 'meeting' THEN 'task' WHEN category = 'phonecall' THEN 'call' ELSE {channel name, category} END AS kind
--! else
  CASE WHEN category = 'meeting' THEN 'meeting' WHEN category = 'phonecall' THEN 'call' ELSE {channel name, category} END AS kind
--! end
FROM {mail_activity_type}

-- Mail and messages that a user wrote go out, any other comes in. A meeting is in the calendar; whether it was held, nobody records.
--! view pipeline_event
SELECT +deal_id AS deal_id, +at AS at, +kind AS kind, +old_value AS old_value, +new_value AS new_value, NULL AS recorded_at
FROM {deal_change}
WHERE message IS NOT NULL
--! if not mail_tracking_value and crm_lead.date_last_stage_update
UNION ALL
SELECT +id, +date_last_stage_update, 'stage', NULL, coalesce({lookup stage of stage by stage_id, stage_id}, stage_id), NULL
FROM {deal}
WHERE julianday(date_last_stage_update) - julianday(create_date) > 1.0 / 1440
--! end
UNION ALL
SELECT
  +CAST(res_id AS TEXT), +date,
  CASE WHEN {lookup id of res_users by partner_id, author_id} IS NULL THEN 'reply' ELSE 'email' END,
  NULL, NULL, NULL
FROM {mail_message}
WHERE message_type <> 'notification'
  AND (message_type = 'email' OR message_type = 'comment' OR message_type = 'email_outgoing' OR message_type = 'sms' OR message_type = 'whatsapp_message')
  AND model = 'crm.lead' AND mail_activity_type_id IS NULL
  AND {lookup id of deal by id, res_id} IS NOT NULL
--! if mail_message_subtype
  AND coalesce(subtype_id, '') NOT IN (SELECT id FROM {mail_message_subtype} WHERE name LIKE '%note%')
--! end
--! if mail_activity_type
UNION ALL
SELECT +CAST(res_id AS TEXT), +date, coalesce({lookup kind of activity_kind by type_id, mail_activity_type_id}, 'task'), NULL, NULL, NULL
FROM {mail_message}
WHERE mail_activity_type_id IS NOT NULL AND model = 'crm.lead' AND {lookup id of deal by id, res_id} IS NOT NULL
--! end
UNION ALL
SELECT
  +opportunity_id,
  CASE WHEN allday THEN substr(start, 1, 10) ELSE start END,
  CASE WHEN {cancelled name} THEN 'note' ELSE 'meeting' END,
  NULL, NULL, +create_date
FROM {calendar_event}
WHERE {lookup id of deal by id, opportunity_id} IS NOT NULL

--! view if crm_stage: pipeline_stage
SELECT stage, rank, NULL AS pipeline, max_idle_days, is_won AS closed FROM {stage}

--! problem lead that is no opportunity yet, info: leads are not part of the pipeline and are left out
SELECT count(*) AS rows, NULL AS amount, min(id) AS example FROM {crm_lead} WHERE type <> 'opportunity'

--! problem deal inserted already closed, info: it was won or lost within a minute of its creation, so it closed on its deadline, not on the day on which it was entered
SELECT count(*) AS rows, total(CAST(expected_revenue AS REAL)) AS amount, min(id) AS example FROM {closing} WHERE {inserted ended_at, create_date, date_deadline} IS NOT NULL

--! problem if calendar_event: activity of no deal, warning: these meetings hang on no opportunity, so no deal was touched by them; link them to it in Odoo
SELECT count(*) AS rows, NULL AS amount, min(coalesce(id, name, start)) AS example FROM {calendar_event} WHERE opportunity_id IS NULL

--! problem archived in a won stage, info: such an opportunity counts as won, although it is archived
SELECT count(*) AS rows, total(CAST(expected_revenue AS REAL)) AS amount, min(id) AS example FROM {deal} WHERE outcome = 'won' AND active = 0

--! report leads
SELECT count(*) FROM {crm_lead} WHERE type <> 'opportunity'
