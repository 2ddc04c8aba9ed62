-- Salesforce: how its tables, exported under their API names, become the relations of pipeline_health.
--
--     SELECT pipeline_connect('salesforce');
--
-- runs this file. First it makes, for every table declared below, a TEMP view salesforce_<Table> with exactly the
-- declared columns: a column that the export lacks is NULL, a table that it lacks is empty. Tables and columns are
-- found whatever their case and underscores, so that close_date of a warehouse is CloseDate. Then it runs the
-- statements; the mark in each of them tells the next call that the view may be replaced. To change the mapping,
-- change the views: their columns are all that the extension reads.
--
-- Lines that begin with "--!" are read by pipeline_connect:
--     table NAME [required]         a table of the CRM
--     columns A!, B|C, D?, ...      its columns; without one marked ! the table counts as absent; one marked ? is a
--                                   boolean and comes as 1, 0 or NULL, however the export writes it; B|C is B, or C
--                                   where the export lacks B, and comes as B
--     off [COLUMN:] TEXT            what the absence of the table (of the column) switches off
--     report KEY SELECT ...         one value for the JSON that pipeline_connect returns
--
-- Two rules hold throughout. An empty text is a missing value: CSV knows no NULL. Dates pass as they are, for the
-- extension to read, or to report as bad.

--! table Opportunity required
--! columns Id! raw, StageName! raw, CreatedDate! raw, IsDeleted boolean, Name raw, OwnerId raw, RecordTypeId raw, Amount raw, CurrencyIsoCode raw, CloseDate raw
--! columns IsClosed boolean, IsWon boolean, LastStageChangeDate raw
--! off IsDeleted: deleted deals cannot be told: where the export has them, they count
--! off OwnerId: owners and teams of deals
--! off Amount: every amount: each deal counts as 0
--! off CloseDate: overdue and parked deals, claimed coverage
--! off IsClosed: outcomes, but for what OpportunityStage says of the stage
--! off IsWon: outcomes, but for what OpportunityStage says of the stage
--! off LastStageChangeDate: the closing day of a deal without OpportunityHistory is its CloseDate, which nobody corrects when a deal is lost
--! table OpportunityHistory
--! columns OpportunityId! raw, CreatedDate! raw, Id raw, IsDeleted boolean, StageName raw, Amount raw, CloseDate raw
--! off what deals were in the past: stage changes as progress, days in stage, pushes, earlier amounts; the closing day is LastStageChangeDate, else CloseDate
--! off StageName: stage changes as progress, days in stage; the closing day is LastStageChangeDate, else CloseDate
--! off Amount: earlier amounts: the amount of today counts in the past too
--! off CloseDate: pushes and earlier close dates: the close date of today counts in the past too
--! table OpportunityFieldHistory
--! columns OpportunityId! raw, Field! raw, NewValue! raw, CreatedDate! raw, Id raw, IsDeleted boolean, OldValue raw
--! off owner changes: a deal belongs to its owner of today in the past too
--! table OpportunityStage
--! columns MasterLabel! raw, SortOrder! raw, Id raw, ApiName raw, IsActive boolean, IsClosed boolean, IsWon boolean
--! off ranks of stages: a stage change is forward when the deal has never been in the stage
--! table Task
--! columns WhatId! raw, Id raw, IsDeleted boolean, IsClosed boolean, Status raw, Type raw, TaskSubtype raw, CallType raw, CompletedDateTime raw, ActivityDate raw, CreatedDate raw
--! off calls, emails, replies and tasks: untouched and ghosted deals are judged without them
--! off CompletedDateTime: the day a task was done: its due date, ActivityDate, counts
--! table EmailMessage
--! columns ActivityId! raw, Incoming! boolean, IsDeleted boolean
--! off replies by email, but for tasks whose type says that they are incoming
--! table Event
--! columns WhatId! raw, Id raw, IsDeleted boolean, IsChild boolean, Subject raw, StartDateTime raw, ActivityDateTime raw, ActivityDate raw, CreatedDate raw
--! off meetings: the rules on meetings, unless meetings are logged as tasks of type Meeting
--! off CreatedDate: meetings agreed ahead as commitments, next meetings
--! table User
--! columns Id! raw, Name raw, FirstName raw, LastName raw, Department raw, UserRoleId raw
--! off names of owners (their ids stand in) and teams
--! table UserRole
--! columns Id! raw, Name! raw
--! off roles as teams: User.Department stands in
--! table RecordType
--! columns Id! raw, Name! raw
--! off names of pipelines: RecordTypeId stands in
--! table ForecastingQuota
--! columns QuotaOwnerId! raw, StartDate! raw, QuotaAmount! raw, Id raw, IsDeleted boolean, ForecastingTypeId raw
--! off quotas: coverage, the chance to hit and openings needed
--! off ForecastingTypeId: the types of quotas cannot be told: all quotas count

-- The people: a name for every user, and the team, which is the role, else the department. Grouped, so that a user
-- exported twice does not double its deals.
--! view seller
SELECT
  user.Id AS user_id,
  coalesce(
    max(nullif(user.Name, '')),
    max(nullif(trim(coalesce(user.FirstName, '') || ' ' || coalesce(user.LastName, '')), '')),
    user.Id
  ) AS owner,
  coalesce(max(nullif(role.Name, '')), max(nullif(user.Department, ''))) AS team
FROM {User} AS user
LEFT JOIN {UserRole} AS role ON role.Id = user.UserRoleId
GROUP BY user.Id;

-- Stages by the name that Opportunity.StageName holds: the label in most exports, the API name where the two differ.
-- Inactive stages count, old deals have been in them; where a label was used twice, the active one wins.
--! view stage
WITH named AS (
  SELECT nullif(MasterLabel, '') AS stage, 1 AS by_label, * FROM {OpportunityStage}
  UNION ALL
  SELECT nullif(ApiName, ''), 0, * FROM {OpportunityStage}
),
numbered AS (
  SELECT
    *,
    row_number() OVER (
      PARTITION BY stage
      ORDER BY by_label DESC, coalesce(IsActive, 0) DESC, CAST(SortOrder AS REAL), Id
    ) AS choice
  FROM named
)
SELECT
  stage,
  SortOrder AS rank,
  IsClosed AS is_closed,
  IsWon AS is_won
FROM numbered
WHERE stage IS NOT NULL AND choice = 1;

-- Rows of a deleted deal are out with it, whether or not they are marked as deleted themselves.
--! view deleted_deal
SELECT Id AS deal_id
FROM {Opportunity}
WHERE Id IS NOT NULL AND IsDeleted;

-- OpportunityHistory holds one row a change with all values then current, so a change is a difference between
-- neighbours. The first row is the creation: its values are what the first change started from.
--! view version
WITH history AS (
  -- The order is that of instants, as a Julian day, not of texts: zones differ, and numbers are days, seconds or
  -- milliseconds, as the extension reads them. SQLite's own functions want a colon in the zone.
  SELECT
    *,
    CASE
      WHEN CreatedDate NOT GLOB '*[^0-9.]*' THEN
        CASE
          WHEN CAST(CreatedDate AS REAL) < 5373484.5 THEN CAST(CreatedDate AS REAL)
          WHEN CAST(CreatedDate AS REAL) < 100000000000 THEN CAST(CreatedDate AS REAL) / 86400 + 2440587.5
          ELSE CAST(CreatedDate AS REAL) / 86400000 + 2440587.5
        END
      WHEN CreatedDate GLOB '*:*[+-][0-9][0-9][0-9][0-9]' THEN
        julianday(substr(CreatedDate, 1, length(CreatedDate) - 2) || ':' || substr(CreatedDate, -2))
      WHEN CreatedDate GLOB '*:*[+-][0-9][0-9]' THEN julianday(CreatedDate || ':00')
      ELSE julianday(CreatedDate)
    END AS moment
  FROM {OpportunityHistory}
)
SELECT
  OpportunityId AS deal_id,
  CreatedDate AS at,
  nullif(StageName, '') AS stage,
  nullif(Amount, '') AS amount,
  nullif(CloseDate, '') AS close_date,
  row_number() OVER deal AS version,
  lag(nullif(StageName, '')) OVER deal AS old_stage,
  lag(nullif(Amount, '')) OVER deal AS old_amount,
  lag(nullif(CloseDate, '')) OVER deal AS old_close_date
FROM history
WHERE NOT coalesce(IsDeleted, 0)
  AND coalesce(OpportunityId, '') NOT IN (SELECT deal_id FROM {deleted_deal})
WINDOW deal AS (PARTITION BY OpportunityId ORDER BY moment, Id);

-- The last time a deal entered a stage: max(version) picks the row that the other columns are from.
--! view last_entry
SELECT deal_id, stage, at, max(version) AS version
FROM {version}
WHERE version = 1 OR stage IS NOT old_stage
GROUP BY deal_id;

-- The closing day is the day on which the history entered the closed stage. CloseDate is a forecast: Salesforce
-- overwrites it when a deal is won early, and never when it is lost.
--! view pipeline_deal
WITH opportunity AS (
  SELECT
    deal.*,
    coalesce(deal.IsClosed, stage.is_closed) AS is_closed,
    coalesce(deal.IsWon, stage.is_won) AS is_won
  FROM {Opportunity} AS deal
  LEFT JOIN {stage} AS stage ON stage.stage = deal.StageName
  WHERE NOT coalesce(deal.IsDeleted, 0)
),
record_type AS (
  SELECT Id, max(nullif(Name, '')) AS name FROM {RecordType} GROUP BY Id
)
SELECT
  deal.Id AS deal_id,
  deal.Name AS name,
  coalesce(seller.owner, nullif(deal.OwnerId, '')) AS owner,
  seller.team AS team,
  coalesce(record_type.name, nullif(deal.RecordTypeId, '')) AS pipeline,
  deal.StageName AS stage,
  deal.Amount AS amount,
  deal.CreatedDate AS created_at,
  deal.CloseDate AS close_date,
  CASE WHEN deal.is_closed OR deal.is_won THEN
    coalesce(nullif(entry.at, ''), nullif(deal.LastStageChangeDate, ''), nullif(deal.CloseDate, ''))
  END AS closed_at,
  -- What is neither known to be closed nor known to be open stays NULL, which pipeline_check reports.
  CASE
    WHEN deal.is_won THEN 'won'
    WHEN NOT deal.is_closed THEN 'open'
    WHEN deal.is_closed AND NOT deal.is_won THEN 'lost'
  END AS outcome
FROM opportunity AS deal
LEFT JOIN {seller} AS seller ON seller.user_id = deal.OwnerId
LEFT JOIN record_type ON record_type.Id = deal.RecordTypeId
LEFT JOIN {last_entry} AS entry ON entry.deal_id = deal.Id AND entry.stage = deal.StageName;

-- A task is an activity once it is done. Type and subtype tell the channel; a call or an email that came in is the
-- client's reply. A task of type Meeting is a meeting that was logged as one; when its to-do was written down says
-- nothing of the client. An internal call is none with the client.
-- An event is a meeting; the copies for its guests (IsChild) are not more of them. A calendar that takes a meeting back leaves it
-- with a subject that says so: it was not held, but somebody worked on the record.
--! view activity
WITH done AS (
  SELECT
    *,
    lower(coalesce(Type, '') || ' ' || coalesce(TaskSubtype, '')) AS channel,
    lower(coalesce(Type, '') || ' ' || coalesce(TaskSubtype, '') || ' ' || coalesce(CallType, '')) AS direction
  FROM {Task}
  WHERE NOT coalesce(IsDeleted, 0)
    AND coalesce(IsClosed, lower(Status) = 'completed')
)
SELECT
  WhatId,
  coalesce(nullif(CompletedDateTime, ''), ActivityDate) AS at,
  CASE
    WHEN lower(CallType) = 'internal' THEN 'task'
    WHEN channel LIKE '%call%' OR channel LIKE '%email%' OR channel LIKE '%e-mail%' OR nullif(CallType, '') IS NOT NULL THEN
      CASE
        WHEN direction LIKE '%incoming%' OR direction LIKE '%inbound%' OR direction LIKE '%reply%' THEN 'reply'
        WHEN Id IN (
          SELECT ActivityId
          FROM {EmailMessage}
          WHERE Incoming
            AND NOT coalesce(IsDeleted, 0)
        ) THEN 'reply'
        WHEN channel LIKE '%mail%' AND channel NOT LIKE '%voice%mail%' THEN 'email'
        ELSE 'call'
      END
    WHEN lower(Type) = 'meeting' THEN 'meeting'
    ELSE 'task'
  END AS kind,
  NULL AS recorded_at
FROM done
UNION ALL
SELECT
  WhatId,
  coalesce(nullif(StartDateTime, ''), nullif(ActivityDateTime, ''), ActivityDate),
  CASE WHEN lower(Subject) LIKE 'canceled:%' OR lower(Subject) LIKE 'cancelled:%' THEN 'note' ELSE 'meeting' END,
  CreatedDate
FROM {Event}
WHERE NOT coalesce(IsDeleted, 0)
  AND NOT coalesce(IsChild, 0);

--! view pipeline_event
-- Each version of a deal gives up to three changes; one pass over the history finds them all.
SELECT
  deal_id,
  at,
  kind,
  CASE kind WHEN 'stage' THEN old_stage WHEN 'amount' THEN old_amount ELSE old_close_date END AS old_value,
  CASE kind WHEN 'stage' THEN stage WHEN 'amount' THEN amount ELSE close_date END AS new_value,
  NULL AS recorded_at
FROM {version}
CROSS JOIN (SELECT 'stage' AS kind UNION ALL SELECT 'amount' UNION ALL SELECT 'close_date')
WHERE version > 1
  AND CASE kind
    WHEN 'stage' THEN stage IS NOT old_stage
    WHEN 'amount' THEN amount IS NOT old_amount
    ELSE close_date IS NOT old_close_date
  END
UNION ALL
-- Salesforce writes a change of owner twice, once with ids and once with names. The ids are taken and named as
-- everywhere else; the names only where an export has no row with ids at all.
SELECT
  change.OpportunityId,
  change.CreatedDate,
  'owner',
  coalesce(old_seller.owner, nullif(change.OldValue, '')),
  coalesce(new_seller.owner, nullif(change.NewValue, '')),
  NULL
FROM {OpportunityFieldHistory} AS change
LEFT JOIN {seller} AS old_seller ON old_seller.user_id = change.OldValue
LEFT JOIN {seller} AS new_seller ON new_seller.user_id = change.NewValue
WHERE lower(change.Field) IN ('owner', 'ownerid')
  AND NOT coalesce(change.IsDeleted, 0)
  AND coalesce(change.OpportunityId, '') NOT IN (SELECT deal_id FROM {deleted_deal})
  AND (
    new_seller.user_id IS NOT NULL
    OR (change.NewValue GLOB '005*' AND length(change.NewValue) IN (15, 18))
    OR NOT EXISTS (
      SELECT 1
      FROM {OpportunityFieldHistory} AS other
      WHERE lower(other.Field) IN ('owner', 'ownerid')
        AND (
          (other.NewValue GLOB '005*' AND length(other.NewValue) IN (15, 18))
          OR other.NewValue IN (SELECT user_id FROM {seller})
        )
    )
  )
UNION ALL
-- WhatId also points to accounts, cases and more. Opportunities have the key prefix 006 (one that the export lacks is
-- then reported, not lost) or are known by their id.
SELECT activity.WhatId, activity.at, activity.kind, NULL, NULL, activity.recorded_at
FROM {activity} AS activity
WHERE (
    substr(activity.WhatId, 1, 3) = '006'
    OR activity.WhatId IN (SELECT Id FROM {Opportunity})
  )
  AND activity.WhatId NOT IN (SELECT deal_id FROM {deleted_deal});

--! view pipeline_stage
SELECT stage, rank, NULL AS pipeline, NULL AS max_idle_days
FROM {stage};

-- Quotas are kept for each forecast type (revenue, overlays, ...). Adding them up would count targets twice, so one
-- type counts: the one with the most rows.
--! view forecasting_type
SELECT nullif(ForecastingTypeId, '') AS forecasting_type, count(*) AS quotas
FROM {ForecastingQuota}
WHERE NOT coalesce(IsDeleted, 0)
GROUP BY forecasting_type
ORDER BY quotas DESC, forecasting_type
LIMIT 1;

--! view quota
SELECT
  quota.QuotaOwnerId AS user_id,
  quota.StartDate AS period_start,
  date(substr(quota.StartDate, 1, 10)) AS first_day,
  nullif(quota.QuotaAmount, '') AS amount
FROM {ForecastingQuota} AS quota
WHERE NOT coalesce(quota.IsDeleted, 0)
  AND nullif(quota.ForecastingTypeId, '') IS (SELECT forecasting_type FROM {forecasting_type});

-- A quota says when it starts, not when it ends. One without an amount is none, but ends the one before it. It runs to the day before its owner's next one. The last one runs as
-- long as the one before: in months where both start on the same day of the month, else in days. Who has a single
-- quota has the period of the colleagues.
--! view pipeline_quota
WITH period AS (
  SELECT
    user_id,
    first_day,
    lead(first_day) OVER own AS next_day,
    lag(first_day) OVER own AS last_day
  FROM (SELECT DISTINCT user_id, first_day FROM {quota})
  WINDOW own AS (PARTITION BY user_id ORDER BY first_day)
),
colleagues AS (
  SELECT
    first_day,
    lead(first_day) OVER everyone AS next_day,
    lag(first_day) OVER everyone AS last_day
  FROM (SELECT DISTINCT first_day FROM {quota})
  WINDOW everyone AS (ORDER BY first_day)
),
neighbour AS (
  SELECT
    period.user_id,
    period.first_day,
    CASE WHEN period.last_day IS NULL THEN coalesce(period.next_day, colleagues.next_day) ELSE period.next_day END AS next_day,
    coalesce(period.last_day, colleagues.last_day) AS last_day
  FROM period
  JOIN colleagues ON colleagues.first_day = period.first_day
)
SELECT
  quota.period_start,
  CASE
    WHEN neighbour.next_day IS NOT NULL THEN date(neighbour.next_day, '-1 day')
    WHEN strftime('%d', neighbour.first_day) = strftime('%d', neighbour.last_day) THEN
      date(
        neighbour.first_day,
        ((strftime('%Y', neighbour.first_day) - strftime('%Y', neighbour.last_day)) * 12
          + strftime('%m', neighbour.first_day) - strftime('%m', neighbour.last_day)) || ' months',
        '-1 day'
      )
    ELSE
      date(
        neighbour.first_day,
        CAST(julianday(neighbour.first_day) - julianday(neighbour.last_day) AS INTEGER) || ' days',
        '-1 day'
      )
  END AS period_end,
  quota.amount,
  coalesce(seller.owner, quota.user_id) AS owner,
  seller.team
FROM {quota} AS quota
LEFT JOIN neighbour ON neighbour.user_id = quota.user_id AND neighbour.first_day = quota.first_day
LEFT JOIN {seller} AS seller ON seller.user_id = quota.user_id
WHERE quota.amount IS NOT NULL;

--! report deleted_deals
SELECT count(*) FROM {deleted_deal}
--! report forecasting_type
SELECT forecasting_type FROM {forecasting_type}
--! report quotas_of_other_forecasting_types
SELECT (SELECT count(*) FROM {ForecastingQuota} WHERE NOT coalesce(IsDeleted, 0)) - (SELECT count(*) FROM {quota})
--! report quotas_without_amount
SELECT count(*) FROM {quota} WHERE amount IS NULL
--! report currencies
SELECT group_concat(currency, ', ') FROM (SELECT DISTINCT nullif(CurrencyIsoCode, '') AS currency FROM {Opportunity} ORDER BY currency)
