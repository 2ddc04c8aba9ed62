-- HubSpot: its tables, as data pipelines lay them out in a warehouse, become the relations of pipeline_health. The
-- language of this file is described in README.md beside it.
--
-- Pipelines put property_ before HubSpot's names, older ones have names of their own, and some keep both, the old ones without
-- new values: so the preferred name goes first. Ids are numbers in some tables and texts in others (every value of a
-- history is a text), so they are compared as texts. A row of a history is a plain row of a kind `…_state`: what changed between
-- rows is the extension's to find.

--! outcome of known_deal from hs_is_closed and hs_is_closed_won of deal, or from deal_pipeline_stage

--! table deal required (deals)
--! columns deal_id! id, deal_pipeline_stage_id! id = dealstage | property_dealstage
--! columns property_createdate! = createdate | property_hs_createdate, archived boolean, is_deleted boolean
--! columns property_dealname = dealname, owner_id id = hubspot_owner_id | property_hubspot_owner_id
--! columns deal_pipeline_id id = pipeline | property_pipeline, property_amount raw = amount, property_closedate = closedate
--! columns property_hs_is_closed boolean = hs_is_closed, property_hs_is_closed_won boolean = hs_is_closed_won
--! columns property_deal_currency_code = deal_currency_code
--! columns property_hs_manual_forecast_category = hs_manual_forecast_category
--! key deal_id
--! deleted when archived
--! off owner_id: owners and teams of deals
--! off deal_pipeline_id: pipelines, but for what deal_pipeline_stage says of the stage
--! off property_amount: every amount: each deal counts as 0
--! off property_closedate: overdue and parked deals, claimed coverage, the closing day of a deal without a history of stages
--! off property_hs_is_closed: outcomes, but for what deal_pipeline_stage says of the stage
--! off property_hs_is_closed_won: whether a closed deal was won or lost, where deal_pipeline_stage does not say it
--! table merged_deal (merged_deals)
--! columns merged_deal_id! id, deal_id id
--! key merged_deal_id, deal_id | merged_deal_id if deleted
--! off merged deals cannot be told: where the export has them, they count beside the deal that they became
--! table deal_property_history (history)
--! columns deal_id! raw_id, name! raw, value! raw, timestamp! raw = timestamp_instant | _fivetran_start, _fivetran_deleted boolean
--! key deal_id, name, timestamp if deleted
--! keeps deleted
--! off what deals were in the past: stage changes but for those of deal_stage, pushes, earlier amounts, earlier owners
--! table deal_stage (stage_history)
--! columns deal_id! id, value! id = stage_id, date_entered! raw = _fivetran_start, _fivetran_deleted boolean
--! key deal_id, value, date_entered if deleted
--! keeps deleted
--! off stage changes of deals whose dealstage is not in deal_property_history
--! table deal_pipeline_stage (stages)
--! columns stage_id! id, _fivetran_deleted boolean, active boolean, pipeline_id id, label, display_order
--! columns is_closed boolean, closed_won boolean, probability
--! keeps deleted
--! off names of stages (their ids stand in), their ranks, and what they say of outcomes
--! off label: names of stages: their ids stand in
--! off display_order: ranks of stages: a stage change is forward when the deal has never been in the stage
--! off probability: outcomes of deals and stages without flags of their own
--! table deal_pipeline (pipelines)
--! columns pipeline_id! id, label!
--! key pipeline_id
--! keeps deleted
--! off names of pipelines: their ids stand in
--! table owner (owners)
--! columns owner_id! id = id, first_name, last_name, email
--! key owner_id
--! keeps deleted
--! off names of owners: their ids stand in
--! table team (teams)
--! columns id! id = team_id, name!
--! key id
--! keeps deleted
--! off teams: without their names there are none
--! table owner_team (members)
--! columns owner_id! id, team_id! id, is_team_primary boolean = primary
--! key owner_id, team_id
--! off teams: who is in which
--! table engagement_deal (engagement_deals)
--! columns deal_id! raw_id, engagement_id! raw_id, type_id raw = association_type_id | type
--! key deal_id, engagement_id, type_id | deal_id, engagement_id if deleted
--! off every activity: meetings, calls, emails, replies, notes and tasks; the rules on meetings
--! table engagement_communication
--! columns engagement_id! raw_id, property_hs_timestamp!, property_hs_createdate
--! key engagement_id
--! table engagement
--! columns id! raw_id = engagement_id, type = engagement_type, timestamp = property_hs_timestamp
--! columns created_at = property_hs_createdate, active boolean
--! key id
--! table engagement_meeting
--! columns engagement_id! raw_id, property_hs_meeting_start_time = start_time, property_hs_timestamp, property_hs_createdate
--! columns property_hs_meeting_outcome raw = meeting_outcome, property_hs_meeting_title raw = title
--! key engagement_id
--! off meetings, but for those that engagement has with a time: these count as held, on their day on the timeline
--! off property_hs_meeting_outcome: outcomes of meetings: cancelled ones count as held
--! table engagement_call
--! columns engagement_id! raw_id, property_hs_timestamp, property_hs_createdate, property_hs_call_direction raw = direction
--! columns property_hs_call_status raw = status
--! key engagement_id
--! off calls, but for those that engagement has with a time: these count as the seller's
--! off property_hs_call_direction: calls of the client as replies: each call counts as the seller's
--! table engagement_email
--! columns engagement_id! raw_id, type, property_hs_timestamp, property_hs_createdate, property_hs_email_direction raw
--! columns property_hs_email_status raw = status
--! key engagement_id
--! off emails and replies, but for those that engagement has with a time: these count as sent
--! table engagement_note
--! columns engagement_id! raw_id, property_hs_timestamp, property_hs_createdate
--! key engagement_id
--! table engagement_task
--! columns engagement_id! raw_id, property_hs_task_status! raw = status, property_hs_task_completion_date = completion_date
--! columns property_hs_timestamp, property_hs_createdate
--! key engagement_id
--! off tasks
--! option activities_of = deal | account | contact
--! off if engagement and option activities_of = deal: activities on companies and contacts that hang on no deal; option activities_of 'account' or 'contact' gives them to the only deal that was open on their day
--! table engagement_contact
--! columns engagement_id! id, contact_id! id
--! key engagement_id, contact_id if deleted
--! table engagement_company
--! columns engagement_id! id, company_id! id
--! key engagement_id, company_id if deleted
--! table deal_contact
--! columns deal_id! id, contact_id! id
--! key deal_id, contact_id if deleted
--! off if option activities_of = contact and not deal_contact: activities on contacts: deal_contact says whose deals they are
--! table deal_company
--! columns deal_id! id, company_id! id
--! key deal_id, company_id if deleted
--! off if option activities_of = account and not deal_company: activities on companies: deal_company says whose deals they are
--! table quota (quotas)
--! columns period_start! day, period_end! day, amount! amount, currency, owner_id id, owner, team
--! key whole row
--! off quotas: coverage, the chance to hit and openings needed; HubSpot's goals are not among these tables, make a table quota

-- The people. An owner may be in several teams, one of which is the main one; where none is said to be, a single team is
-- the team, and several are none. Owners are persons: where two have one name, the address tells them apart, else the id.
--! view seller
WITH membership AS (
  SELECT
    member.owner_id,
    coalesce(
      max(CASE WHEN member.is_team_primary THEN team.name END),
      CASE WHEN count(DISTINCT team.name) = 1 THEN max(team.name) END
    ) AS team
  FROM {owner_team} AS member
  JOIN {team} AS team ON team.id = member.team_id
  GROUP BY member.owner_id
),
person AS (
  SELECT
    owner_id,
    email,
    coalesce(nullif(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), ''), email, owner_id) AS full_name
  FROM {owner}
),
shared AS (
  SELECT full_name FROM person GROUP BY full_name HAVING count(*) > 1
)
SELECT
  person.owner_id,
  CASE WHEN shared.full_name IS NULL THEN person.full_name
    ELSE person.full_name || ' (' || coalesce(person.email, person.owner_id) || ')' END AS owner,
  membership.team
FROM person
LEFT JOIN shared ON shared.full_name = person.full_name
LEFT JOIN membership ON membership.owner_id = person.owner_id

-- Stages by their id. Deleted and inactive ones count, old deals have been in them; of two rows of one id the living
-- one does. What a deal in the stage is: open, unless a flag says closed or, without flags, the probability is 0 or 1. Of a
-- closed one the probability says which, 1 won and 0 lost: the flag closed_won of some pipelines is true for lost stages,
-- too. The flag decides where the probability is neither, or 0 throughout the pipeline, as where nothing is sold. What the
-- table leaves open stays NULL.
--! view stage
WITH known AS (
  SELECT
    stage_id,
    coalesce({values label}, stage_id) AS stage,
    display_order AS rank,
    pipeline_id,
    coalesce(_fivetran_deleted, 0) + NOT coalesce(active, 1) AS retired,
    closed_won,
    is_closed,
    CASE WHEN trim(probability) NOT GLOB '*[^0-9.]*' THEN CAST(probability AS REAL) END AS probability
  FROM {deal_pipeline_stage}
),
sales AS (
  SELECT pipeline_id FROM known GROUP BY pipeline_id HAVING max(probability) > 0
),
numbered AS (
  SELECT
    stage_id, stage, rank, pipeline_id, retired, closed_won, probability,
    coalesce(is_closed, CASE WHEN closed_won THEN 1 END, probability IN (0, 1)) AS closed,
    CASE
      WHEN closed_won IS NULL THEN probability = 1
      WHEN probability IN (0, 1) AND pipeline_id IN (SELECT pipeline_id FROM sales) THEN probability = 1
      WHEN pipeline_id IS NULL AND probability = 0 AND (SELECT count(*) FROM sales) > 0 THEN 0
      ELSE closed_won
    END AS won,
    row_number() OVER (PARTITION BY stage_id ORDER BY retired, CAST(rank AS REAL), stage, pipeline_id) AS choice
  FROM known
)
SELECT
  numbered.stage_id,
  numbered.stage,
  numbered.rank,
  numbered.pipeline_id,
  coalesce(pipeline.label, numbered.pipeline_id) AS pipeline,
  numbered.retired,
  numbered.closed_won,
  numbered.probability,
  CASE
    WHEN NOT numbered.closed THEN 'open'
    WHEN numbered.won THEN 'won'
    WHEN numbered.closed AND NOT numbered.won THEN 'lost'
  END AS outcome
FROM numbered
LEFT JOIN {deal_pipeline} AS pipeline ON pipeline.pipeline_id = numbered.pipeline_id
WHERE numbered.choice = 1

-- Deals that are deleted, and those that were merged into another, which has taken over what they were. All their
-- rows are out with them.
--! view left_out_deal
SELECT id AS deal_id FROM {deleted deal}
UNION
SELECT merged_deal_id FROM {merged_deal} WHERE merged_deal_id IS NOT NULL AND merged_deal_id IS NOT deal_id

-- deal_stage tells of stages alone; it counts for deals whose stages the history of properties lacks.
--! view if deal_stage: further_stage_version
SELECT deal_id, value AS stage_id, date_entered AS at
FROM {deal_stage}
WHERE NOT coalesce(_fivetran_deleted, 0)
  AND coalesce(deal_id, '') NOT IN (SELECT deal_id FROM {left_out_deal})
--! if deal_property_history
  AND coalesce(deal_id, '') NOT IN (
    SELECT CAST(deal_id AS TEXT) FROM {deal_property_history} WHERE name = 'dealstage' COLLATE NOCASE AND deal_id IS NOT NULL
  )
--! end

--! view outcome_version
SELECT deal_id, timestamp AS at, NULL AS tie, {lookup outcome of stage by stage_id, value} AS outcome
FROM {deal_property_history}
WHERE name = 'dealstage' COLLATE NOCASE
--! if deal_property_history._fivetran_deleted
  AND NOT coalesce(_fivetran_deleted, 0)
--! end
--! if deleted deal or merged_deal
  AND coalesce(CAST(deal_id AS TEXT), '') NOT IN (SELECT deal_id FROM {left_out_deal})
--! end
--! if deal_stage
UNION ALL
SELECT deal_id, at, NULL, {lookup outcome of stage by stage_id, stage_id} FROM {further_stage_version}
--! end

-- Calculated flags of the deal say what it is before its stage does.
--! view known_deal
SELECT
  deal.deal_id AS deal_id, deal.property_dealname AS property_dealname, deal.owner_id AS owner_id, deal.property_amount AS property_amount, deal.property_deal_currency_code AS property_deal_currency_code,
  deal.property_createdate AS property_createdate, deal.property_closedate AS property_closedate, deal.property_hs_manual_forecast_category AS property_hs_manual_forecast_category,
  coalesce(stage.stage, {values deal.deal_pipeline_stage_id}) AS stage,
  coalesce(deal.deal_pipeline_id, stage.pipeline_id) AS pipeline_id,
  stage.outcome AS outcome_of_stage,
  -- What is neither known to be closed nor known to be open stays NULL, which pipeline_check reports.
  CASE
    WHEN deal.property_hs_is_closed_won THEN 'won'
    WHEN NOT deal.property_hs_is_closed THEN 'open'
    WHEN deal.property_hs_is_closed AND NOT deal.property_hs_is_closed_won THEN 'lost'
    ELSE stage.outcome
  END AS outcome
FROM {deal} AS deal
LEFT JOIN {stage} AS stage ON stage.stage_id = deal.deal_pipeline_stage_id
--! if deleted deal or merged_deal
WHERE coalesce(deal.deal_id, '') NOT IN (SELECT deal_id FROM {left_out_deal})
--! end

-- The row of the history with which a deal came to the outcome that it has at its end: the first of the closed rows of one
-- outcome behind which no row says anything else. A deal whose first row is closed was inserted so.
--! view entered
WITH deal AS MATERIALIZED (
  SELECT deal_id, property_amount, outcome, {entry of outcome_version, deal_id} AS entry FROM {known_deal}
)
SELECT deal_id, property_amount, outcome, rtrim(substr(entry, 1, 4)) AS entry_outcome, substr(entry, 6, 1) = '1' AS entry_is_first
FROM deal

-- The closing day is the day on which the history entered the closed state. HubSpot sets closedate to it, too, but
-- people and integrations change it later. Of a deal that was inserted already closed closedate is all there is; one of
-- midnight is a date, which no zone moves.
--! view closing
SELECT
  deal_id, property_createdate, outcome, {closing of outcome_version, deal_id, outcome, CASE WHEN substr(property_closedate, 12, 8) = '00:00:00' THEN substr(property_closedate, 1, 10) ELSE property_closedate END} AS closed_at
FROM {known_deal}
LIMIT -1

--! view pipeline_deal
SELECT
  deal.deal_id,
  deal.property_dealname AS name,
  coalesce({lookup owner of seller by owner_id, deal.owner_id}, deal.owner_id) AS owner,
  {lookup team of seller by owner_id, deal.owner_id} AS team,
  coalesce({lookup label of deal_pipeline by pipeline_id, deal.pipeline_id}, deal.pipeline_id) AS pipeline,
  deal.stage,
  deal.property_amount AS amount,
  deal.property_deal_currency_code AS currency,
  deal.property_createdate AS created_at,
  deal.property_closedate AS close_date,
  {closing of outcome_version, deal.deal_id, deal.outcome, CASE WHEN substr(deal.property_closedate, 12, 8) = '00:00:00' THEN substr(deal.property_closedate, 1, 10) ELSE deal.property_closedate END} AS closed_at,
  deal.outcome,
  CASE upper(replace(trim(deal.property_hs_manual_forecast_category), ' ', '_'))
    WHEN 'OMIT' THEN 'omitted' WHEN 'NOT_FORECASTED' THEN 'omitted' WHEN 'CLOSED' THEN NULL WHEN 'CLOSED_WON' THEN NULL
    ELSE {values deal.property_hs_manual_forecast_category} END AS forecast_category
FROM {known_deal} AS deal

-- Engagements that are deleted: one table that says so is enough.
--! view gone_engagement
SELECT id AS engagement_id, 1 AS gone FROM {engagement} WHERE NOT active
--! if deleted engagement
UNION ALL SELECT id, 1 FROM {deleted engagement}
--! end
--! if deleted engagement_meeting
UNION ALL SELECT id, 1 FROM {deleted engagement_meeting}
--! end
--! if deleted engagement_call
UNION ALL SELECT id, 1 FROM {deleted engagement_call}
--! end
--! if deleted engagement_email
UNION ALL SELECT id, 1 FROM {deleted engagement_email}
--! end
--! if deleted engagement_task
UNION ALL SELECT id, 1 FROM {deleted engagement_task}
--! end

--! view incoming_engagement
SELECT id, type FROM {engagement} WHERE type = 'INCOMING_EMAIL' COLLATE NOCASE

-- The engagements that a table of their type has.
--! view typed_engagement
SELECT NULL AS engagement_id, NULL AS typed WHERE 0
--! if engagement_meeting
UNION ALL SELECT engagement_id, 1 FROM {engagement_meeting}
--! end
--! if engagement_call
UNION ALL SELECT engagement_id, 1 FROM {engagement_call}
--! end
--! if engagement_email
UNION ALL SELECT engagement_id, 1 FROM {engagement_email}
--! end
--! if engagement_note
UNION ALL SELECT engagement_id, 1 FROM {engagement_note}
--! end
--! if engagement_task
UNION ALL SELECT engagement_id, 1 FROM {engagement_task}
--! end
--! if engagement_communication
UNION ALL SELECT engagement_id, 1 FROM {engagement_communication}
--! end

-- An engagement stands in two places: `engagement` has its type, in older exports its times, too; the table of its type has
-- the rest. One that only `engagement` knows counts if it has a time. One SELECT a table: what `engagement` has beside it is
-- looked up.
--
-- A meeting is held unless its outcome or its title says that it was not; most outcomes are never changed from SCHEDULED. Of
-- one that was not held, and of an email or a call that did not get through, there was work on the record alone; a call that
-- nobody answered was made. A task is an activity once it is done; calls and emails that a task asked for are engagements of
-- their own. An email forwarded to the CRM may be of either side: it is the seller's, so that nobody's silence is taken for a
-- reply; one came in when either table says so. Messages (SMS, WhatsApp, LinkedIn) and letters are emails of another kind.
-- Whatever else there is, is a note.
--! view any_activity
SELECT NULL AS engagement_id, NULL AS at, NULL AS kind, NULL AS recorded_at FROM {deal} WHERE 0
--! if engagement_meeting
UNION ALL
SELECT
  engagement_id,
--! if engagement.timestamp
  coalesce(property_hs_meeting_start_time, max(property_hs_timestamp, {lookup timestamp of engagement by id, engagement_id}), property_hs_timestamp, {lookup timestamp of engagement by id, engagement_id}) AS at,
--! else
  coalesce(property_hs_meeting_start_time, property_hs_timestamp),
--! end
  CASE WHEN {among property_hs_meeting_outcome, 'CANCELED', 'CANCELLED', 'NO_SHOW', 'NO SHOW', 'RESCHEDULED', 'DECLINED'}
    OR {cancelled property_hs_meeting_title} THEN 'note' ELSE 'meeting' END,
--! if engagement.created_at
  coalesce(max(property_hs_createdate, {lookup created_at of engagement by id, engagement_id}), property_hs_createdate, {lookup created_at of engagement by id, engagement_id})
--! else
  +property_hs_createdate
--! end
FROM {engagement_meeting}
WHERE engagement_id IS NOT NULL
--! end
--! if engagement_call
UNION ALL
SELECT
  engagement_id,
--! include engagement_time
  CASE property_hs_call_direction COLLATE NOCASE WHEN 'INBOUND' THEN 'reply' WHEN 'INCOMING_EMAIL' THEN 'reply'
    ELSE CASE WHEN {among property_hs_call_status, 'CANCELED', 'CANCELLED', 'FAILED'} THEN 'note' ELSE 'call' END END,
  NULL
FROM {engagement_call}
WHERE engagement_id IS NOT NULL
--! end
--! if engagement_email
UNION ALL
SELECT
  engagement_id,
--! include engagement_time
  CASE WHEN property_hs_email_direction = 'INCOMING_EMAIL' COLLATE NOCASE OR property_hs_email_direction = 'INBOUND' COLLATE NOCASE OR type = 'INCOMING_EMAIL' COLLATE NOCASE
      OR {lookup type of incoming_engagement by id, engagement_id} IS NOT NULL THEN 'reply'
    WHEN {among property_hs_email_status, 'BOUNCED', 'FAILED'} THEN 'note' ELSE 'email' END,
  NULL
FROM {engagement_email}
WHERE engagement_id IS NOT NULL
  AND NOT coalesce({among property_hs_email_status, 'SCHEDULED', 'SENDING', 'DRAFT'}, 0)
--! end
--! if engagement_note
UNION ALL
SELECT
  engagement_id,
--! include engagement_time
  'note',
  NULL
FROM {engagement_note}
WHERE engagement_id IS NOT NULL
--! end
--! if engagement_task
UNION ALL
SELECT
  engagement_id,
--! if engagement.timestamp
  coalesce(property_hs_task_completion_date, max(property_hs_timestamp, {lookup timestamp of engagement by id, engagement_id}), property_hs_timestamp, {lookup timestamp of engagement by id, engagement_id}) AS at,
--! else
  coalesce(property_hs_task_completion_date, property_hs_timestamp),
--! end
  'task',
  NULL
FROM {engagement_task}
WHERE engagement_id IS NOT NULL
  AND {among property_hs_task_status, 'COMPLETED'}
--! end
--! if engagement_communication
UNION ALL
SELECT
  engagement_id,
--! include engagement_time
  'email',
  NULL
FROM {engagement_communication}
WHERE engagement_id IS NOT NULL
--! end
--! if engagement.timestamp
UNION ALL
SELECT
  id,
  +timestamp,
  CASE upper(type) WHEN 'MEETING' THEN 'meeting' WHEN 'INCOMING_EMAIL' THEN 'reply' WHEN 'CALL' THEN 'call' WHEN 'EMAIL' THEN 'email'
    WHEN 'FORWARDED_EMAIL' THEN 'email' WHEN 'COMMUNICATION' THEN 'email' WHEN 'POSTAL_MAIL' THEN 'email' ELSE 'note' END,
  CASE WHEN type = 'MEETING' COLLATE NOCASE THEN created_at END
FROM {engagement}
WHERE id IS NOT NULL AND timestamp IS NOT NULL AND coalesce(type, '') <> 'TASK' COLLATE NOCASE
  AND {lookup typed of typed_engagement by engagement_id, id} IS NULL
--! end

-- What is deleted anywhere is out.
--! view activity
SELECT engagement_id, at, kind, recorded_at
FROM {any_activity}
--! if engagement.active or deleted engagement or deleted engagement_meeting or deleted engagement_call or deleted engagement_email or deleted engagement_task
WHERE {lookup gone of gone_engagement by engagement_id, engagement_id} IS NULL
--! end

-- An engagement is linked to a deal once for every kind of association. Most are of one deal, which is looked up; the
-- further ones of those that are of several are joined.
--! view link
SELECT engagement_id, deal_id
FROM {engagement_deal}
WHERE deal_id IS NOT NULL
--! if deleted deal or merged_deal
  AND CAST(deal_id AS TEXT) NOT IN (SELECT deal_id FROM {left_out_deal})
--! end

--! view further_link
SELECT DISTINCT CAST(engagement_id AS TEXT) AS engagement_id, CAST(deal_id AS TEXT) AS deal_id
FROM {link}
WHERE CAST(deal_id AS TEXT) <> {lookup deal_id of link by engagement_id, engagement_id}

--! once shared_engagement
SELECT 1 AS found WHERE (SELECT pipeline_health_repeats(engagement_id) FROM {engagement_deal})

--! view linked_activity
SELECT {lookup deal_id of link by engagement_id, engagement_id} AS deal_id, at, kind, recorded_at
FROM {activity}
LIMIT -1

--! view stray_activity
SELECT CAST(engagement_id AS TEXT) AS engagement_id, at, kind, recorded_at
FROM {activity}
WHERE {lookup deal_id of any_link by engagement_id, engagement_id} IS NULL

--! view any_link
SELECT engagement_id, deal_id FROM {engagement_deal} WHERE deal_id IS NOT NULL

-- What hangs on a company or a contact belongs to the only deal of it that was open on that day.
--! view if not option activities_of = deal: strays_deal
SELECT stray.engagement_id AS activity_id, max(deal.deal_id) AS deal_id, stray.at, stray.kind, stray.recorded_at
FROM {stray_activity} AS stray
--! if option activities_of = contact
JOIN {engagement_contact} AS on_engagement ON on_engagement.engagement_id = stray.engagement_id
JOIN {deal_contact} AS on_deal ON on_deal.contact_id = on_engagement.contact_id
--! else
JOIN {engagement_company} AS on_engagement ON on_engagement.engagement_id = stray.engagement_id
JOIN {deal_company} AS on_deal ON on_deal.company_id = on_engagement.company_id
--! end
JOIN {closing} AS deal ON deal.deal_id = on_deal.deal_id
WHERE substr(pipeline_date(deal.property_createdate), 1, 10) <= substr(pipeline_date(stray.at), 1, 10)
  AND (deal.outcome = 'open' OR substr(pipeline_date(deal.closed_at), 1, 10) >= substr(pipeline_date(stray.at), 1, 10))
GROUP BY stray.engagement_id
HAVING count(DISTINCT deal.deal_id) = 1

-- One SELECT a source table, so that SQLite reads each in a loop of its own; the + before a plain column is for that, too
-- (README.md).
--! view pipeline_event
SELECT NULL AS deal_id, NULL AS at, NULL AS kind, NULL AS old_value, NULL AS new_value, NULL AS recorded_at FROM {deal} WHERE 0
--! if deal_property_history
UNION ALL
SELECT
  +CAST(deal_id AS TEXT), +timestamp,
  CASE name COLLATE NOCASE WHEN 'dealstage' THEN 'stage_state' WHEN 'amount' THEN 'amount_state' WHEN 'closedate' THEN 'close_date_state'
    WHEN 'hubspot_owner_id' THEN 'owner_state' ELSE 'forecast_state' END,
  NULL,
  CASE name COLLATE NOCASE WHEN 'dealstage' THEN coalesce({lookup stage of stage by stage_id, value}, {values CAST(value AS TEXT)})
    WHEN 'amount' THEN CASE WHEN value <> '' THEN value END
    WHEN 'closedate' THEN CASE WHEN value <> '' THEN value END
    WHEN 'hubspot_owner_id' THEN coalesce({lookup owner of seller by owner_id, value}, value)
    ELSE CASE upper(replace(trim(value), ' ', '_')) WHEN 'OMIT' THEN 'omitted' WHEN 'NOT_FORECASTED' THEN 'omitted' ELSE {values value} END
  END,
  NULL
FROM {deal_property_history}
WHERE (name = 'dealstage' COLLATE NOCASE OR name = 'amount' COLLATE NOCASE OR name = 'closedate' COLLATE NOCASE
    OR name = 'hubspot_owner_id' COLLATE NOCASE
    OR name = 'hs_manual_forecast_category' COLLATE NOCASE AND upper(replace(trim(value), ' ', '_')) NOT IN ('CLOSED', 'CLOSED_WON', ''))
--! if deal_property_history._fivetran_deleted
  AND NOT coalesce(_fivetran_deleted, 0)
--! end
--! if deleted deal or merged_deal
  AND coalesce(CAST(deal_id AS TEXT), '') NOT IN (SELECT deal_id FROM {left_out_deal})
--! end
--! end
--! if deal_stage
UNION ALL
SELECT +deal_id, +at, 'stage_state', NULL, coalesce({lookup stage of stage by stage_id, stage_id}, {values stage_id}), NULL
FROM {further_stage_version}
--! end
--! if engagement_deal
UNION ALL
SELECT +deal_id, +at, +kind, NULL, NULL, +recorded_at
FROM {linked_activity}
WHERE deal_id IS NOT NULL
--! if shared_engagement
UNION ALL
SELECT +link.deal_id, +activity.at, +activity.kind, NULL, NULL, +activity.recorded_at
FROM {activity} AS activity
CROSS JOIN {further_link} AS link ON link.engagement_id = CAST(activity.engagement_id AS TEXT)
--! end
--! end
--! if not option activities_of = deal
UNION ALL
SELECT +deal_id, +at, +kind, NULL, NULL, +recorded_at
FROM {strays_deal}
--! end

-- Ranks are those of the pipeline: each has an order of its own, and stages of the same name.
--! view pipeline_stage
SELECT stage, rank, pipeline, NULL AS max_idle_days, outcome <> 'open' AS closed
FROM (
  SELECT
    stage, rank, pipeline, outcome,
    row_number() OVER (PARTITION BY pipeline, stage ORDER BY retired, CAST(rank AS REAL), stage_id) AS choice
  FROM {stage}
  WHERE rank IS NOT NULL
)
WHERE choice = 1

-- HubSpot's goals are of many kinds (calls made, meetings held, revenue) and are not among these tables. A table quota
-- with the columns of pipeline_quota takes their place; owner_id says whose it is by HubSpot's id.
--! view if quota: pipeline_quota
SELECT
  quota.period_start,
  quota.period_end,
  quota.amount,
  quota.currency,
  coalesce(seller.owner, quota.owner, quota.owner_id) AS owner,
  coalesce(quota.team, seller.team) AS team
FROM {quota} AS quota
LEFT JOIN {seller} AS seller ON seller.owner_id = quota.owner_id

--! problem stage whose flag contradicts its probability, warning: closed_won says won and the probability is 0, so deals in it are lost
SELECT count(*) AS rows, NULL AS amount, min(stage) AS example
FROM {stage}
WHERE closed_won AND outcome = 'lost'

--! problem outcome that its stage contradicts, warning: the deal's own flags count, not what its stage says
SELECT count(*) AS rows, total(CAST(property_amount AS REAL)) AS amount, min(deal_id) AS example
FROM {known_deal}
WHERE outcome <> outcome_of_stage

--! problem deal inserted already closed, info: its history begins closed, so it closed on its closedate, not on the day on which it was entered
SELECT count(*) AS rows, total(CAST(deal.property_amount AS REAL)) AS amount, min(deal.deal_id) AS example
FROM {entered} AS deal
WHERE deal.entry_is_first AND deal.entry_outcome = deal.outcome

--! problem activity of no deal, warning: these calls, emails and meetings hang on a company or a contact, so no deal was touched by them; option activities_of 'account' or 'contact' gives each to the only deal that was open on its day
SELECT count(*) AS rows, NULL AS amount, min(engagement_id) AS example
FROM {stray_activity} AS stray
--! if not option activities_of = deal
WHERE stray.engagement_id NOT IN (SELECT activity_id FROM {strays_deal} WHERE activity_id IS NOT NULL)
--! end

--! problem if deal.property_deal_currency_code: amounts in several currencies, warning: they cannot be added without a pipeline_rate(currency, rate) of your own; policy reporting_currency 'none' adds them as they are
SELECT CASE WHEN count(DISTINCT property_deal_currency_code) > 1 THEN count(*) END AS rows, NULL AS amount, {list property_deal_currency_code} AS example
FROM {deal}

--! problem if merged_deal: merged deals, info: deals that were merged into another are left out with all their rows: the other has taken over what they were
SELECT count(DISTINCT merged_deal_id) AS rows, NULL AS amount, min(merged_deal_id) AS example
FROM {merged_deal}
WHERE merged_deal_id IS NOT deal_id

--! report activities_of_no_deal
SELECT count(*) FROM {stray_activity}
--! report merged_deals
SELECT count(DISTINCT merged_deal_id) FROM {merged_deal} WHERE merged_deal_id IS NOT NULL AND merged_deal_id IS NOT deal_id
--! report currencies
--! if deal.property_deal_currency_code
SELECT {list property_deal_currency_code} FROM {deal}
--! else
SELECT NULL
--! end
