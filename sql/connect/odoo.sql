-- Odoo: tables of its PostgreSQL database, version 14 and later, copied under their own names. The language of this file is described
-- in README.md beside it. All moments are UTC without a mark.

--! outcome from the columns stage_id and active of crm_lead, and is_won of crm_stage

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
--! columns id! id, model! raw, res_id! id, date! raw, message_type raw, author_id id, subtype_id id
--! key id
--! off emails and replies, and what deals were in the past
--! table mail_message_subtype = "mail.message.subtype"
--! columns id! id, name!
--! key id
--! keeps deleted
--! table mail_tracking_value = "mail.tracking.value"
--! columns mail_message_id! id, id id, field_id id, field raw, old_value_integer raw, new_value_integer raw
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
  CASE WHEN CAST(rotting_threshold_days AS INTEGER) > 0 THEN CAST(rotting_threshold_days AS INTEGER) END AS max_idle_days
FROM (
  SELECT {columns of crm_stage},
    CASE WHEN name GLOB '*"*:*"*' AND json_valid(name) THEN
      coalesce(json_extract(name, '$.' || coalesce({option language}, 'en_US')), (SELECT value FROM json_each(name) LIMIT 1)) ELSE name END
      AS name_in_language
  FROM {crm_stage}
)

--! view team
SELECT id AS team_id,
  CASE WHEN name GLOB '*"*:*"*' AND json_valid(name) THEN
    coalesce(json_extract(name, '$.' || coalesce({option language}, 'en_US')), (SELECT value FROM json_each(name) LIMIT 1)) ELSE name END AS team
FROM {crm_team}

-- Owners are persons: where two have one name, the login tells them apart, else the id.
--! view seller
WITH person AS (
  SELECT user.id AS user_id, coalesce(partner.name, user.login, user.id) AS name, user.login
  FROM {res_users} AS user
  LEFT JOIN {res_partner} AS partner ON partner.id = user.partner_id
)
SELECT user_id,
  CASE WHEN (SELECT count(*) FROM person AS other WHERE other.name = person.name) > 1
    THEN name || ' (' || coalesce(login, user_id) || ')' ELSE name END AS owner
FROM person

-- Leads are none yet. A lost opportunity is archived; one that is archived in a stage of wins was won all the same.
--! view deal
SELECT
  {columns of crm_lead in lead},
  CASE WHEN stage.is_won THEN 'won' WHEN lead.active = 0 THEN 'lost' ELSE 'open' END AS outcome
FROM {crm_lead} AS lead
LEFT JOIN {stage} AS stage ON stage.stage_id = lead.stage_id
WHERE coalesce(lead.type, 'opportunity') = 'opportunity'

-- Tracked changes, by the name of the field. Before version 17 the column `field` had it, or the id of it.
--! view change
SELECT
  message.res_id AS deal_id,
  message.date AS at,
--! if ir_model_fields
  coalesce(field.name, tracked.field) AS field,
--! else
  tracked.field AS field,
--! end
  tracked.old_value_integer, tracked.new_value_integer, tracked.old_value_char, tracked.new_value_char,
  tracked.old_value_float, tracked.new_value_float
FROM {mail_tracking_value} AS tracked
JOIN {mail_message} AS message ON message.id = tracked.mail_message_id AND message.model = 'crm.lead'
--! if ir_model_fields
LEFT JOIN {ir_model_fields} AS field ON field.id = coalesce(tracked.field_id, tracked.field)
--! end

-- The outcomes that a deal had: by its stages, and by whether it was archived.
--! view stage_version
SELECT deal_id, at, 'old' AS tie, CASE WHEN CAST({lookup is_won of stage by stage_id, CAST(old_value_integer AS TEXT)} AS INTEGER) THEN 'won' ELSE 'open' END AS outcome
FROM {change}
WHERE field = 'stage_id'
UNION ALL
SELECT deal_id, at, 'then new', CASE WHEN CAST({lookup is_won of stage by stage_id, CAST(new_value_integer AS TEXT)} AS INTEGER) THEN 'won' ELSE 'open' END
FROM {change}
WHERE field = 'stage_id'

--! view archive_version
SELECT deal_id, at, 'old' AS tie, CASE WHEN CAST(old_value_integer AS INTEGER) = 0 THEN 'lost' ELSE 'open' END AS outcome
FROM {change}
WHERE field = 'active'
UNION ALL
SELECT deal_id, at, 'then new', CASE WHEN coalesce(CAST(new_value_integer AS INTEGER), 0) = 0 THEN 'lost' ELSE 'open' END
FROM {change}
WHERE field = 'active'

-- A deal closed when it came to the outcome that it has. One that was won or lost within a minute of its creation was inserted so: it
-- closed on its deadline where that lies before, not on the day of the import.
--! view closing
SELECT
  id,
  expected_revenue,
  CASE WHEN substr(date_deadline, 1, 10) < substr(ended_at, 1, 10) AND julianday(ended_at) - julianday(create_date) < 1.0 / 1440
    THEN date_deadline END AS inserted_at,
  ended_at
FROM (
  SELECT
    id, create_date, date_deadline, expected_revenue,
    coalesce(
      CASE outcome WHEN 'won' THEN {closing of stage_version, id, 'won'} ELSE {closing of archive_version, id, 'lost'} END,
      date_closed, date_last_stage_update, write_date
    ) AS ended_at
  FROM {deal}
  WHERE outcome <> 'open'
)

--! view pipeline_deal
SELECT
  deal.id AS deal_id,
  deal.name AS name,
  coalesce(seller.owner, deal.user_id) AS owner,
  coalesce(team.team, deal.team_id) AS team,
  NULL AS pipeline,
  coalesce(stage.stage, deal.stage_id) AS stage,
  deal.expected_revenue AS amount,
  currency.name AS currency,
  deal.create_date AS created_at,
  deal.date_deadline AS close_date,
  coalesce(closing.inserted_at, closing.ended_at) AS closed_at,
  deal.outcome AS outcome
FROM {deal} AS deal
LEFT JOIN {closing} AS closing ON closing.id = deal.id
LEFT JOIN {seller} AS seller ON seller.user_id = deal.user_id
LEFT JOIN {team} AS team ON team.team_id = deal.team_id
LEFT JOIN {stage} AS stage ON stage.stage_id = deal.stage_id
LEFT JOIN {res_currency} AS currency ON currency.id = deal.company_currency

-- Mail that a user wrote goes out, any other comes in. A meeting is in the calendar; whether it was held, nobody records.
--! view activity
SELECT
  message.res_id AS deal_id,
  message.date AS at,
  CASE WHEN message.author_id IN (SELECT partner_id FROM {res_users} WHERE partner_id IS NOT NULL) THEN 'email' ELSE 'reply' END AS kind,
  NULL AS recorded_at
FROM {mail_message} AS message
WHERE message.model = 'crm.lead' AND message.message_type IN ('email', 'email_outgoing', 'comment')
--! if mail_message_subtype
  AND coalesce(message.subtype_id, '') NOT IN (SELECT id FROM {mail_message_subtype} WHERE name LIKE '%note%')
--! end
UNION ALL
SELECT
  opportunity_id,
  CASE WHEN allday THEN substr(start, 1, 10) ELSE start END,
  CASE WHEN {cancelled name} THEN 'note' ELSE 'meeting' END,
  create_date
FROM {calendar_event}
WHERE opportunity_id IS NOT NULL

--! view pipeline_event
SELECT
  change.deal_id,
  change.at,
  CASE change.field WHEN 'stage_id' THEN 'stage' WHEN 'user_id' THEN 'owner' ELSE 'amount' END AS kind,
  CASE change.field WHEN 'stage_id' THEN coalesce(old_stage.stage, change.old_value_char)
    WHEN 'user_id' THEN coalesce(old_seller.owner, change.old_value_char) ELSE change.old_value_float END AS old_value,
  CASE change.field WHEN 'stage_id' THEN coalesce(new_stage.stage, change.new_value_char)
    WHEN 'user_id' THEN coalesce(new_seller.owner, change.new_value_char) ELSE change.new_value_float END AS new_value,
  NULL AS recorded_at
FROM {change} AS change
LEFT JOIN {stage} AS old_stage ON change.field = 'stage_id' AND old_stage.stage_id = CAST(change.old_value_integer AS TEXT)
LEFT JOIN {stage} AS new_stage ON change.field = 'stage_id' AND new_stage.stage_id = CAST(change.new_value_integer AS TEXT)
LEFT JOIN {seller} AS old_seller ON change.field = 'user_id' AND old_seller.user_id = CAST(change.old_value_integer AS TEXT)
LEFT JOIN {seller} AS new_seller ON change.field = 'user_id' AND new_seller.user_id = CAST(change.new_value_integer AS TEXT)
WHERE change.field IN ('stage_id', 'user_id', 'expected_revenue', 'planned_revenue')
  AND change.deal_id IN (SELECT id FROM {deal})
UNION ALL
--! if not mail_tracking_value and crm_lead.date_last_stage_update
SELECT deal.id, deal.date_last_stage_update, 'stage', NULL, coalesce(stage.stage, deal.stage_id), NULL
FROM {deal} AS deal
LEFT JOIN {stage} AS stage ON stage.stage_id = deal.stage_id
WHERE julianday(deal.date_last_stage_update) - julianday(deal.create_date) > 1.0 / 1440
UNION ALL
--! end
SELECT deal_id, at, kind, NULL, NULL, recorded_at
FROM {activity}
WHERE deal_id IN (SELECT id FROM {deal})

--! view if crm_stage: pipeline_stage
SELECT stage, rank, NULL AS pipeline, max_idle_days, is_won AS closed FROM {stage}

--! problem lead that is no opportunity yet, info: leads are not part of the pipeline and are left out
SELECT count(*) AS rows, NULL AS amount, min(id) AS example FROM {crm_lead} WHERE type <> 'opportunity'

--! problem deal inserted already closed, info: it was won or lost within a minute of its creation, so it closed on its deadline, not on the day on which it was entered
SELECT count(*) AS rows, total(CAST(expected_revenue AS REAL)) AS amount, min(id) AS example FROM {closing} WHERE inserted_at IS NOT NULL

--! problem if calendar_event: activity of no deal, warning: these meetings hang on no opportunity, so no deal was touched by them; link them to it in Odoo
SELECT count(*) AS rows, NULL AS amount, min(coalesce(id, name, start)) AS example FROM {calendar_event} WHERE opportunity_id IS NULL

--! problem archived in a won stage, info: such an opportunity counts as won, although it is archived
SELECT count(*) AS rows, total(CAST(expected_revenue AS REAL)) AS amount, min(id) AS example FROM {deal} WHERE outcome = 'won' AND active = 0

--! report leads
SELECT count(*) FROM {crm_lead} WHERE type <> 'opportunity'
