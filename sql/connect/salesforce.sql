-- Salesforce: its tables under their API names, as Data Export, Data Loader and warehouses hold them, become the relations of
-- pipeline_health. The language of this file is described in README.md beside it.
--
-- Dates pass as they are, for the extension to read or to report as bad; what Salesforce keeps as a date (a column of kind
-- `day`) loses the midnight that loaders add. A version of a deal in OpportunityHistory is three plain rows of kinds
-- `…_state`: what changed between versions is the extension's to find.

--! outcome of deal from the columns IsClosed and IsWon of Opportunity, or of OpportunityStage

--! table Opportunity required (deals)
--! columns Id! id, StageName!, CreatedDate! date, Name, OwnerId id, AccountId id, RecordTypeId id, Amount raw, CurrencyIsoCode
--! columns CloseDate day, IsClosed boolean, IsWon boolean, LastStageChangeDate date
--! columns ForecastCategory = ForecastCategoryName, IsDeleted boolean
--! key Id
--! off IsDeleted: deleted deals cannot be told: where the export has them, they count
--! off OwnerId: owners and teams of deals
--! off Amount: every amount: each deal counts as 0
--! off CloseDate: overdue and parked deals, claimed coverage
--! off IsClosed: outcomes, but for what OpportunityStage says of the stage
--! off IsWon: outcomes, but for what OpportunityStage says of the stage
--! off if not Opportunity.LastStageChangeDate and not OpportunityHistory and not OpportunityFieldHistory: the closing day of a deal is its CloseDate, which nobody corrects when a deal is lost
--! table OpportunityHistory (history)
--! columns OpportunityId! id, CreatedDate! raw_date, Id raw, StageName raw, Amount raw, CloseDate raw_date, ForecastCategory raw
--! off if not OpportunityHistory and not OpportunityFieldHistory: what deals were in the past: stage changes as progress, days in stage, pushes, earlier amounts; the closing day is LastStageChangeDate, else CloseDate
--! off StageName: stage changes as progress, days in stage; the closing day is LastStageChangeDate, else CloseDate
--! off Amount: earlier amounts: the amount of today counts in the past too
--! off CloseDate: pushes and earlier close dates: the close date of today counts in the past too
--! table OpportunityFieldHistory (field_history)
--! columns OpportunityId! id, Field!, NewValue!, CreatedDate! date, OldValue, Id
--! key Id | whole row
--! off owner changes: a deal belongs to its owner of today in the past too
--! off if not OpportunityHistory and OpportunityFieldHistory: what deals were in the past, but for the fields that OpportunityFieldHistory tracks
--! table OpportunityStage (stages)
--! columns MasterLabel!, SortOrder!, Id, ApiName, IsActive boolean, IsClosed boolean, IsWon boolean
--! keeps deleted
--! off ranks of stages: a stage change is forward when the deal has never been in the stage
--! table Task (tasks)
--! columns WhatId! id, Id id, WhoId id, AccountId id, IsClosed boolean, Status, Type, TaskSubtype, CallType, EmailMessageId
--! columns CompletedDateTime date, ActivityDate day, CreatedDate date
--! key Id
--! off calls, emails, replies and tasks: untouched and ghosted deals are judged without them
--! off CompletedDateTime: the day a task was done: its due date, ActivityDate, counts
--! table EmailMessage (emails)
--! columns Incoming! boolean, Id id, ActivityId id, RelatedToId id, MessageDate date, CreatedDate date
--! key Id
--! off replies by email, but for tasks whose type says that they are incoming
--! table Event (events)
--! columns WhatId! id, Id id, WhoId id, AccountId id, IsChild boolean, IsAllDayEvent boolean, Subject
--! columns StartDateTime date, ActivityDateTime date, ActivityDate day, CreatedDate date
--! key Id
--! off meetings: the rules on meetings, unless meetings are logged as tasks of type Meeting
--! off CreatedDate: meetings agreed ahead as commitments, next meetings
--! option activities_of = deal | account | contact
--! off if Task.WhoId or Task.AccountId or Event.WhoId or Event.AccountId and option activities_of = deal: activities on accounts and contacts that hang on no deal; option activities_of 'account' or 'contact' gives them to the only deal that was open on their day
--! table OpportunityContactRole (contact_roles)
--! columns OpportunityId! id, ContactId! id, Id id
--! key Id
--! off if option activities_of = contact and not OpportunityContactRole: activities on contacts: OpportunityContactRole says whose deals they are
--! table User (users)
--! columns Id! id, Name, FirstName, LastName, Email, Username, Department, UserRoleId id, ManagerId id
--! key Id
--! keeps deleted
--! off names of owners (their ids stand in) and teams
--! table UserRole (roles)
--! columns Id! id, Name!, ParentRoleId id, ForecastUserId id
--! key Id
--! keeps deleted
--! off roles as teams: User.Department stands in
--! table RecordType (record_types)
--! columns Id! id, Name!
--! key Id
--! keeps deleted
--! off names of pipelines: RecordTypeId stands in
--! table ForecastingQuota (quotas)
--! columns QuotaOwnerId! id, StartDate! day, QuotaAmount! raw, Id id, PeriodId id, ForecastingTypeId id, CurrencyIsoCode
--! columns IsQuantity boolean, ProductFamily, Territory2Id id
--! key Id
--! off quotas: coverage, the chance to hit and openings needed
--! off ForecastingTypeId: telling forecast types apart: all quotas count
--! table Period (periods)
--! columns Id! id, EndDate! day
--! key Id
--! table CurrencyType (currencies)
--! columns IsoCode!, ConversionRate!, IsActive boolean
--! key IsoCode
--! table DatedConversionRate (dated_rates)
--! columns IsoCode!, ConversionRate!, StartDate! day, Id id
--! key Id
--! table Organization (organization)
--! columns FiscalYearStartMonth!

-- Roles above each role, itself at distance 0, and the forecast manager of each.
--! view if UserRole.ParentRoleId and UserRole.ForecastUserId: role_above
WITH RECURSIVE above(role_id, above_id, distance) AS (
  SELECT Id, Id, 0 FROM {UserRole}
  UNION
  SELECT above.role_id, role.ParentRoleId, above.distance + 1
  FROM above
  JOIN {UserRole} AS role ON role.Id = above.above_id
  WHERE role.ParentRoleId IS NOT NULL AND above.distance < 64
)
SELECT above.role_id, above.above_id, above.distance, role.Name AS name, role.ForecastUserId AS manager_id
FROM above
JOIN {UserRole} AS role ON role.Id = above.above_id
WHERE role.ForecastUserId IS NOT NULL;

-- The people. A team is a forecast manager with the sellers below; without forecast managers it is the role, else the
-- department. Owners are persons: where two have one name, the address tells them apart, else the id.
--! view seller
WITH person AS (
  SELECT
    user.Id AS Id, user.Email AS Email, user.Username AS Username, user.Department AS Department, user.UserRoleId AS UserRoleId,
    coalesce(Name, nullif(trim(coalesce(FirstName, '') || ' ' || coalesce(LastName, '')), ''), Id) AS full_name
  FROM {User} AS user
),
shared AS (
  SELECT full_name FROM person GROUP BY full_name HAVING count(*) > 1
)
--! if UserRole.ParentRoleId and UserRole.ForecastUserId
, team AS (
  SELECT role_id, name, min(distance) FROM {role_above} GROUP BY role_id
)
--! end
SELECT
  person.Id AS user_id,
  CASE WHEN shared.full_name IS NULL THEN person.full_name
    ELSE person.full_name || ' (' || coalesce(person.Email, person.Username, person.Id) || ')' END AS owner,
--! if UserRole.ParentRoleId and UserRole.ForecastUserId
  coalesce(team.name, role.Name, person.Department) AS team
--! else
  coalesce(role.Name, person.Department) AS team
--! end
FROM person
LEFT JOIN shared ON shared.full_name = person.full_name
LEFT JOIN {UserRole} AS role ON role.Id = person.UserRoleId
--! if UserRole.ParentRoleId and UserRole.ForecastUserId
LEFT JOIN team ON team.role_id = person.UserRoleId
--! end

-- Who is above whom: the forecast managers of the roles above, else the managers of the users.
--! view superior
--! if UserRole.ParentRoleId and UserRole.ForecastUserId
SELECT DISTINCT user.Id AS user_id, above.manager_id AS superior_id
FROM {User} AS user
JOIN {role_above} AS above ON above.role_id = user.UserRoleId
WHERE above.manager_id <> user.Id
--! else
WITH RECURSIVE above(user_id, superior_id, distance) AS (
  SELECT Id, ManagerId, 1 FROM {User} WHERE ManagerId IS NOT NULL AND ManagerId <> Id
  UNION
  SELECT above.user_id, user.ManagerId, above.distance + 1
  FROM above
  JOIN {User} AS user ON user.Id = above.superior_id
  WHERE user.ManagerId IS NOT NULL AND above.distance < 64
)
SELECT DISTINCT user_id, superior_id FROM above WHERE superior_id <> user_id
--! end

-- Stages by the name that Opportunity.StageName holds: the label in most exports, the API name where the two differ.
-- Inactive stages count, old deals have been in them; where a label was used twice, the active one wins. Without the table
-- the deals say which stages are closed.
--! view stage
--! if OpportunityStage
WITH named AS (
  SELECT MasterLabel AS stage, 1 AS by_label, Id, SortOrder, IsActive, IsClosed, IsWon FROM {OpportunityStage}
  UNION ALL
  SELECT ApiName, 0, Id, SortOrder, IsActive, IsClosed, IsWon FROM {OpportunityStage}
),
numbered AS (
  SELECT
    stage, SortOrder, IsClosed, IsWon,
    row_number() OVER (
      PARTITION BY stage
      ORDER BY by_label DESC, coalesce(IsActive, 0) DESC, CAST(SortOrder AS REAL), Id
    ) AS choice
  FROM named
)
SELECT {values stage} AS stage, stage AS own_stage, SortOrder AS rank, IsClosed AS is_closed, IsWon AS is_won
FROM numbered
WHERE stage IS NOT NULL AND choice = 1
--! else
SELECT {values StageName} AS stage, StageName AS own_stage, NULL AS rank, max(IsClosed) AS is_closed, max(IsWon) AS is_won
FROM {Opportunity}
WHERE StageName IS NOT NULL
GROUP BY StageName
--! end

--! view closed_stage
SELECT own_stage, CASE WHEN is_won THEN 'won' ELSE 'lost' END AS outcome
FROM {stage}
WHERE is_closed OR is_won

-- What is neither known to be closed nor known to be open stays NULL, which pipeline_check reports.
--! view deal
SELECT
  deal.Id AS Id, deal.Name AS Name, deal.OwnerId AS OwnerId, deal.AccountId AS AccountId, deal.RecordTypeId AS RecordTypeId, deal.StageName AS StageName, deal.Amount AS Amount, deal.CurrencyIsoCode AS CurrencyIsoCode,
  deal.CreatedDate AS CreatedDate, deal.CloseDate AS CloseDate, deal.LastStageChangeDate AS LastStageChangeDate, deal.ForecastCategory AS ForecastCategory,
--! if OpportunityStage
  CASE
    WHEN coalesce(deal.IsWon, stage.is_won) THEN 'won'
    WHEN NOT coalesce(deal.IsClosed, stage.is_closed) THEN 'open'
    WHEN coalesce(deal.IsClosed, stage.is_closed) AND NOT coalesce(deal.IsWon, stage.is_won) THEN 'lost'
  END AS outcome
FROM {Opportunity} AS deal
LEFT JOIN {stage} AS stage ON stage.own_stage = deal.StageName
--! else
  CASE
    WHEN deal.IsWon THEN 'won'
    WHEN NOT deal.IsClosed THEN 'open'
    WHEN deal.IsClosed AND NOT deal.IsWon THEN 'lost'
  END AS outcome
FROM {Opportunity} AS deal
--! end

-- The stages that a deal had. A row of the history of fields says what was before and what is since.
--! view if not OpportunityHistory and OpportunityFieldHistory or OpportunityHistory.StageName: version
--! if OpportunityHistory
SELECT OpportunityId AS deal_id, CreatedDate AS at, Id AS tie, {lookup outcome of closed_stage by own_stage, StageName} AS outcome
FROM {OpportunityHistory}
--! else
SELECT OpportunityId AS deal_id, CreatedDate AS at, 'old' AS tie, {lookup outcome of closed_stage by own_stage, OldValue} AS outcome
FROM {OpportunityFieldHistory}
WHERE lower(Field) = 'stagename'
UNION ALL
SELECT OpportunityId, CreatedDate, 'then new', {lookup outcome of closed_stage by own_stage, NewValue}
FROM {OpportunityFieldHistory}
WHERE lower(Field) = 'stagename'
--! end

-- The row of the history with which a deal came to the outcome that it has at its end: the first of the closed rows of one
-- outcome behind which no row says anything else.
--! view entered
WITH deal AS MATERIALIZED (
  SELECT
    deal.Id AS Id, deal.Name AS Name, deal.OwnerId AS OwnerId, deal.AccountId AS AccountId, deal.RecordTypeId AS RecordTypeId, deal.StageName AS StageName, deal.Amount AS Amount, deal.CurrencyIsoCode AS CurrencyIsoCode,
    deal.CreatedDate AS CreatedDate, deal.CloseDate AS CloseDate, deal.LastStageChangeDate AS LastStageChangeDate, deal.ForecastCategory AS ForecastCategory, deal.outcome AS outcome,
--! if not OpportunityHistory and OpportunityFieldHistory or OpportunityHistory.StageName
    {entry of version, deal.Id} AS entry
--! else
    NULL AS entry
--! end
  FROM {deal} AS deal
)
SELECT
  Id, Name, OwnerId, AccountId, RecordTypeId, StageName, Amount, CurrencyIsoCode, CreatedDate, CloseDate, LastStageChangeDate, ForecastCategory, outcome,
  rtrim(substr(entry, 1, 4)) AS entry_outcome, substr(entry, 6, 1) = '1' AS entry_is_first, substr(entry, 8) AS entry_at
FROM deal

-- CloseDate is a forecast: Salesforce overwrites it when a deal is won early, and never when it is lost. So the closing day
-- is that of the entry, else that of the last change of stage where a deal of that outcome has one stage only. A deal
-- that was inserted already closed, within a minute of its creation or as the first row of its history long after its close
-- date, closed on its close date.
--! view closing
SELECT
  deal.Id AS Id, deal.Name AS Name, deal.OwnerId AS OwnerId, deal.AccountId AS AccountId, deal.RecordTypeId AS RecordTypeId, deal.StageName AS StageName, deal.Amount AS Amount, deal.CurrencyIsoCode AS CurrencyIsoCode,
  deal.CreatedDate AS CreatedDate, deal.CloseDate AS CloseDate, deal.LastStageChangeDate AS LastStageChangeDate, deal.ForecastCategory AS ForecastCategory, deal.outcome AS outcome,
  deal.entry_outcome AS entry_outcome, deal.entry_at AS entry_at,
  CASE WHEN deal.outcome IN ('won', 'lost') THEN
    coalesce(
--! if not OpportunityHistory and OpportunityFieldHistory or OpportunityHistory.StageName
      CASE WHEN deal.entry_outcome = deal.outcome
        AND NOT (deal.entry_is_first AND coalesce(julianday(substr(deal.entry_at, 1, 10)) - julianday(substr(deal.CloseDate, 1, 10)) > 7, 0))
        AND (
          substr(deal.entry_at, 1, 10) > substr(deal.CreatedDate, 1, 10) AND substr(deal.CreatedDate, 12, 5) IS NOT '23:59'
          OR julianday(pipeline_date(deal.entry_at)) - julianday(pipeline_date(deal.CreatedDate)) > 1.0 / 1440
        ) THEN nullif(deal.entry_at, '') END,
      CASE WHEN deal.entry_at IS NOT NULL THEN deal.CloseDate END,
--! end
      CASE WHEN julianday(pipeline_date(deal.LastStageChangeDate)) - julianday(pipeline_date(deal.CreatedDate)) > 1.0 / 1440
        AND deal.outcome NOT IN (SELECT outcome FROM {several_stages}) THEN deal.LastStageChangeDate END,
      deal.CloseDate
    )
  END AS closed_at
FROM {entered} AS deal

--! view several_stages
--! if OpportunityStage
SELECT CASE WHEN IsWon THEN 'won' ELSE 'lost' END AS outcome
FROM {OpportunityStage}
WHERE IsClosed OR IsWon
GROUP BY CASE WHEN IsWon THEN 'won' ELSE 'lost' END
HAVING count(DISTINCT MasterLabel) > 1
--! else
SELECT outcome FROM {closed_stage} GROUP BY outcome HAVING count(*) > 1
--! end

--! view pipeline_deal
SELECT
  deal.Id AS deal_id,
  deal.Name AS name,
  coalesce({lookup owner of seller by user_id, deal.OwnerId}, deal.OwnerId) AS owner,
  {lookup team of seller by user_id, deal.OwnerId} AS team,
  coalesce({lookup Name of RecordType by Id, deal.RecordTypeId}, deal.RecordTypeId) AS pipeline,
  {values deal.StageName} AS stage,
  deal.Amount AS amount,
  deal.CurrencyIsoCode AS currency,
  deal.CreatedDate AS created_at,
  deal.CloseDate AS close_date,
  deal.closed_at AS closed_at,
  deal.outcome AS outcome,
  CASE WHEN deal.ForecastCategory <> 'Closed' THEN {values deal.ForecastCategory} END AS forecast_category
FROM {closing} AS deal

-- A task is an activity once it is done. Its own links tell the channel before its type does: an EmailMessage, a CallType.
-- A call or an email that came in is the client's reply. A task of type Meeting is a meeting that was logged as one; when
-- its to-do was written down says nothing of the client. An internal call is none with the client.
--! view done_task
SELECT
  Id, WhatId, WhoId, AccountId,
  coalesce(CompletedDateTime, ActivityDate) AS at,
  CASE
    WHEN lower(CallType) = 'internal' THEN 'task'
    WHEN CallType IS NOT NULL THEN CASE WHEN lower(CallType) = 'inbound' THEN 'reply' ELSE 'call' END
--! if EmailMessage.ActivityId
    WHEN Id IN (SELECT ActivityId FROM {EmailMessage} WHERE Incoming AND ActivityId IS NOT NULL) THEN 'reply'
    WHEN Id IN (SELECT ActivityId FROM {EmailMessage} WHERE ActivityId IS NOT NULL) THEN 'email'
--! end
    WHEN EmailMessageId IS NOT NULL THEN 'email'
    ELSE {channel Type, TaskSubtype}
  END AS kind,
  NULL AS recorded_at
FROM {Task}
WHERE coalesce(IsClosed, lower(Status) = 'completed')

-- An event is a meeting; the copies for its guests (IsChild) are not more of them; one that lasts all day is a date. One that
-- was taken back, declined or missed says so in its subject: it was not held, but somebody worked on the record.
--! view held_event
SELECT
  Id, WhatId, WhoId, AccountId,
  CASE WHEN IsAllDayEvent THEN coalesce(ActivityDate, substr(coalesce(StartDateTime, ActivityDateTime), 1, 10))
    ELSE coalesce(StartDateTime, ActivityDateTime, ActivityDate) END AS at,
  CASE
    WHEN {cancelled Subject} THEN 'note'
    ELSE 'meeting'
  END AS kind,
  CreatedDate AS recorded_at
FROM {Event}
WHERE NOT coalesce(IsChild, 0)

-- An email that no task stands for is an activity of its own.
--! view lone_email
SELECT
  Id, RelatedToId AS WhatId, NULL AS WhoId, CASE WHEN RelatedToId GLOB '001*' THEN RelatedToId END AS AccountId,
  coalesce(MessageDate, CreatedDate) AS at,
  CASE WHEN Incoming THEN 'reply' ELSE 'email' END AS kind,
  NULL AS recorded_at
FROM {EmailMessage}
WHERE RelatedToId IS NOT NULL AND (ActivityId IS NULL OR ActivityId NOT IN (SELECT Id FROM {Task} WHERE Id IS NOT NULL))

--! view activity
SELECT Id, WhatId, WhoId, AccountId, at, kind, recorded_at FROM {done_task}
UNION ALL
SELECT Id, WhatId, WhoId, AccountId, at, kind, recorded_at FROM {held_event}
UNION ALL
SELECT Id, WhatId, WhoId, AccountId, at, kind, recorded_at FROM {lone_email}

-- WhatId also points to accounts, cases and more. Opportunities have the key prefix 006 (one that the export lacks is
-- then reported, not lost) or are known by their id.
--! view stray_activity
SELECT Id, WhatId, WhoId, AccountId, at, kind, recorded_at
FROM {activity}
WHERE coalesce(WhatId, '') NOT GLOB '006*'
  AND coalesce(WhatId, '') NOT IN (SELECT Id FROM {Opportunity} WHERE Id IS NOT NULL)

-- What hangs on an account or a contact belongs to the only deal of it that was open on that day.
--! view if not option activities_of = deal: strays_deal
SELECT stray.Id AS activity_id, max(deal.Id) AS deal_id, stray.at, stray.kind, stray.recorded_at
FROM {stray_activity} AS stray
--! if option activities_of = contact
JOIN {OpportunityContactRole} AS role ON role.ContactId = stray.WhoId
JOIN {closing} AS deal ON deal.Id = role.OpportunityId
--! else
JOIN {closing} AS deal ON deal.AccountId = coalesce(CASE WHEN stray.WhatId GLOB '001*' THEN stray.WhatId END, stray.AccountId)
--! end
WHERE substr(pipeline_date(deal.CreatedDate), 1, 10) <= substr(pipeline_date(stray.at), 1, 10)
  AND (deal.outcome = 'open' OR substr(pipeline_date(deal.closed_at), 1, 10) >= substr(pipeline_date(stray.at), 1, 10))
GROUP BY stray.Id, stray.at, stray.kind
HAVING count(DISTINCT deal.Id) = 1

-- One SELECT a source table, so that SQLite reads each in a loop of its own; the + before a plain column is for that, too
-- (README.md).
--! view pipeline_event
--! if OpportunityHistory.StageName
SELECT +OpportunityId AS deal_id, +CreatedDate AS at, 'stage_state' AS kind, NULL AS old_value, +{values StageName} AS new_value, NULL AS recorded_at
FROM {OpportunityHistory}
--! if deleted Opportunity
WHERE coalesce(OpportunityId, '') NOT IN (SELECT id FROM {deleted Opportunity})
--! end
UNION ALL
--! end
--! if OpportunityHistory.Amount
SELECT +OpportunityId AS deal_id, +CreatedDate AS at, 'amount_state' AS kind, NULL AS old_value, +Amount AS new_value, NULL AS recorded_at
FROM {OpportunityHistory}
--! if deleted Opportunity
WHERE coalesce(OpportunityId, '') NOT IN (SELECT id FROM {deleted Opportunity})
--! end
UNION ALL
--! end
--! if OpportunityHistory.CloseDate
SELECT +OpportunityId AS deal_id, +CreatedDate AS at, 'close_date_state' AS kind, NULL AS old_value, +CloseDate AS new_value, NULL AS recorded_at
FROM {OpportunityHistory}
--! if deleted Opportunity
WHERE coalesce(OpportunityId, '') NOT IN (SELECT id FROM {deleted Opportunity})
--! end
UNION ALL
--! end
-- "Closed" is the outcome, not a category.
--! if OpportunityHistory.ForecastCategory
SELECT +OpportunityId AS deal_id, +CreatedDate AS at, 'forecast_state' AS kind, NULL AS old_value, +{values ForecastCategory} AS new_value, NULL AS recorded_at
FROM {OpportunityHistory}
WHERE ForecastCategory NOT IN ('Closed', '')
--! if deleted Opportunity
  AND coalesce(OpportunityId, '') NOT IN (SELECT id FROM {deleted Opportunity})
--! end
UNION ALL
--! end
--! if not OpportunityHistory and OpportunityFieldHistory
SELECT
  +OpportunityId AS deal_id,
  +CreatedDate AS at,
  CASE lower(Field) WHEN 'stagename' THEN 'stage' WHEN 'amount' THEN 'amount' WHEN 'closedate' THEN 'close_date' ELSE 'forecast' END AS kind,
  +{values OldValue} AS old_value,
  +{values NewValue} AS new_value,
  NULL AS recorded_at
FROM {OpportunityFieldHistory}
WHERE lower(Field) IN ('stagename', 'amount', 'closedate', 'forecastcategoryname')
  AND NOT (lower(Field) = 'forecastcategoryname' AND coalesce(NewValue, '') = 'Closed')
--! if deleted Opportunity
  AND coalesce(OpportunityId, '') NOT IN (SELECT id FROM {deleted Opportunity})
--! end
UNION ALL
--! end
SELECT +deal_id AS deal_id, +at AS at, +kind AS kind, +old_value AS old_value, +new_value AS new_value, NULL AS recorded_at
FROM {owner_change}
--! if Task
UNION ALL
SELECT +WhatId AS deal_id, +at AS at, +kind AS kind, NULL AS old_value, NULL AS new_value, NULL AS recorded_at
FROM {done_task}
WHERE (WhatId GLOB '006*' OR WhatId IN (SELECT Id FROM {Opportunity}))
--! if deleted Opportunity
  AND WhatId NOT IN (SELECT id FROM {deleted Opportunity})
--! end
--! end
--! if Event
UNION ALL
SELECT +WhatId AS deal_id, +at AS at, +kind AS kind, NULL AS old_value, NULL AS new_value, +recorded_at AS recorded_at
FROM {held_event}
WHERE (WhatId GLOB '006*' OR WhatId IN (SELECT Id FROM {Opportunity}))
--! if deleted Opportunity
  AND WhatId NOT IN (SELECT id FROM {deleted Opportunity})
--! end
--! end
--! if EmailMessage
UNION ALL
SELECT +WhatId AS deal_id, +at AS at, +kind AS kind, NULL AS old_value, NULL AS new_value, NULL AS recorded_at
FROM {lone_email}
WHERE (WhatId GLOB '006*' OR WhatId IN (SELECT Id FROM {Opportunity}))
--! if deleted Opportunity
  AND WhatId NOT IN (SELECT id FROM {deleted Opportunity})
--! end
--! end
--! if not option activities_of = deal
UNION ALL
SELECT +deal_id AS deal_id, +at AS at, +kind AS kind, NULL AS old_value, NULL AS new_value, +recorded_at AS recorded_at
FROM {strays_deal}
--! end

-- Salesforce writes a change of owner twice, once with ids and once with names. The ids are taken and named as
-- everywhere else; the names only where an export has no row with ids at all.
--! view owner_change
WITH change AS (
  SELECT
    OpportunityId, CreatedDate, OldValue, NewValue,
    NewValue GLOB '005*' AND length(NewValue) IN (15, 18) OR NewValue IN (SELECT user_id FROM {seller}) AS has_ids
  FROM {OpportunityFieldHistory}
  WHERE lower(Field) IN ('owner', 'ownerid')
--! if deleted Opportunity
    AND coalesce(OpportunityId, '') NOT IN (SELECT id FROM {deleted Opportunity})
--! end
)
SELECT
  OpportunityId AS deal_id,
  CreatedDate AS at,
  'owner' AS kind,
  coalesce(
    {lookup owner of seller by user_id, OldValue},
    CASE WHEN OldValue GLOB '005*' AND length(OldValue) = 18 THEN {lookup owner of seller by user_id, substr(OldValue, 1, 15)} END,
    OldValue) AS old_value,
  coalesce(
    {lookup owner of seller by user_id, NewValue},
    CASE WHEN NewValue GLOB '005*' AND length(NewValue) = 18 THEN {lookup owner of seller by user_id, substr(NewValue, 1, 15)} END,
    NewValue) AS new_value,
  NULL AS recorded_at
FROM change
WHERE has_ids OR NOT EXISTS (SELECT 1 FROM change AS other WHERE other.has_ids)

--! view pipeline_stage
SELECT stage, rank, NULL AS pipeline, NULL AS max_idle_days, is_closed AS closed
FROM {stage}
WHERE rank IS NOT NULL

-- Units of a currency for one of the corporate currency.
--! view if CurrencyType or DatedConversionRate: pipeline_rate
SELECT IsoCode AS currency, ConversionRate AS rate, NULL AS valid_from FROM {CurrencyType}
UNION ALL
SELECT IsoCode, ConversionRate, StartDate FROM {DatedConversionRate}

--! policy if Organization: fiscal_year_start_month
SELECT FiscalYearStartMonth FROM {Organization} WHERE CAST(FiscalYearStartMonth AS INTEGER) BETWEEN 1 AND 12 LIMIT 1

-- Quotas are kept for each forecast type (revenue, overlays, …). Adding them up would count targets twice, so one
-- type counts: the one with the most rows. A quota in quantity, of a product family or of a territory is none of money.
--! view money_quota
SELECT
  quota.QuotaOwnerId AS QuotaOwnerId, quota.PeriodId AS PeriodId, quota.ForecastingTypeId AS ForecastingTypeId, quota.CurrencyIsoCode AS CurrencyIsoCode, quota.StartDate AS first_day,
  nullif(quota.QuotaAmount, '') AS amount
FROM {ForecastingQuota} AS quota
WHERE NOT coalesce(quota.IsQuantity, 0) AND quota.ProductFamily IS NULL AND quota.Territory2Id IS NULL

--! view forecasting_type
SELECT ForecastingTypeId AS forecasting_type, count(*) AS quotas
FROM {money_quota}
GROUP BY ForecastingTypeId
ORDER BY quotas DESC, forecasting_type
LIMIT 1

--! view quota
SELECT QuotaOwnerId AS user_id, first_day, amount, CurrencyIsoCode AS currency, PeriodId AS period_id
FROM {money_quota}
WHERE ForecastingTypeId IS (SELECT forecasting_type FROM {forecasting_type})

-- A manager's quota contains those of the sellers below. The topmost is the company's, one over sellers is the team's; one
-- over managers alone, and one whose sellers are of several teams, is left out, for the quotas below it say the same.
--! view quota_scope
WITH owner AS MATERIALIZED (
  SELECT DISTINCT user_id FROM {quota} WHERE user_id IS NOT NULL
),
below AS MATERIALIZED (
  SELECT superior.superior_id AS manager_id, superior.user_id
  FROM {superior} AS superior
  WHERE superior.user_id IN (SELECT user_id FROM owner) AND superior.superior_id IN (SELECT user_id FROM owner)
),
manager AS MATERIALIZED (
  SELECT manager_id, count(*) AS users FROM below GROUP BY manager_id
),
direct AS (
  SELECT below.manager_id, min(seller.team) AS team, count(DISTINCT seller.team) AS teams
  FROM below
  JOIN {seller} AS seller ON seller.user_id = below.user_id
  WHERE below.user_id NOT IN (SELECT manager_id FROM manager)
    AND NOT EXISTS (
      SELECT 1 FROM below AS nearer
      WHERE nearer.user_id = below.user_id
        AND nearer.manager_id IN (SELECT lower.user_id FROM below AS lower WHERE lower.manager_id = below.manager_id)
    )
  GROUP BY below.manager_id
)
SELECT
  owner.user_id,
  CASE
    WHEN manager.manager_id IS NULL THEN 'owner'
    WHEN manager.users = (SELECT count(*) FROM owner) - 1 AND owner.user_id NOT IN (SELECT user_id FROM below) THEN 'company'
    WHEN direct.teams = 1 THEN 'team'
    ELSE 'none'
  END AS scope,
  direct.team
FROM owner
LEFT JOIN manager ON manager.manager_id = owner.user_id
LEFT JOIN direct ON direct.manager_id = owner.user_id

-- A quota says when it starts; its Period says when it ends. Without that it runs to the day before its owner's next one; one
-- without an amount is none, but ends the one before it. The last one runs as long as the one before: in months where both
-- start on the same day of the month, else in days. Who has a single quota has the period of the colleagues.
--! view quota_period
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
  user_id,
  first_day,
  next_day IS NULL AS is_guess,
  CASE
    WHEN next_day IS NOT NULL THEN date(next_day, '-1 day')
    WHEN strftime('%d', first_day) = strftime('%d', last_day) THEN
      date(
        first_day,
        ((strftime('%Y', first_day) - strftime('%Y', last_day)) * 12
          + strftime('%m', first_day) - strftime('%m', last_day)) || ' months',
        '-1 day'
      )
    ELSE date(first_day, CAST(julianday(first_day) - julianday(last_day) AS INTEGER) || ' days', '-1 day')
  END AS last_of_period
FROM neighbour

--! view if ForecastingQuota: pipeline_quota
SELECT
  quota.first_day AS period_start,
  coalesce(period.EndDate, quota_period.last_of_period) AS period_end,
  quota.amount,
  quota.currency,
  CASE scope.scope WHEN 'owner' THEN coalesce(seller.owner, quota.user_id) END AS owner,
  CASE scope.scope WHEN 'owner' THEN seller.team WHEN 'team' THEN scope.team END AS team
FROM {quota} AS quota
LEFT JOIN {Period} AS period ON period.Id = quota.period_id
LEFT JOIN {quota_period} AS quota_period ON quota_period.user_id = quota.user_id AND quota_period.first_day = quota.first_day
LEFT JOIN {quota_scope} AS scope ON scope.user_id = quota.user_id
LEFT JOIN {seller} AS seller ON seller.user_id = quota.user_id
WHERE quota.amount IS NOT NULL AND coalesce(scope.scope, 'owner') <> 'none'

--! problem activity of no deal, warning: these calls, emails and meetings hang on an account or a contact, so no deal was touched by them; option activities_of 'account' or 'contact' gives each to the only deal that was open on its day
SELECT count(*) AS rows, NULL AS amount, min(Id) AS example
FROM {stray_activity} AS stray
WHERE (stray.WhatId GLOB '001*' OR stray.AccountId IS NOT NULL OR stray.WhoId IS NOT NULL)
--! if not option activities_of = deal
  AND stray.Id NOT IN (SELECT activity_id FROM {strays_deal} WHERE activity_id IS NOT NULL)
--! end

--! problem if OpportunityStage.IsWon: outcome that its stage contradicts, warning: the deal's own flags IsClosed and IsWon count, not those of its stage
SELECT count(*) AS rows, total(CAST(deal.Amount AS REAL)) AS amount, min(deal.Id) AS example
FROM {Opportunity} AS deal
JOIN {stage} AS stage ON stage.own_stage = deal.StageName
WHERE deal.IsWon <> stage.is_won OR deal.IsClosed <> stage.is_closed

--! problem won deal that is not closed, warning: IsWon counts, the deal is won
SELECT count(*) AS rows, total(CAST(Amount AS REAL)) AS amount, min(Id) AS example
FROM {Opportunity}
WHERE IsWon AND NOT IsClosed

--! problem if not OpportunityHistory and OpportunityFieldHistory or OpportunityHistory.StageName: deal inserted already closed, info: its history begins closed, so it closed on its CloseDate, not on the day on which it was entered
SELECT count(*) AS rows, total(CAST(deal.Amount AS REAL)) AS amount, min(deal.Id) AS example
FROM {closing} AS deal
WHERE deal.outcome = deal.entry_outcome AND deal.closed_at IS NOT deal.entry_at

--! problem if ForecastingQuota: end of a quota period is a guess, info: nothing says when the last period ends, so it is as long as the one before; export Period, or the next quota
SELECT count(*) AS rows, NULL AS amount, min(first_day) AS example
FROM {quota_period}
WHERE is_guess AND last_of_period IS NOT NULL
--! if Period
  AND 0
--! end

--! problem if ForecastingQuota: quota of another forecasting type, warning: quotas of one type count, the one with the most rows
SELECT (SELECT count(*) FROM {money_quota}) - (SELECT count(*) FROM {quota}) AS rows, NULL AS amount, (SELECT forecasting_type FROM {forecasting_type}) AS example

--! problem if ForecastingQuota: quota that is none of money, info: quotas in quantity, of a product family or of a territory do not count
SELECT (SELECT count(*) FROM {ForecastingQuota}) - (SELECT count(*) FROM {money_quota}) AS rows, NULL AS amount, NULL AS example

--! problem if ForecastingQuota: quota that contains others, info: the quota of a manager over managers, or over sellers of several teams, does not count beside those below it
SELECT count(*) AS rows, NULL AS amount, min(user_id) AS example
FROM {quota_scope}
WHERE scope = 'none'

--! problem if Opportunity.CurrencyIsoCode and not CurrencyType and not DatedConversionRate: amounts in several currencies, warning: they cannot be added without CurrencyType or DatedConversionRate (or a pipeline_rate of your own); policy reporting_currency 'none' adds them as they are
SELECT CASE WHEN count(DISTINCT CurrencyIsoCode) > 1 THEN count(*) END AS rows, NULL AS amount, {list CurrencyIsoCode} AS example
FROM {Opportunity}

--! report activities_of_no_deal
SELECT count(*) FROM {stray_activity} WHERE WhatId GLOB '001*' OR AccountId IS NOT NULL OR WhoId IS NOT NULL
--! report forecasting_type
SELECT forecasting_type FROM {forecasting_type}
--! report quotas_of_other_forecasting_types
SELECT (SELECT count(*) FROM {money_quota}) - (SELECT count(*) FROM {quota})
--! report quotas_without_amount
SELECT count(*) FROM {quota} WHERE amount IS NULL
--! report currencies
SELECT {list CurrencyIsoCode} FROM {Opportunity}
