-- HubSpot: how its tables, as data pipelines lay them out in a warehouse, become the relations of pipeline_health.
--
--     SELECT pipeline_connect('hubspot');
--
-- runs this file as sql/salesforce.sql tells: a TEMP view hubspot_<table> for every table declared below, with exactly
-- the declared columns, then the statements; the mark in each of them tells the next call that the view may be
-- replaced. To change the mapping, change the views: their columns are all that the extension reads.
--
-- A column is declared with all its names, the preferred one first: property_amount|amount is property_amount where the
-- export has that, else amount. Pipelines put property_ before HubSpot's names, older ones have names of their own, and
-- some keep both, the old ones without new values.
--
-- Three rules hold throughout. An empty text is a missing value: CSV knows no NULL. Dates pass as they are, for the
-- extension to read, or to report as bad. Ids are numbers in some tables and texts in others (every value of a history
-- is a text), so they are compared as texts.

--! table deal required
--! columns deal_id! raw, deal_pipeline_stage_id! raw = dealstage | property_dealstage, property_createdate! raw = createdate | property_hs_createdate
--! columns is_deleted boolean = archived, _fivetran_deleted boolean, property_dealname raw = dealname, owner_id raw = hubspot_owner_id | property_hubspot_owner_id
--! columns deal_pipeline_id raw = pipeline | property_pipeline, property_amount raw = amount, property_closedate raw = closedate
--! columns property_hs_is_closed boolean = hs_is_closed, property_hs_is_closed_won boolean = hs_is_closed_won
--! columns property_deal_currency_code raw = deal_currency_code
--! off owner_id: owners and teams of deals
--! off deal_pipeline_id: pipelines, but for what deal_pipeline_stage says of the stage
--! off property_amount: every amount: each deal counts as 0
--! off property_closedate: overdue and parked deals, claimed coverage, the closing day of a deal without a history of stages
--! off property_hs_is_closed: outcomes, but for what deal_pipeline_stage says of the stage
--! off property_hs_is_closed_won: whether a closed deal was won or lost, where deal_pipeline_stage does not say it
--! table merged_deal
--! columns merged_deal_id! raw, deal_id raw
--! off merged deals cannot be told: where the export has them, they count beside the deal that they became
--! table deal_property_history
--! columns deal_id! raw, name! raw, value! raw, timestamp! raw = timestamp_instant | _fivetran_start
--! off what deals were in the past: stage changes but for those of deal_stage, pushes, earlier amounts, earlier owners
--! table deal_stage
--! columns deal_id! raw, value! raw = stage_id, date_entered! raw = _fivetran_start
--! off stage changes of deals whose dealstage is not in deal_property_history
--! table deal_pipeline_stage
--! columns stage_id! raw, _fivetran_deleted boolean, active boolean, pipeline_id raw, label raw, display_order raw, is_closed boolean, closed_won boolean, probability raw
--! off names of stages (their ids stand in), their ranks, and what they say of outcomes
--! off label: names of stages: their ids stand in
--! off display_order: ranks of stages: a stage change is forward when the deal has never been in the stage
--! off probability: outcomes of deals and stages without flags of their own
--! table deal_pipeline
--! columns pipeline_id! raw, label! raw
--! off names of pipelines: their ids stand in
--! table owner
--! columns owner_id! raw = id, first_name raw, last_name raw, email raw
--! off names of owners: their ids stand in
--! table team
--! columns id! raw = team_id, name! raw
--! off teams: without their names there are none
--! table owner_team
--! columns owner_id! raw, team_id! raw, is_team_primary boolean = primary, _fivetran_deleted boolean
--! off teams: who is in which
--! table engagement_deal
--! columns deal_id! raw, engagement_id! raw, _fivetran_deleted boolean
--! off every activity: meetings, calls, emails, replies, notes and tasks; the rules on meetings
--! table engagement_communication
--! columns engagement_id! raw, property_hs_timestamp! raw, property_hs_createdate raw, _fivetran_deleted boolean
--! table engagement
--! columns id! raw = engagement_id, type raw = engagement_type, timestamp raw = property_hs_timestamp, created_at raw = property_hs_createdate, active boolean
--! table engagement_meeting
--! columns engagement_id! raw, property_hs_meeting_start_time raw = start_time, property_hs_timestamp raw, property_hs_createdate raw
--! columns property_hs_meeting_outcome raw = meeting_outcome, _fivetran_deleted boolean
--! off meetings, but for those that engagement has with a time: these count as held, on their day on the timeline
--! off property_hs_meeting_outcome: outcomes of meetings: cancelled ones count as held
--! table engagement_call
--! columns engagement_id! raw, property_hs_timestamp raw, property_hs_createdate raw, property_hs_call_direction raw = direction
--! columns property_hs_call_status raw = status, _fivetran_deleted boolean
--! off calls, but for those that engagement has with a time: these count as the seller's
--! off property_hs_call_direction: calls of the client as replies: each call counts as the seller's
--! table engagement_email
--! columns engagement_id! raw, type raw, property_hs_timestamp raw, property_hs_createdate raw, property_hs_email_direction raw
--! columns property_hs_email_status raw = status, _fivetran_deleted boolean
--! off emails and replies, but for those that engagement has with a time: these count as sent
--! table engagement_note
--! columns engagement_id! raw, property_hs_timestamp raw, property_hs_createdate raw, _fivetran_deleted boolean
--! table engagement_task
--! columns engagement_id! raw, property_hs_task_status! raw = status, property_hs_task_completion_date raw = completion_date
--! columns property_hs_timestamp raw, property_hs_createdate raw, _fivetran_deleted boolean
--! off tasks
--! table quota
--! columns period_start! raw, period_end! raw, amount! raw, owner_id raw, owner raw, team raw
--! off quotas: coverage, the chance to hit and openings needed; HubSpot's goals are not among these tables, make a table quota

-- The people: a name for every owner and the team. An owner may be in several teams, one of which is the main one;
-- where none is said to be, a single team is the team, and several are none. Grouped, so that an owner exported twice
-- does not double its deals.
--! view seller
WITH membership AS (
  SELECT
    CAST(member.owner_id AS TEXT) AS owner_id,
    coalesce(
      max(CASE WHEN member.is_team_primary THEN nullif(team.name, '') END),
      CASE WHEN count(DISTINCT nullif(team.name, '')) = 1 THEN max(nullif(team.name, '')) END
    ) AS team
  FROM {owner_team} AS member
  JOIN {team} AS team ON CAST(team.id AS TEXT) = CAST(member.team_id AS TEXT)
  WHERE NOT coalesce(member._fivetran_deleted, 0)
  GROUP BY CAST(member.owner_id AS TEXT)
),
person AS (
  SELECT
    CAST(owner_id AS TEXT) AS owner_id,
    coalesce(
      max(nullif(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), '')),
      max(nullif(email, '')),
      CAST(owner_id AS TEXT)
    ) AS owner
  FROM {owner}
  GROUP BY CAST(owner_id AS TEXT)
)
SELECT person.owner_id, person.owner, membership.team
FROM person
LEFT JOIN membership ON membership.owner_id = person.owner_id;

--! view pipeline
SELECT CAST(pipeline_id AS TEXT) AS pipeline_id, max(nullif(label, '')) AS pipeline
FROM {deal_pipeline}
GROUP BY CAST(pipeline_id AS TEXT);

-- Stages by their id. Deleted and inactive ones count, old deals have been in them; of two rows of one id the living
-- one does. The flags say what a deal in the stage is; where they are lacking, the probability does: HubSpot takes 1 for
-- won and 0 for lost. A flag goes first: a pipeline that is no sale may have a probability of 0 throughout. What the
-- table leaves open stays NULL.
--! view stage
WITH known AS (
  SELECT
    CAST(stage_id AS TEXT) AS stage_id,
    coalesce(nullif(label, ''), CAST(stage_id AS TEXT)) AS stage,
    nullif(display_order, '') AS rank,
    nullif(CAST(pipeline_id AS TEXT), '') AS pipeline_id,
    coalesce(_fivetran_deleted, 0) + NOT coalesce(active, 1) AS retired,
    closed_won,
    is_closed,
    CASE WHEN nullif(trim(probability), '') NOT GLOB '*[^0-9.]*' THEN CAST(probability AS REAL) END AS probability
  FROM {deal_pipeline_stage}
),
numbered AS (
  SELECT
    *,
    coalesce(closed_won, probability = 1) AS won,
    coalesce(is_closed, CASE WHEN closed_won THEN 1 END, probability IN (0, 1)) AS closed,
    row_number() OVER (PARTITION BY stage_id ORDER BY retired, CAST(rank AS REAL), stage, pipeline_id) AS choice
  FROM known
)
SELECT
  numbered.stage_id,
  numbered.stage,
  numbered.rank,
  numbered.pipeline_id,
  coalesce(pipeline.pipeline, numbered.pipeline_id) AS pipeline,
  numbered.retired,
  CASE
    WHEN numbered.won THEN 'won'
    WHEN NOT numbered.closed THEN 'open'
    WHEN numbered.closed AND NOT numbered.won THEN 'lost'
  END AS outcome
FROM numbered
LEFT JOIN {pipeline} AS pipeline ON pipeline.pipeline_id = numbered.pipeline_id
WHERE numbered.choice = 1;

-- Deals that are deleted, and those that were merged into another, which has taken over what they were. All their
-- rows are out with them.
--! view left_out_deal
SELECT CAST(deal_id AS TEXT) AS deal_id
FROM {deal}
WHERE deal_id IS NOT NULL AND (is_deleted OR _fivetran_deleted)
UNION
SELECT CAST(merged_deal_id AS TEXT)
FROM {merged_deal}
WHERE nullif(merged_deal_id, '') IS NOT NULL
  AND CAST(merged_deal_id AS TEXT) IS NOT CAST(deal_id AS TEXT);

-- The history holds one row each time that a property of a deal was set, so a change is a difference between
-- neighbours, as the extension sees them: stages and owners by their names. The first row is what the deal had from the
-- beginning. deal_stage tells of stages alone; it counts for deals whose stages the history of properties lacks.
--! view version
WITH history AS (
  SELECT
    CAST(deal_id AS TEXT) AS deal_id,
    CASE lower(name)
      WHEN 'dealstage' THEN 'stage'
      WHEN 'closedate' THEN 'close_date'
      WHEN 'hubspot_owner_id' THEN 'owner'
      ELSE 'amount'
    END AS kind,
    nullif(CAST(value AS TEXT), '') AS value,
    timestamp AS at
  FROM {deal_property_history}
  WHERE lower(name) IN ('dealstage', 'amount', 'closedate', 'hubspot_owner_id')
  UNION ALL
  SELECT CAST(deal_id AS TEXT), 'stage', nullif(CAST(value AS TEXT), ''), date_entered
  FROM {deal_stage}
  WHERE CAST(deal_id AS TEXT) NOT IN (
      SELECT CAST(deal_id AS TEXT)
      FROM {deal_property_history}
      WHERE lower(name) = 'dealstage'
        AND deal_id IS NOT NULL
    )
),
named AS (
  -- The order is that of instants, as a Julian day, not of texts: zones differ, and numbers are days, seconds or
  -- milliseconds, as the extension reads them. SQLite's own functions want a colon in the zone.
  SELECT
    history.deal_id,
    history.kind,
    history.at,
    history.value AS id,
    stage.outcome,
    CASE history.kind
      WHEN 'stage' THEN coalesce(stage.stage, history.value)
      WHEN 'owner' THEN coalesce(seller.owner, history.value)
      ELSE history.value
    END AS value,
    CASE
      WHEN history.at NOT GLOB '*[^0-9.]*' THEN
        CASE
          WHEN CAST(history.at AS REAL) < 5373484.5 THEN CAST(history.at AS REAL)
          WHEN CAST(history.at AS REAL) < 100000000000 THEN CAST(history.at AS REAL) / 86400 + 2440587.5
          ELSE CAST(history.at AS REAL) / 86400000 + 2440587.5
        END
      WHEN history.at GLOB '*:*[+-][0-9][0-9][0-9][0-9]' THEN
        julianday(substr(history.at, 1, length(history.at) - 2) || ':' || substr(history.at, -2))
      WHEN history.at GLOB '*:*[+-][0-9][0-9]' THEN julianday(history.at || ':00')
      ELSE julianday(history.at)
    END AS moment
  FROM history
  LEFT JOIN {stage} AS stage ON history.kind = 'stage' AND stage.stage_id = history.value
  LEFT JOIN {seller} AS seller ON history.kind = 'owner' AND seller.owner_id = history.value
  WHERE coalesce(history.deal_id, '') NOT IN (SELECT deal_id FROM {left_out_deal})
)
SELECT
  deal_id,
  kind,
  at,
  id,
  value,
  outcome,
  row_number() OVER property AS version,
  lag(value) OVER property AS old_value,
  lag(outcome) OVER property AS old_outcome
FROM named
WINDOW property AS (PARTITION BY deal_id, kind ORDER BY moment, value);

-- The day a deal came to what it is by its last stage: from there on it was in that stage, or in stages that are closed
-- alike. A won deal that moves from "Closed won" to "Invoiced" is not won again; HubSpot leaves closedate too.
-- max(version) picks the row that the other columns are from.
--! view last_entry
WITH entry AS (
  SELECT deal_id, at, max(version) AS version
  FROM {version}
  WHERE kind = 'stage'
    AND (version = 1 OR (value IS NOT old_value AND (coalesce(outcome, 'open') = 'open' OR outcome IS NOT old_outcome)))
  GROUP BY deal_id
),
latest AS (
  SELECT deal_id, id AS stage_id, max(version) AS version
  FROM {version}
  WHERE kind = 'stage'
  GROUP BY deal_id
)
SELECT entry.deal_id, entry.at, latest.stage_id
FROM entry
JOIN latest ON latest.deal_id = entry.deal_id;

-- The closing day is the day on which the history entered the closed stage. HubSpot sets closedate to it, too, but
-- people and integrations change it later. Calculated flags of the deal say what it is before its stage does.
--! view pipeline_deal
WITH known AS (
  SELECT
    deal.*,
    coalesce(stage.stage, nullif(CAST(deal.deal_pipeline_stage_id AS TEXT), '')) AS stage,
    coalesce(nullif(CAST(deal.deal_pipeline_id AS TEXT), ''), stage.pipeline_id) AS pipeline_id,
    -- What is neither known to be closed nor known to be open stays NULL, which pipeline_check reports.
    CASE
      WHEN deal.property_hs_is_closed_won THEN 'won'
      WHEN NOT deal.property_hs_is_closed THEN 'open'
      WHEN deal.property_hs_is_closed AND NOT deal.property_hs_is_closed_won THEN 'lost'
      ELSE stage.outcome
    END AS outcome
  FROM {deal} AS deal
  LEFT JOIN {stage} AS stage ON stage.stage_id = CAST(deal.deal_pipeline_stage_id AS TEXT)
  WHERE coalesce(CAST(deal.deal_id AS TEXT), '') NOT IN (SELECT deal_id FROM {left_out_deal})
)
SELECT
  CAST(deal.deal_id AS TEXT) AS deal_id,
  deal.property_dealname AS name,
  coalesce(seller.owner, nullif(CAST(deal.owner_id AS TEXT), '')) AS owner,
  seller.team,
  coalesce(pipeline.pipeline, deal.pipeline_id) AS pipeline,
  deal.stage,
  deal.property_amount AS amount,
  deal.property_createdate AS created_at,
  deal.property_closedate AS close_date,
  CASE WHEN deal.outcome IN ('won', 'lost') THEN
    coalesce(nullif(entry.at, ''), nullif(deal.property_closedate, ''))
  END AS closed_at,
  deal.outcome
FROM known AS deal
LEFT JOIN {seller} AS seller ON seller.owner_id = CAST(deal.owner_id AS TEXT)
LEFT JOIN {pipeline} AS pipeline ON pipeline.pipeline_id = deal.pipeline_id
LEFT JOIN {last_entry} AS entry
  ON entry.deal_id = CAST(deal.deal_id AS TEXT) AND entry.stage_id = CAST(deal.deal_pipeline_stage_id AS TEXT);

-- One row an engagement, from two places: engagement has the type, in older exports also the times; the table of its
-- type has the rest. Either may be lacking; one that only engagement knows counts if it has a time. Grouped, so that what
-- is told twice is one activity.
--! view engagement_told
WITH told AS (
  SELECT
    CAST(id AS TEXT) AS engagement_id,
    NULL AS own_type,
    type AS listed_type,
    timestamp AS at,
    created_at,
    NULL AS happened_at,
    NULL AS direction,
    NULL AS result,
    NOT active AS deleted
  FROM {engagement}
  UNION ALL
  SELECT
    CAST(engagement_id AS TEXT), 'MEETING', NULL, property_hs_timestamp, property_hs_createdate,
    property_hs_meeting_start_time, NULL, property_hs_meeting_outcome, _fivetran_deleted
  FROM {engagement_meeting}
  UNION ALL
  SELECT
    CAST(engagement_id AS TEXT), 'CALL', NULL, property_hs_timestamp, property_hs_createdate,
    NULL, property_hs_call_direction, property_hs_call_status, _fivetran_deleted
  FROM {engagement_call}
  UNION ALL
  SELECT
    CAST(engagement_id AS TEXT), 'EMAIL', type, property_hs_timestamp, property_hs_createdate,
    NULL, property_hs_email_direction, property_hs_email_status, _fivetran_deleted
  FROM {engagement_email}
  UNION ALL
  SELECT
    CAST(engagement_id AS TEXT), 'NOTE', NULL, property_hs_timestamp, property_hs_createdate,
    NULL, NULL, NULL, _fivetran_deleted
  FROM {engagement_note}
  UNION ALL
  SELECT
    CAST(engagement_id AS TEXT), 'TASK', NULL, property_hs_timestamp, property_hs_createdate,
    property_hs_task_completion_date, NULL, property_hs_task_status, _fivetran_deleted
  FROM {engagement_task}
  UNION ALL
  SELECT
    CAST(engagement_id AS TEXT), 'COMMUNICATION', NULL, property_hs_timestamp, property_hs_createdate,
    NULL, NULL, NULL, _fivetran_deleted
  FROM {engagement_communication}
)
SELECT
  engagement_id,
  coalesce(max(own_type), max(upper(nullif(listed_type, '')))) AS type,
  coalesce(max(nullif(happened_at, '')), max(nullif(at, ''))) AS at,
  max(nullif(created_at, '')) AS created_at,
  -- an email came in when either table says so
  max(upper(coalesce(listed_type, '')) = 'INCOMING_EMAIL' OR upper(coalesce(direction, '')) IN ('INCOMING_EMAIL', 'INBOUND'))
    AS incoming,
  max(upper(replace(nullif(trim(result), ''), ' ', '_'))) AS result
FROM told
GROUP BY engagement_id
HAVING NOT coalesce(max(deleted), 0)
  AND (max(own_type) IS NOT NULL OR max(nullif(coalesce(happened_at, at), '')) IS NOT NULL);

-- What the engagements are. A meeting is held unless its outcome says that it was not; most outcomes are never
-- changed from SCHEDULED. Of one that was not held, and of an email or a call that did not get through, there was work
-- on the record alone; a call that nobody answered was made. A task is an activity once it is done; calls and
-- emails that a task asked for are engagements of their own. An email forwarded to the CRM may be of either side: it is
-- the seller's, so that nobody's silence is taken for a reply. Messages (SMS, WhatsApp, LinkedIn) and letters are
-- emails of another kind. Whatever else there is, is a note.
--! view activity
SELECT
  engagement_id,
  at,
  CASE
    WHEN type = 'MEETING' THEN
      CASE WHEN result IN ('CANCELED', 'CANCELLED', 'NO_SHOW', 'RESCHEDULED') THEN 'note' ELSE 'meeting' END
    WHEN type IN ('CALL', 'EMAIL', 'INCOMING_EMAIL', 'FORWARDED_EMAIL') AND incoming THEN 'reply'
    WHEN type = 'CALL' THEN CASE WHEN result IN ('CANCELED', 'CANCELLED', 'FAILED') THEN 'note' ELSE 'call' END
    WHEN type IN ('EMAIL', 'FORWARDED_EMAIL', 'COMMUNICATION', 'POSTAL_MAIL') THEN
      CASE WHEN result IN ('BOUNCED', 'FAILED') THEN 'note' ELSE 'email' END
    WHEN type = 'TASK' THEN 'task'
    ELSE 'note'
  END AS kind,
  CASE WHEN type = 'MEETING' THEN created_at END AS recorded_at
FROM {engagement_told}
WHERE CASE
    WHEN type = 'TASK' THEN coalesce(result, '') = 'COMPLETED'
    WHEN type = 'EMAIL' THEN coalesce(result, '') NOT IN ('SCHEDULED', 'SENDING', 'DRAFT')
    ELSE 1
  END;

-- An engagement is linked to a deal once for every kind of association.
--! view link
SELECT DISTINCT CAST(engagement_id AS TEXT) AS engagement_id, CAST(deal_id AS TEXT) AS deal_id
FROM {engagement_deal}
WHERE NOT coalesce(_fivetran_deleted, 0)
  AND nullif(deal_id, '') IS NOT NULL
  AND CAST(deal_id AS TEXT) NOT IN (SELECT deal_id FROM {left_out_deal});

--! view pipeline_event
SELECT deal_id, at, kind, old_value, value AS new_value, NULL AS recorded_at
FROM {version}
WHERE version > 1 AND value IS NOT old_value
UNION ALL
SELECT link.deal_id, activity.at, activity.kind, NULL, NULL, activity.recorded_at
FROM {activity} AS activity
JOIN {link} AS link ON link.engagement_id = activity.engagement_id;

-- Ranks are those of the pipeline: each has an order of its own, and stages of the same name.
--! view pipeline_stage
SELECT stage, rank, pipeline, NULL AS max_idle_days
FROM (
  SELECT
    *,
    row_number() OVER (PARTITION BY pipeline, stage ORDER BY retired, CAST(rank AS REAL), stage_id) AS choice
  FROM {stage}
  WHERE rank IS NOT NULL
)
WHERE choice = 1;

-- HubSpot's goals are of many kinds (calls made, meetings held, revenue) and are not among these tables. A table quota
-- with the columns of pipeline_quota takes their place; owner_id says whose it is by HubSpot's id.
--! view pipeline_quota
SELECT
  quota.period_start,
  quota.period_end,
  quota.amount,
  coalesce(seller.owner, nullif(quota.owner, ''), nullif(CAST(quota.owner_id AS TEXT), '')) AS owner,
  coalesce(nullif(quota.team, ''), seller.team) AS team
FROM {quota} AS quota
LEFT JOIN {seller} AS seller ON seller.owner_id = CAST(quota.owner_id AS TEXT);

--! report deleted_deals
SELECT count(*) FROM {deal} WHERE is_deleted OR _fivetran_deleted
--! report merged_deals
SELECT count(DISTINCT merged_deal_id) FROM {merged_deal} WHERE nullif(merged_deal_id, '') IS NOT NULL AND CAST(merged_deal_id AS TEXT) IS NOT CAST(deal_id AS TEXT)
--! report currencies
SELECT group_concat(currency, ', ') FROM (SELECT DISTINCT nullif(property_deal_currency_code, '') AS currency FROM {deal} ORDER BY currency)
