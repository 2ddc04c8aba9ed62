-- HubSpot's export of deals, as its user interface writes it: labels in English, German, French, Spanish or Portuguese, or
-- internal names. The language of this file is described in README.md beside it.
--
-- Times are those of the account, so they count as days and no zone moves them. The columns "Date entered …" are the only
-- history: of a stage that a deal entered twice they keep the last time.

--! outcome from the columns Is Closed Won and Is closed lost, or stages named won and lost; the option "values": {theirs: "open", "won" or "lost"} says what stages mean, the option "outcomes": "open" that every deal is open
--! option outcomes = told | open

--! include quota_sheet

--! table deals = * required (deals)
--! columns dealstage! label = "Deal Stage" | "Deal-Phase" | Dealphase | "Phase de la transaction" | "Étape de la transaction" | "Etapa del negocio" | "Etapa do negócio" | "Fase do negócio"
--! columns createdate! day = "Create Date" | Erstellungsdatum | Erstelldatum | "Erstellt am" | "Date de création" | "Fecha de creación" | "Data de criação"
--! columns id id = "Record ID" | hs_object_id | "Deal ID" | "Datensatz-ID" | "ID de fiche d'informations" | "ID de fiche" | "ID de registro" | "ID do registro"
--! columns name = "Deal Name" | dealname | "Deal-Name" | Dealname | "Nom de la transaction" | "Nombre del negocio" | "Nome do negócio"
--! columns owner = "Deal owner" | hubspot_owner_id | "Deal-Inhaber" | "Für Deal zuständiger Mitarbeiter" | "Zuständiger Mitarbeiter für Deal" | "Zuständiger Mitarbeiter" | "Propriétaire de la transaction" | "Propietario del negocio" | "Proprietário do negócio"
--! columns team = "HubSpot Team" | hubspot_team_id | "HubSpot-Team" | "Équipe HubSpot" | "Equipo de HubSpot" | "Equipe da HubSpot"
--! columns pipeline = "Deal pipeline" | "Pipeline de transactions" | "Pipeline del negocio" | "Pipeline do negócio"
--! columns amount amount = Betrag | "Deal-Betrag" | Montant | Importe | Monto | Valor | Cantidad
--! columns home_amount amount = "Amount in company currency" | amount_in_home_currency | "Betrag in Unternehmenswährung" | "Montant dans la devise de l'entreprise" | "Importe en la moneda de la empresa" | "Valor na moeda da empresa"
--! columns currency = deal_currency_code | Währung | Devise | Moneda | Moeda
--! columns close_date day = "Close Date" | closedate | Abschlussdatum | "Date de fermeture" | "Date de clôture" | "Fecha de cierre" | "Data de fechamento"
--! columns is_closed boolean = "Is Deal Closed?" | "Is closed (numeric)" | hs_is_closed | "Deal closed?" | "Deal abgeschlossen?" | "¿Está cerrado el negocio?" | "Transaction fermée ?"
--! columns is_won boolean = "Is Closed Won" | hs_is_closed_won | "Ist abgeschlossen und gewonnen" | "Ist gewonnen" | "Est conclue" | "Fermée gagnée" | "Cerrado ganado" | "Está cerrado ganado" | "Está cerrado y ganado" | "Negocio cerrado ganado" | "Fechado e ganho"
--! columns is_lost boolean = "Is closed lost" | hs_is_closed_lost | "Ist abgeschlossen und verloren" | "Ist verloren" | "Fermée perdue" | "Cerrado perdido" | "Está cerrado perdido" | "Está cerrado y perdido" | "Negocio cerrado perdido" | "Fechado e perdido"
--! columns last_activity day = "Last Activity Date" | notes_last_updated | "Last activity" | "Datum der letzten Aktivität" | "Letztes Aktivitätsdatum" | "Date de la dernière activité" | "Fecha de la última actividad" | "Data da última atividade"
--! columns last_contacted day = "Last Contacted" | notes_last_contacted | "Zuletzt kontaktiert" | "Dernier contact" | "Último contacto" | "Último contato"
--! columns category = "Forecast category" | hs_manual_forecast_category | Prognosekategorie | "Catégorie de prévision" | "Categoría de pronóstico" | "Categoria de previsão"
--! columns updated_at? date = "Last Modified Date" | hs_lastmodifieddate | "Datum der letzten Änderung" | "Date de dernière modification" | "Fecha de última modificación" | "Data da última modificação"
--! columns entered* date = "Date entered *" | hs_v2_date_entered_* | hs_date_entered_* | "Datum des Eintritts in *" | "Eintrittsdatum *" | "Date d'entrée dans *" | "Date de l'entrée dans *" | "Fecha de entrada en *" | "Fecha de ingreso en *" | "Data de entrada em *" | "Data de entrada na *"
--! key id | whole row
--! skip if missing deals.createdate or missing deals.dealstage: footer_rows when (id IS NOT NULL) + (createdate IS NOT NULL) + (dealstage IS NOT NULL) + (name IS NOT NULL) + (owner IS NOT NULL) + (close_date IS NOT NULL) + (amount IS NOT NULL) + (last_activity IS NOT NULL) <= 1 OR createdate IS NULL AND dealstage IS NULL AND close_date IS NULL AND name IS NULL
--! off if not deals.entered: what deals were in the past: stage changes as progress, days in stage; the columns 'Date entered "…"' of the export give them
--! off if deals.entered: stages that were entered twice: HubSpot keeps the last time alone
--! off if deals: pushes, earlier amounts, earlier close dates and owners: an export of deals has those of today
--! off if deals: meetings: the rules on meetings; an export of deals has none
--! off id: ids of deals: name and owner stand in; rows that are equal are one deal, others of one name are several
--! off owner: owners of deals
--! off team: teams, but for those that a sheet of quotas names
--! off amount: every amount, unless the amount in the company's currency is there
--! off close_date: overdue and parked deals, claimed coverage
--! off if not deals.last_activity and not deals.last_contacted: dead deals: nothing tells when somebody last did something with a client
--! off if deals.last_activity or deals.last_contacted: touches but for the last one: who is dead can be told on the day of the export alone, and calls, emails and meetings cannot be told apart

-- A column's stage: the name without quotes and without the pipeline in brackets behind it.
--! view once entered_stage
WITH named AS (
  SELECT column1 AS name, trim(column1, ' "''“”„«»') AS text, column2 AS number
  FROM (
    VALUES (NULL, NULL)
--! each deals.entered
    , ({name of entered}, {number of entered})
--! end
  )
  WHERE column1 IS NOT NULL
),
pipelines AS (
  SELECT DISTINCT pipeline FROM {deals} WHERE pipeline IS NOT NULL
)
SELECT
  named.name,
  CASE
    WHEN pipelines.pipeline IS NOT NULL THEN substr(named.text, 1, length(named.text) - length(pipelines.pipeline) - 3)
    WHEN named.text LIKE '% (%)' THEN
      rtrim(substr(named.text, 1, length(rtrim(named.text, replace(named.text, '(', ''))) - 1))
    ELSE named.text
  END AS stage,
  named.number
FROM named
LEFT JOIN pipelines ON substr(named.text, -length(pipelines.pipeline) - 3) = ' (' || pipelines.pipeline || ')'
WHERE lower(named.text) NOT IN ('current stage', 'current_stage')
GROUP BY named.name

--! view label
SELECT label FROM {labels of deals.dealstage}
UNION
SELECT stage FROM {entered_stage} WHERE stage IS NOT NULL
--! include outcome_words
-- Every cell of the columns, whosever it is.
--! view if deals.entered: entry
SELECT
  CASE entered.number
--! include entered_cell deal
  END AS at
FROM {deals} AS deal
CROSS JOIN {entered_stage} AS entered

--! view seen_day
SELECT substr(createdate, 1, 10) AS day FROM {deals}
UNION ALL SELECT substr(last_activity, 1, 10) FROM {deals}
--! if deals.entered
UNION ALL SELECT substr(at, 1, 10) FROM {entry}
--! end
--! view greatest_day
SELECT max(coalesce({greatest deals.createdate}, ''), coalesce({greatest deals.last_activity}, '')) AS day
--! if deals.entered
UNION ALL
SELECT max(column2)
FROM (
  VALUES (NULL, NULL)
--! each deals.entered
  , ({number of entered}, {greatest deals.entered})
--! end
)
WHERE column1 IN (SELECT number FROM {entered_stage})
--! end
--! include known_until

-- A stage whose name says nothing is an open one where the names or the flags of others say something.
--! view once stage_outcome
SELECT
  label,
  coalesce(outcome, CASE WHEN NOT mentions_outcome AND NOT mentions_end AND EXISTS (SELECT 1 FROM {outcome_of} WHERE outcome IS NOT NULL) THEN 'open' END) AS outcome,
  outcome IS NULL AS is_taken
FROM {outcome_of}

--! view titled
SELECT {columns of deals}, dealstage AS stage, createdate AS created, coalesce(trim(name), '') AS title, trim(owner) AS seller FROM {deals}
--! include named_deals stage,created,

--! view once closed_of
SELECT label, outcome FROM {outcome_of} WHERE outcome IN ('won', 'lost')

--! view deal
SELECT
  {columns of deals in named}, named.stage, named.created, named.title, named.seller, named.sharing, named.deal_id,
  {lookup outcome of outcome_of by label, named.stage} AS said,
  CASE
    WHEN is_won AND is_lost THEN 'both'
    WHEN is_won THEN 'won'
    WHEN is_lost THEN 'lost'
    WHEN is_closed AND NOT is_won THEN 'lost'
    WHEN NOT is_closed OR NOT is_won AND NOT is_lost THEN 'open'
  END AS flagged,
--! if option outcomes = open
  'open' AS outcome
--! else
  coalesce(
    {lookup outcome of closed_of by label, named.stage},
--! if deals.is_won or deals.is_lost or deals.is_closed
    CASE
      WHEN is_won AND is_lost THEN NULL
      WHEN is_won THEN 'won'
      WHEN is_lost THEN 'lost'
      WHEN is_closed AND NOT is_won THEN 'lost'
      WHEN NOT is_closed OR NOT is_won AND NOT is_lost THEN 'open'
      ELSE {lookup outcome of stage_outcome by label, named.stage}
    END
--! else
    {lookup outcome of stage_outcome by label, named.stage}
--! end
  ) AS outcome
--! end
FROM {named} AS named

-- What the columns mean: entries into a stage, and behind them the last activity. Of this nobody knows the kind: a `reply` is the only
-- kind that is a touch and counts nowhere else here.
--! view once entered_event
SELECT number, 'stage_state' AS kind, {values stage} AS new_value, {lookup outcome of stage_outcome by label, stage} AS outcome FROM {entered_stage}
UNION ALL
SELECT 0, 'reply', NULL, NULL

-- Only deals that are closed are asked when they closed.
--! view if deals.entered: entering
SELECT deal_id, at, outcome
FROM (
  SELECT
    deal.deal_id, entered.outcome,
    CASE entered.number
--! include entered_cell deal
    END AS at
  FROM {deal} AS deal
  CROSS JOIN {entered_event} AS entered
  WHERE deal.outcome IN ('won', 'lost')
)
WHERE at IS NOT NULL

-- The day a deal came to the outcome it has: the first entry into a stage of that outcome behind all others. A deal that has
-- never been in another was entered already closed: it closed on its close date.
--! view version
--! if deals.entered
SELECT deal_id, at, NULL AS tie, outcome FROM {entering}
--! else
SELECT NULL AS deal_id, NULL AS at, NULL AS tie, NULL AS outcome WHERE 0
--! end

-- The team of a seller, where the deals name one alone.
--! view deal_team
SELECT seller AS owner, min(trim(team)) AS team FROM {deal} WHERE team IS NOT NULL GROUP BY seller HAVING count(DISTINCT trim(team)) = 1

--! view pipeline_deal
SELECT
  deal.deal_id,
  deal.title AS name,
  deal.seller AS owner,
--! if quotas.team
  coalesce(trim(deal.team), {lookup team of seller_team by owner, deal.seller}) AS team,
--! else
  trim(deal.team) AS team,
--! end
  deal.pipeline,
  {values deal.stage} AS stage,
--! if deals.home_amount
  deal.home_amount AS amount,
  NULL AS currency,
--! else
  deal.amount,
  deal.currency,
--! end
  deal.created AS created_at,
  deal.close_date,
  CASE WHEN deal.outcome IN ('won', 'lost') THEN substr({closing of version, deal.deal_id, deal.outcome}, 1, 10) END AS closed_at,
  deal.outcome,
  CASE lower(deal.category) WHEN 'not forecasted' THEN 'omitted' WHEN 'omit' THEN 'omitted' WHEN 'closed won' THEN NULL
    WHEN 'closed' THEN NULL ELSE {values deal.category} END AS forecast_category
FROM {deal} AS deal

-- Of the entries of a day their times tell the order.
--! view pipeline_event
SELECT
  deal_id,
--! if clock deals.entered or clock deals.last_activity or clock deals.last_contacted
  substr(at, 1, 10) AS at,
--! else
  at,
--! end
  kind, NULL AS old_value, new_value, NULL AS recorded_at
FROM (
  SELECT
    deal.deal_id, entered.kind, entered.new_value,
    CASE entered.number
--! include entered_cell deal
      WHEN 0 THEN
--! include touched_at coalesce(deal.last_activity,deal.last_contacted)
    END AS at
  FROM {named} AS deal
  CROSS JOIN {entered_event} AS entered
) AS event
WHERE event.at IS NOT NULL
--! if clock deals.entered
ORDER BY deal_id, event.at
--! end

-- Without a last activity nobody knows of touches: changes of stage alone would make dead what was called every week.
--! policy if deals.last_activity or deals.last_contacted: touches_since
SELECT date(known.day, -waiting.untouched || ' days') FROM {known_until} AS known CROSS JOIN {waiting_days} AS waiting
--! policy if not deals.last_activity and not deals.last_contacted: touches_since
SELECT '9999-12-31'

--! problem outcome that cannot be told, error: neither the flags nor the stage say open, won or lost, or the flags say both, so these deals are left out; the option values says what the stages mean
SELECT count(*) AS rows, total(amount) AS amount, min(coalesce(stage, 'no stage')) AS example FROM {deal} WHERE outcome IS NULL

--! problem if not option outcomes = open: stages taken as open, info: their names say neither won nor lost; the option values says otherwise
SELECT count(DISTINCT stage) AS rows, NULL AS amount, (SELECT group_concat(label, ', ') FROM (SELECT label FROM {stage_outcome} WHERE is_taken AND label IN (SELECT dealstage FROM {deals}) ORDER BY label LIMIT 20)) AS example
FROM {deal}
WHERE outcome = 'open' AND flagged IS NULL AND stage IN (SELECT label FROM {stage_outcome} WHERE is_taken)

--! problem outcome that its stage contradicts, warning: the stage counts, which is more specific than the flags
SELECT count(*) AS rows, total(amount) AS amount, min(deal_id) AS example
FROM {deal}
WHERE said IS NOT NULL AND flagged <> said OR flagged = 'both'

--! problem if shared_name: several deals of one name and owner, warning: without an id nothing else tells them apart, so each row is a deal; if they are one deal that was imported twice, import into an empty table
SELECT count(*) AS rows, total(amount) AS amount, min(deal_id) AS example FROM {deal} WHERE id IS NULL AND sharing > 1

--! problem deal whose stage was never entered, info: the columns of its stage's entry are not in the export, so its last change of stage is not known
SELECT count(*) AS rows, total(amount) AS amount, min(deal_id) AS example
FROM {deal}
WHERE EXISTS (SELECT 1 FROM {entered_stage}) AND stage NOT IN (SELECT stage FROM {entered_stage} WHERE stage IS NOT NULL)

--! problem if deals.last_activity or deals.last_contacted: open deal without a last activity, info: nobody has touched it since it was created, or the cell was lost
SELECT count(*) AS rows, total(amount) AS amount, min(deal_id) AS example FROM {deal} WHERE outcome = 'open' AND coalesce(last_activity, last_contacted) IS NULL

--! include activity_ahead coalesce(last_activity,last_contacted)
--! include deal_problems
