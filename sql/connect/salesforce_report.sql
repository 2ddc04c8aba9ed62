-- Salesforce's reports saved as CSV: one of opportunities, and if there are, the reports Opportunity History and Opportunity
-- Field History. The language of this file is described in README.md beside it. Columns are found by the labels of the
-- report builder in English, German, French, Spanish and Portuguese.
--
-- Times are those of the person who saved the report, so they count as days and no zone moves them. A report has ids only
-- where somebody added the column; without it the name and the owner are the identity.

--! outcome from the columns Closed and Won, Probability (%), or stages named won and lost; the option "values": {theirs: "open", "won" or "lost"} says what stages mean, the option "outcomes": "open" that every opportunity is open
--! option outcomes = told | open

--! table history = * (history)
--! columns to_stage! raw = "To Stage" | "In Phase" | "Nach Phase" | "Zu Phase" | "À l'étape" | "Vers l'étape" | "A etapa" | "A la etapa" | "Hasta la etapa" | "Para a fase" | "Para fase"
--! columns modified! date = "Last Modified" | "Last Modified Date" | "Zuletzt geändert" | "Letzte Änderung" | "Zuletzt geändert am" | "Dernière modification" | "Última modificación" | "Última modificação" | "Modified Date" | "Created Date"
--! columns id id = "Opportunity ID" | "Opportunity-ID" | "ID de l'opportunité" | "Id. de la oportunidad" | "ID de la oportunidad" | "ID da oportunidade"
--! columns name = "Opportunity Name" | "Opportunity-Name" | "Name der Opportunity" | Opportunity | "Nom de l'opportunité" | "Nom d'opportunité" | "Nombre de la oportunidad" | "Nombre de oportunidad" | "Nome da oportunidade"
--! columns owner = "Opportunity Owner" | "Opportunity-Inhaber" | "Inhaber der Opportunity" | "Opportunity Inhaber" | "Propriétaire de l'opportunité" | "Propietario de la oportunidad" | "Propietario de oportunidad" | "Proprietário da oportunidade"
--! columns from_stage raw = "From Stage" | "Von Phase" | "Aus Phase" | "De l'étape" | "De etapa" | "De la etapa" | "Desde la etapa" | "Da fase" | "De fase"
--! columns amount amount = Betrag | Montant | Importe | Cantidad | Valor
--! columns converted amount = "Amount (converted)" | "Betrag (konvertiert)" | "Betrag (umgerechnet)" | "Montant (converti)" | "Importe (convertido)" | "Cantidad (convertida)" | "Valor (convertido)"
--! columns close_date day = Schlusstermin | Abschlussdatum | "Date de clôture" | "Fecha de cierre" | "Data de fechamento"
--! columns probability = "Probability (%)" | Wahrscheinlichkeit | "Wahrscheinlichkeit (%)" | "Probabilité (%)" | "Probabilidad (%)" | "Probabilidade (%)"
--! columns category = "To Forecast Category" | "In Prognosekategorie"
--! key whole row
--! skip footer_rows once when coalesce(to_stage, '') = '' AND modified IS NULL
--! table field_history = * (field_history)
--! columns field! = "Field / Event" | "Feld/Ereignis" | "Feld / Ereignis" | "Champ / Événement" | "Champ/Événement" | "Campo / Evento" | "Campo/Evento"
--! columns new_value! = "New Value" | "Neuer Wert" | "Nouvelle valeur" | "Nuevo valor" | "Valor nuevo" | "Novo valor"
--! columns edited! date = "Edit Date" | Bearbeitungsdatum | "Bearbeitet am" | "Date de modification" | "Fecha de edición" | "Fecha de modificación" | "Data de edição" | "Data de modificação"
--! columns old_value = "Old Value" | "Alter Wert" | "Ancienne valeur" | "Valor anterior" | "Valor antiguo" | "Valor antigo"
--! columns id id = "Opportunity ID" | "Opportunity-ID" | "ID de l'opportunité" | "Id. de la oportunidad" | "ID de la oportunidad" | "ID da oportunidade"
--! columns name = "Opportunity Name" | "Opportunity-Name" | "Name der Opportunity" | Opportunity | "Nom de l'opportunité" | "Nom d'opportunité" | "Nombre de la oportunidad" | "Nombre de oportunidad" | "Nome da oportunidade"
--! columns owner = "Opportunity Owner" | "Opportunity-Inhaber" | "Inhaber der Opportunity" | "Opportunity Inhaber" | "Propriétaire de l'opportunité" | "Propietario de la oportunidad" | "Propietario de oportunidad" | "Proprietário da oportunidade"
--! key whole row
--! skip footer_rows once when edited IS NULL AND new_value IS NULL

--! include quota_sheet

--! table deals = * required (deals)
--! columns opportunity_name! = "Opportunity Name" | "Opportunity-Name" | "Name der Opportunity" | "Nom de l'opportunité" | "Nom d'opportunité" | "Nombre de la oportunidad" | "Nombre de oportunidad" | "Nome da oportunidade"
--! columns stage! = Stage | Phase | Étape | Etape | Etapa | Fase
--! columns created! day = "Created Date" | "Opportunity Created Date" | Erstelldatum | Erstellungsdatum | "Erstellt am" | "Date de création" | "Fecha de creación" | "Data de criação"
--! columns id id = "Opportunity ID" | "Opportunity-ID" | "ID de l'opportunité" | "Id. de la oportunidad" | "ID de la oportunidad" | "ID da oportunidade"
--! columns owner = "Opportunity Owner" | "Opportunity-Inhaber" | "Inhaber der Opportunity" | "Opportunity Inhaber" | "Propriétaire de l'opportunité" | "Propietario de la oportunidad" | "Propietario de oportunidad" | "Proprietário da oportunidade"
--! columns team = "Owner Role" | "Opportunity Owner Role" | "Inhaberrolle" | "Rolle des Inhabers" | "Rôle du propriétaire" | "Función de propietario" | "Función del propietario" | "Papel do proprietário" | "Função do proprietário"
--! columns pipeline = "Opportunity Record Type" | "Record Type" | "Opportunity-Datensatztyp" | Datensatztyp | "Type d'enregistrement" | "Tipo de registro"
--! columns amount amount = Betrag | Montant | Importe | Cantidad | Valor
--! columns amount_text raw = Amount | Betrag | Montant | Importe | Cantidad | Valor
--! columns amount_currency = "Amount Currency" | "Opportunity Currency" | Currency | "Betrag Währung" | "Währung von Betrag" | "Opportunity-Währung" | Währung | "Montant Devise" | Devise | "Importe Divisa" | Divisa | Moneda | Moeda
--! columns converted amount = "Amount (converted)" | "Betrag (konvertiert)" | "Betrag (umgerechnet)" | "Montant (converti)" | "Importe (convertido)" | "Cantidad (convertida)" | "Valor (convertido)"
--! columns converted_currency = "Amount (converted) Currency" | "Betrag (konvertiert) Währung" | "Betrag (umgerechnet) Währung" | "Montant (converti) Devise" | "Importe (convertido) Divisa" | "Valor (convertido) Moeda"
--! columns probability = "Probability (%)" | Wahrscheinlichkeit | "Wahrscheinlichkeit (%)" | "Probabilité (%)" | "Probabilidad (%)" | "Probabilidade (%)"
--! columns close_date day = Schlusstermin | Abschlussdatum | "Date de clôture" | "Fecha de cierre" | "Data de fechamento"
--! columns closed boolean = Closed | "Is Closed" | Geschlossen | Fermé | Clôturé | Cerrado | Cerrada | Fechado | Fechada
--! columns won boolean = Won | "Is Won" | Gewonnen | Gagné | Gagnée | Ganado | Ganada | Ganho | Ganha
--! columns last_activity day = "Last Activity" | "Last Activity Date" | "Letzte Aktivität" | "Datum der letzten Aktivität" | "Dernière activité" | "Última actividad" | "Última atividade"
--! columns last_stage_change day = "Last Stage Change Date" | "Datum der letzten Phasenänderung" | "Date du dernier changement d'étape" | "Fecha del último cambio de etapa" | "Data da última alteração de fase"
--! columns category = "Forecast Category" | Prognosekategorie | "Catégorie de prévisions" | "Categoría de pronóstico" | "Categoria de previsão"
--! columns LastModifiedDate? date = "Last Modified Date" | "Datum der letzten Änderung" | "Date de la dernière modification" | "Fecha de la última modificación" | "Data da última modificação"
--! key id | whole row
--! skip footer_rows when (id IS NOT NULL) + (created IS NOT NULL) + (stage IS NOT NULL) + (opportunity_name IS NOT NULL) + (owner IS NOT NULL) + (close_date IS NOT NULL) + (amount IS NOT NULL) + (team IS NOT NULL) <= 1 OR created IS NULL AND close_date IS NULL AND opportunity_name IS NULL AND id IS NULL OR created IS NULL AND stage IS NULL AND close_date IS NULL AND ( lower(opportunity_name) LIKE 'total%' OR lower(opportunity_name) LIKE 'grand total%' OR lower(opportunity_name) LIKE 'subtotal%' OR lower(opportunity_name) LIKE 'gesamt%')
--! off if not history and not field_history: what deals were in the past: stage changes as progress, days in stage, pushes, earlier amounts; the report type Opportunity History gives them
--! off if not history and not field_history and not deals.last_stage_change: the closing day of a deal is its close date, which nobody corrects when a deal is lost
--! off if foreign_amount and not history.converted: earlier amounts: the history has no Amount (converted), so the converted amount of today counts in the past too
--! off if not history.amount and not field_history: earlier amounts: the amount of today counts in the past too
--! off if not history.close_date and not field_history: pushes and earlier close dates: the close date of today counts in the past too
--! off if not field_history: owner changes: a deal belongs to its owner of today in the past too
--! off id: ids of opportunities: name and owner stand in; rows that are equal are one deal, others of one name and owner are several, whose history is left out
--! off owner: owners of deals
--! off team: teams, but for those that a sheet of quotas names
--! off amount: every amount: each deal counts as 0
--! off close_date: overdue and parked deals, claimed coverage
--! off probability: ranks of stages: a stage change is forward when the deal has never been in the stage
--! off last_activity: dead deals: nothing tells when somebody last did something with a client
--! off if deals.last_activity: touches but for the last one: who is dead can be told on the day of the export alone, and calls, emails and meetings cannot be told apart
--! off if deals: meetings: the rules on meetings; a report of opportunities has none

--! view once label
SELECT stage AS label FROM (SELECT DISTINCT stage FROM {deals}) WHERE stage IS NOT NULL
UNION
SELECT to_stage FROM (SELECT DISTINCT to_stage FROM {history}) WHERE to_stage <> ''
UNION
SELECT from_stage FROM (SELECT DISTINCT from_stage FROM {history}) WHERE from_stage <> ''
UNION
SELECT new_value FROM {field_history} WHERE lower(field) IN ('stage', 'phase', 'étape', 'etapa', 'fase') AND new_value IS NOT NULL
UNION
SELECT old_value FROM {field_history} WHERE lower(field) IN ('stage', 'phase', 'étape', 'etapa', 'fase') AND old_value IS NOT NULL
--! include outcome_words
--! view titled
SELECT {columns of deals}, trim(opportunity_name) AS title, trim(owner) AS seller FROM {deals}
--! include named_deals

-- What a row of a history may call a deal by: its id, else its name and owner, else its name, where one deal alone has it.
--! view deal_of_id
SELECT id AS key, deal_id FROM {named} WHERE id IS NOT NULL

--! view deal_of_owner
SELECT title || char(10) || coalesce(seller, '') AS key, min(deal_id) AS deal_id
FROM {named}
GROUP BY title, seller
HAVING count(DISTINCT deal_id) = 1

--! view deal_of_name
SELECT title AS key, min(deal_id) AS deal_id FROM {named} GROUP BY title HAVING count(DISTINCT deal_id) = 1

--! view change
SELECT
  {columns of history in change},
--! include deal_of_change history
FROM {history} AS change

--! view field_change
SELECT
  {columns of field_history in change},
--! include deal_of_change field_history
FROM {field_history} AS change

-- What one pass over the history tells: its last moment, whether rows have times, and how many are of no deal. Most histories with
-- ids have none, and then no row need be asked for its deal.
--! once if history: history_summary
SELECT max(modified) AS last_moment, max(length(modified)) > 10 AS has_times, count(*) - count(deal_id) AS of_no_deal FROM {change}

--! once if history: foreign_change
SELECT of_no_deal AS rows FROM {history_summary} WHERE of_no_deal > 0

--! view seen_day
SELECT substr(created, 1, 10) AS day FROM {deals}
UNION ALL SELECT substr(last_activity, 1, 10) FROM {deals}
UNION ALL SELECT substr(last_stage_change, 1, 10) FROM {deals}
UNION ALL SELECT substr(modified, 1, 10) FROM {history}
UNION ALL SELECT substr(edited, 1, 10) FROM {field_history}
--! view greatest_day
SELECT max(
  coalesce(substr(max(created), 1, 10), ''),
  coalesce(substr(max(last_activity), 1, 10), ''),
  coalesce(substr(max(last_stage_change), 1, 10), '')
) AS day FROM {deals}
--! if history
UNION ALL SELECT substr(last_moment, 1, 10) FROM {history_summary}
--! end
UNION ALL SELECT substr(max(edited), 1, 10) FROM {field_history}
--! include known_until

-- Amounts in another currency than the company's count converted; those that are the same in both columns count as they are, as the
-- history has them.
--! once if deals.converted: foreign_amount
SELECT 1 AS found FROM {deals} WHERE converted IS NOT amount LIMIT 1

-- The chance that a stage stands for: the one that most of its rows have.
--! once stage_chance
WITH counted AS (
  SELECT stage, chance, count(*) AS rows
  FROM (
    SELECT stage, CAST(probability AS REAL) AS chance FROM {deals} WHERE probability IS NOT NULL
    UNION ALL
    SELECT to_stage, CAST(probability AS REAL) FROM {history} WHERE probability IS NOT NULL
  )
  WHERE stage <> ''
  GROUP BY stage, chance
)
SELECT stage, chance, max(rows) AS rows FROM counted GROUP BY stage

-- Two stages of one chance have no order: they are left without a rank.
--! view if deals.probability: pipeline_stage
SELECT {values chance.stage} AS stage, chance.chance AS rank, outcome.outcome IN ('won', 'lost') AS closed
FROM {stage_chance} AS chance
LEFT JOIN {outcome_of} AS outcome ON outcome.label = chance.stage
WHERE NOT EXISTS (SELECT 1 FROM {stage_chance} AS other WHERE other.chance = chance.chance AND other.stage <> chance.stage)

-- Of a stage whose name says nothing: a chance of neither 0 nor all is open, and without chances so is every stage beside one
-- whose name says something. A stage of chance 0 may be lost or not yet begun, so it is told by nobody.
--! view once stage_outcome
SELECT
  said.label,
  CASE
    WHEN said.outcome IS NOT NULL THEN said.outcome
    WHEN said.mentions_outcome THEN NULL
    WHEN chance.chance > 0 AND chance.chance < (SELECT CASE WHEN max(chance) > 1 THEN 100 ELSE 1 END FROM {stage_chance}) THEN 'open'
    WHEN said.mentions_end THEN NULL
    WHEN chance.chance IS NULL AND EXISTS (SELECT 1 FROM {outcome_of} WHERE outcome IS NOT NULL) THEN 'open'
  END AS outcome,
  said.outcome IS NULL AS is_taken
FROM {outcome_of} AS said
LEFT JOIN {stage_chance} AS chance ON chance.stage = said.label

--! view deal
SELECT
  {columns of deals in named}, named.title, named.seller, named.sharing, named.deal_id,
  CASE WHEN won THEN 'won' WHEN closed AND NOT won THEN 'lost' WHEN NOT closed THEN 'open' END AS flagged,
  {lookup outcome of outcome_of by label, named.stage} AS said,
--! if option outcomes = open
  'open' AS outcome
--! else
  CASE {lookup outcome of outcome_of by label, named.stage} WHEN 'won' THEN 'won' WHEN 'lost' THEN 'lost' ELSE
    CASE
      WHEN won THEN 'won'
      WHEN closed AND NOT won THEN 'lost'
      WHEN NOT closed THEN 'open'
      ELSE {lookup outcome of stage_outcome by label, named.stage}
    END
  END AS outcome
--! end
FROM {named} AS named

-- The stages that a deal came to. The day of its closing is that of the first row of the outcome that it has, behind all others; a deal
-- whose history begins so was entered already closed: it closed on its close date. A history that was filtered by date begins with
-- a change, whose stage before says that the deal was open.
--! view version
--! if not history and field_history
SELECT deal_id, edited AS at, 'old' AS tie, {lookup outcome of stage_outcome by label, old_value} AS outcome
FROM {field_change}
WHERE lower(field) IN ('stage', 'phase', 'étape', 'etapa', 'fase')
UNION ALL
SELECT deal_id, edited, 'then new', {lookup outcome of stage_outcome by label, new_value}
FROM {field_change}
WHERE lower(field) IN ('stage', 'phase', 'étape', 'etapa', 'fase')
--! else
--! if history.id and deals.id
SELECT id AS deal_id, modified AS at, 'then new' AS tie, {lookup outcome of stage_outcome by label, to_stage} AS outcome FROM {history}
--! if history.from_stage
UNION ALL
SELECT id, modified, 'old', {lookup outcome of stage_outcome by label, from_stage} FROM {history} WHERE from_stage <> to_stage AND from_stage <> '' AND to_stage <> ''
--! end
--! else
SELECT deal_id, modified AS at, 'then new' AS tie, {lookup outcome of stage_outcome by label, to_stage} AS outcome FROM {change}
--! if history.from_stage
UNION ALL
SELECT deal_id, modified, 'old', {lookup outcome of stage_outcome by label, from_stage} FROM {change} WHERE from_stage <> to_stage AND from_stage <> '' AND to_stage <> ''
--! end
--! end
--! end

-- The team of a seller, where the deals name one alone.
--! view deal_team
SELECT seller AS owner, min(trim(team)) AS team FROM {deal} WHERE team IS NOT NULL GROUP BY seller HAVING count(DISTINCT trim(team)) = 1

--! view pipeline_deal
SELECT
  deal.deal_id,
  deal.title AS name,
  deal.seller AS owner,
  coalesce(trim(deal.team), {lookup team of seller_team by owner, deal.seller}) AS team,
  deal.pipeline,
  {values deal.stage} AS stage,
--! if foreign_amount
  deal.converted AS amount,
  deal.converted_currency AS currency,
--! else
  deal.amount,
  coalesce(deal.amount_currency,
--! include currency_in_text deals
  ) AS currency,
--! end
  deal.created AS created_at,
  deal.close_date,
  CASE WHEN deal.outcome IN ('won', 'lost') THEN
    coalesce(
      substr({closing of version, deal.deal_id, deal.outcome}, 1, 10),
      CASE WHEN deal.last_stage_change > deal.created THEN deal.last_stage_change END
    )
  END AS closed_at,
  deal.outcome,
  CASE WHEN deal.category <> 'Closed' THEN {values deal.category} END AS forecast_category
FROM {deal} AS deal

-- Times tell the order of the rows of a day; without any the order of the file does.
--! once timed
--! if history
SELECT 1 AS found FROM {history_summary} WHERE has_times
UNION ALL
--! end
SELECT 1 AS found FROM {field_history} WHERE length(edited) > 10
LIMIT 1

--! once without_amount
SELECT 1 AS found FROM {deals} WHERE amount IS NULL LIMIT 1

-- The rows of the history with their deals and days. A substr costs as much as all else that a row needs.
--! view if history: dated_change
SELECT {columns of history in change}, change.deal_id,
--! if timed
  substr(change.modified, 1, 10) AS day,
--! else
  CAST(change.modified AS TEXT) AS day,
--! end
--! if timed or field_history
  change.modified AS moment
--! else
  NULL AS moment
--! end
--! if history.id and deals.id and not foreign_change
FROM (SELECT {columns of history}, id AS deal_id FROM {history}) AS change
--! else
FROM {change} AS change
WHERE change.deal_id IS NOT NULL
--! end

-- The report of opportunities says what holds on its day, so it is the last version: on the day of the last row where a row of
-- that day says the same (two changes of one day may stand in any order) or closed the deal, else on the day of the export.
-- A row of the history is a version of the deal: what changed between versions is the extension's to find, but for the stage, whose
-- value before stands in the row: a history that was filtered by date begins with a change. Amounts of a deal
-- without an amount today are left out, since the last of them would count today.
--! view pipeline_event
--! if history
WITH
--! if history.id and deals.id and not foreign_change
change AS NOT MATERIALIZED (
--! else
change AS MATERIALIZED (
--! end
  SELECT deal_id, day, moment, from_stage, to_stage, amount, converted, close_date, category FROM {dated_change}
),
last AS MATERIALIZED (
  SELECT
    deal.deal_id, deal.stage, deal.amount, deal.converted, deal.close_date,
    CASE WHEN max(change.to_stage IS deal.stage) OR deal.outcome IN ('won', 'lost') THEN change.day ELSE known.day END AS stage_at,
    CASE WHEN max(change.amount IS deal.amount) OR deal.outcome IN ('won', 'lost') THEN change.day ELSE known.day END AS amount_at,
    CASE WHEN max(change.close_date IS deal.close_date) OR deal.outcome IN ('won', 'lost') THEN change.day ELSE known.day END AS close_date_at
  FROM (SELECT day FROM {known_until}) AS known
  CROSS JOIN (
    SELECT deal_id, day, CASE WHEN to_stage <> '' THEN to_stage END AS to_stage, amount, close_date
    FROM change
    WHERE day = {last day of dated_change by deal_id, deal_id}
  ) AS change
  CROSS JOIN (SELECT deal_id, stage, amount, converted, close_date, outcome FROM {deal} LIMIT -1) AS deal ON deal.deal_id = +change.deal_id
  GROUP BY change.deal_id
)
--! end
SELECT deal_id, at, kind, old_value, new_value, NULL AS recorded_at
FROM (
  SELECT NULL AS deal_id, NULL AS at, NULL AS kind, NULL AS old_value, NULL AS new_value, NULL AS moment FROM {deals} WHERE 0
--! if history
  UNION ALL
  SELECT +deal_id, +day,
--! if history.from_stage
    CASE WHEN from_stage <> to_stage AND from_stage <> '' THEN 'stage' ELSE 'stage_state' END,
    CASE WHEN from_stage <> to_stage AND from_stage <> '' THEN {values from_stage} END,
--! else
    'stage_state',
    NULL,
--! end
    {values to_stage}, moment
  FROM change
  WHERE to_stage <> ''
  UNION ALL
  SELECT deal_id, stage_at, 'stage_state', NULL, {values stage}, stage_at || '~' FROM last
--! if not foreign_amount or history.converted
--! if history.amount
  UNION ALL
  SELECT +deal_id, +day, 'amount_state', NULL,
--! if foreign_amount
    converted,
--! else
    amount,
--! end
    moment
  FROM change
  WHERE amount IS NOT NULL
--! if without_amount
    AND deal_id IN (SELECT deal_id FROM {deal} WHERE amount IS NOT NULL)
--! end
  UNION ALL
  SELECT deal_id, amount_at, 'amount_state', NULL,
--! if foreign_amount
    converted,
--! else
    amount,
--! end
    amount_at || '~'
  FROM last
  WHERE amount IS NOT NULL
--! end
--! end
--! if history.close_date
  UNION ALL
  SELECT +deal_id, +day, 'close_date_state', NULL, close_date, moment
  FROM change
  WHERE close_date IS NOT NULL
  UNION ALL
  SELECT deal_id, close_date_at, 'close_date_state', NULL, close_date, close_date_at || '~'
  FROM last
  WHERE close_date IS NOT NULL
--! end
--! if history.category
  UNION ALL
  SELECT +deal_id, +day, 'forecast_state', NULL, {values category}, moment
  FROM change
  WHERE category <> 'Closed'
--! end
--! end
--! if field_history
  UNION ALL
  SELECT deal_id, substr(edited, 1, 10), 'owner', old_value, new_value, edited
  FROM {field_change}
  WHERE deal_id IS NOT NULL AND new_value IS NOT NULL
    AND lower(field) IN ('opportunity owner', 'owner', 'opportunity-inhaber', 'inhaber', 'propriétaire de l''opportunité', 'propietario de la oportunidad', 'propietario de oportunidad', 'proprietário da oportunidade')
--! end
--! if field_history and not history
  UNION ALL
  SELECT deal_id, substr(edited, 1, 10), 'stage', {values old_value}, {values new_value}, edited
  FROM {field_change}
  WHERE deal_id IS NOT NULL AND new_value IS NOT NULL AND lower(field) IN ('stage', 'phase', 'étape', 'etapa', 'fase')
  UNION ALL
  SELECT deal_id, substr(edited, 1, 10), 'amount', pipeline_amount(old_value, {decimal deals.amount}), pipeline_amount(new_value, {decimal deals.amount}), edited
  FROM {field_change}
  WHERE deal_id IS NOT NULL AND new_value IS NOT NULL AND lower(field) IN ('amount', 'betrag', 'montant', 'importe', 'cantidad', 'valor')
  UNION ALL
  SELECT deal_id, substr(edited, 1, 10), 'close_date', pipeline_date(old_value, {order field_history.edited}), pipeline_date(new_value, {order field_history.edited}), edited
  FROM {field_change}
  WHERE deal_id IS NOT NULL AND new_value IS NOT NULL
    AND lower(field) IN ('close date', 'schlusstermin', 'abschlussdatum', 'date de clôture', 'fecha de cierre', 'data de fechamento')
--! end
--! if deals.last_activity
  UNION ALL
  SELECT
    deal_id,
--! include touched_at last_activity
    , 'reply', NULL, NULL, last_activity
  FROM {named}
  WHERE last_activity IS NOT NULL
--! end
)
--! if timed or field_history
ORDER BY deal_id, moment
--! end

-- A last activity is a touch of unknown kind: a `reply` is the only kind that is a touch and counts nowhere else here. Without
-- it nobody knows of touches: changes of stage alone would make dead what was called every week.
--! policy if deals.last_activity: touches_since
SELECT date(known.day, -waiting.untouched || ' days') FROM {known_until} AS known CROSS JOIN {waiting_days} AS waiting
--! policy if not deals.last_activity: touches_since
SELECT '9999-12-31'

--! problem outcome that cannot be told, error: neither the flags nor the stage say open, won or lost, so these deals are left out; the option values says what the stages mean; a report that is grouped has the stage in the first row of each group alone: export details only
SELECT count(*) AS rows, total(amount) AS amount, min(coalesce(stage, 'no stage')) AS example FROM {deal} WHERE outcome IS NULL

--! problem if not option outcomes = open: stages taken as open, info: their names say neither won nor lost; the option values says otherwise
SELECT count(DISTINCT stage) AS rows, NULL AS amount, (SELECT group_concat(label, ', ') FROM (SELECT label FROM {stage_outcome} WHERE is_taken AND outcome = 'open' ORDER BY label LIMIT 20)) AS example
FROM {deal}
WHERE outcome = 'open' AND stage IN (SELECT label FROM {stage_outcome} WHERE is_taken)

--! problem outcome that its stage contradicts, warning: the stage counts, which is more specific than the columns Closed and Won
SELECT count(*) AS rows, total(amount) AS amount, min(deal_id) AS example
FROM {deal}
WHERE flagged IS NOT NULL AND said IS NOT NULL AND flagged <> said

--! problem if shared_name: several deals of one name and owner, warning: without an id nothing else tells them apart, so each row is a deal and their history is left out; if they are one deal that was imported twice, import into an empty table; add the column Opportunity ID to the reports
SELECT count(*) AS rows, total(amount) AS amount, min(deal_id) AS example FROM {deal} WHERE id IS NULL AND sharing > 1

--! problem if history: history of no deal, warning: the report of opportunities has no such deal, or several of that name, so these rows are left out
SELECT count(*) AS rows, NULL AS amount, min(name) AS example FROM {change} WHERE deal_id IS NULL

--! problem if field_history: field history of no deal, warning: the report of opportunities has no such deal, or several of that name, so these rows are left out
SELECT count(*) AS rows, NULL AS amount, min(name) AS example FROM {field_change} WHERE deal_id IS NULL

--! problem if history.amount: amount in the history of a deal without one, warning: the deal counts as 0 today and in the past
SELECT count(*) AS rows, NULL AS amount, min(deal_id) AS example
FROM {deal}
WHERE amount IS NULL AND deal_id IN (SELECT deal_id FROM {change} WHERE amount IS NOT NULL)

--! problem if deals.last_activity: open deal without a last activity, info: nobody has touched it since it was created, or the cell was lost
SELECT count(*) AS rows, total(amount) AS amount, min(deal_id) AS example FROM {deal} WHERE outcome = 'open' AND last_activity IS NULL

--! report if history: history_of_no_deal
SELECT coalesce((SELECT rows FROM {foreign_change}), 0)

--! include activity_ahead last_activity
--! include deal_problems
