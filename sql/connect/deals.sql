-- Any one table of deals, a row a deal, as spreadsheets and lists of unknown origin have it: what can be told without a history.
-- The language of this file is described in README.md beside it. Columns are found by their usual names in English, German,
-- French, Spanish and Portuguese; the option `columns` names others, the option `values` says what outcomes and stages mean.

--! fallback last
--! outcome from a column of outcomes (Status), or from stages named won and lost; the option "values": {theirs: "open", "won" or "lost"} says what others mean, the option "outcomes": "open" that every deal is open
--! option outcomes = told | open

--! include quota_sheet

--! table deals = * required (deals)
--! columns created! day = "Created Date" | "Created At" | "Created On" | "Create Date" | "Creation Date" | "Date Created" | "Created Time" | "Create Time" | "Creation Time" | "Date Entered" | "Opened" | "Open Date" | "Opened On" | "Date Opened" | "Engage Date" | "Entry Date" | "Erstellt am" | Erstellt | Erstelldatum | Erstellungsdatum | "Angelegt am" | Angelegt | Anlagedatum | Eröffnet | "Eröffnet am" | "Créé le" | Créée | "Créée le" | Créé | "Date de création" | "Creado el" | Creado | "Creada el" | "Fecha de creación" | "Fecha creación" | "Fecha de apertura" | "Criado em" | "Criada em" | Criado | "Data de criação" | "Data criação" | "Data de abertura"
--! columns stage! label = "Deal Stage" | "Sales Stage" | "Opportunity Stage" | "Stage Name" | "Pipeline Stage" | "Pipeline Phase" | "Status Label" | Step | Phase | "Deal Phase" | Verkaufsphase | Vertriebsphase | Stufe | Étape | Etape | "Étape de vente" | Etapa | "Etapa de venta" | Fase | Estágio | Status | State | Estado | Statut | Situação
--! columns id = "Deal ID" | "Opportunity ID" | "Record ID" | "Opp ID" | "(Do Not Modify) Opportunity" | Nr | "Nr." | Nummer | Number | Numéro | Número | "Deal Number" | Vorgangsnummer
--! columns name = "Deal Name" | Deal | Title | Opportunity | "Opportunity Name" | Subject | Topic | Verkaufschance | Bezeichnung | Titel | Chance | Vorgang | Projekt | Opportunité | Affaire | Nom | Oportunidad | Negocio | Nombre | Título | Oportunidade | Negócio | Nome
--! columns account = Company | Customer | Client | "Account Name" | "Potential Customer" | "Lead Name" | Firma | Kunde | Kundenname | Organisation | Organization | Entreprise | Société | Compte | Empresa | Cliente | Cuenta | Conta
--! columns owner = "Deal Owner" | "Opportunity Owner" | Rep | "Sales Rep" | "Sales Agent" | Seller | Salesperson | "Account Executive" | "Account Owner" | "Assigned To" | "Assigned User" | "Owned By" | "User Name" | Besitzer | Inhaber | Verkäufer | Verantwortlich | Verantwortlicher | Zuständig | Vertriebler | Vertriebsmitarbeiter | Mitarbeiter | Propriétaire | Commercial | Vendeur | Responsable | Propietario | Vendedor | Comercial | Proprietário | Responsável
--! columns team = Region | "Sales Team" | Abteilung | Équipe | Equipe | Equipo | "Equipo de ventas"
--! columns pipeline = Funnel | Funil
--! columns amount amount = "Value Formatted" | Value | "Deal Value" | "Deal Amount" | "Deal Size" | "Est. Revenue" | "Estimated Revenue" | "Est. Value" | "Estimated Value" | "Opportunity Amount" | Revenue | "Close Value" | Price | Betrag | Wert | Auftragswert | Volumen | Umsatz | Summe | Montant | Valeur | Importe | Monto | Valor | Cantidad | Montante
--! columns amount_text raw = Amount | "Value Formatted" | Value | "Deal Value" | "Deal Amount" | "Deal Size" | "Est. Revenue" | "Estimated Revenue" | "Est. Value" | "Estimated Value" | "Opportunity Amount" | Revenue | "Close Value" | Price | Betrag | Wert | Auftragswert | Volumen | Umsatz | Summe | Montant | Valeur | Importe | Monto | Valor | Cantidad | Montante
--! columns currency = "Currency Code" | "Currency ISO Code" | Währung | Devise | Moneda | Divisa | Moeda
--! columns close_date day = "Expected Close Date" | "Expected Close" | "Closing Date" | "Est. Close Date" | "Expected Closing" | "Estimated Close Date" | "Target Close Date" | "Planned Close" | "Close" | Schlusstermin | "Erwarteter Abschluss" | "Voraussichtlicher Abschluss" | "Geplanter Abschluss" | Abschlussdatum | Abschlusstermin | "Date de clôture" | "Date de clôture prévue" | "Clôture prévue" | "Date de signature prévue" | "Fecha de cierre" | "Fecha de cierre prevista" | "Cierre previsto" | "Fecha cierre" | "Data de fechamento" | "Data prevista de fechamento" | "Fechamento previsto" | "Previsão de fechamento"
--! columns closed_at day = "Closed At" | "Closed On" | Closed | "Date Closed" | "Date Won" | "Closed Date" | "Actual Close Date" | "Actual Close" | "Won On" | "Abgeschlossen am" | "Geschlossen am" | Abgeschlossen | "Tatsächlicher Abschluss" | "Clôturé le" | "Clôturée le" | "Fermé le" | "Conclu le" | "Cerrado el" | "Fecha de cierre real" | "Fechado em" | "Concluído em" | "Data de fechamento real"
--! columns status label = Outcome | "Deal Status" | "Status Type" | Result | State | Ergebnis | Ausgang | Statut | Résultat | Issue | Estado | Resultado | Situação
--! columns won boolean = "Is Won" | Won
--! columns closed boolean = "Is Closed"
--! columns last_activity day = "Last Activity Date" | "Last Contacted" | "Last Contact" | "Last Contact Date" | "Last Touch" | "Last Touched" | "Letzte Aktivität" | "Datum der letzten Aktivität" | "Letzter Kontakt" | "Letzter Kontakt am" | "Dernière activité" | "Date de la dernière activité" | "Dernier contact" | "Última actividad" | "Fecha de la última actividad" | "Último contacto" | "Última atividade" | "Data da última atividade" | "Último contato"
--! columns updated_at? date = "Last Modified Date" | "Last Modified" | "Modified On" | "Modified Time" | "Update Time" | "Last Updated" | "Geändert am" | "Zuletzt geändert" | "Modifié le" | "Modificado el" | "Atualizado em"
--! columns forecast_category = Forecast | "Forecast Stage" | Prognosekategorie | "Catégorie de prévision"
--! key id | whole row
--! skip if missing deals.created or missing deals.stage: footer_rows when (id IS NOT NULL) + (created IS NOT NULL) + (stage IS NOT NULL) + (name IS NOT NULL) + (account IS NOT NULL) + (owner IS NOT NULL) + (close_date IS NOT NULL) + (closed_at IS NOT NULL) + (amount IS NOT NULL) + (last_activity IS NOT NULL) + (team IS NOT NULL) <= 1 OR created IS NULL AND close_date IS NULL AND closed_at IS NULL AND last_activity IS NULL AND (stage IS NULL OR lower(stage) IN ('total', 'grand total', 'gesamt', 'summe', 'sum')) AND (amount IS NULL OR id IS NULL AND (coalesce(name, owner, account) IS NULL OR lower(coalesce(name, owner, account)) IN ('total', 'totals', 'grand total', 'subtotal', 'sum', 'gesamt', 'gesamtsumme', 'summe', 'somme', 'total general', 'total général', 'total geral', 'suma', 'soma') OR lower(coalesce(name, owner, account)) LIKE 'total%' OR lower(coalesce(name, owner, account)) LIKE 'grand total%' OR lower(coalesce(name, owner, account)) LIKE 'summe%' OR lower(coalesce(name, owner, account)) LIKE '% total' OR lower(coalesce(name, owner, account)) LIKE '% gesamt'))
--! off if deals: what deals were in the past: the table is one day, so there are no stage changes as progress, no pushes, no earlier amounts; deals that are not dead stay unjudged
--! off id: ids of deals: name and owner stand in; rows that are equal are one deal, others of one name are several
--! off owner: owners and teams of deals
--! off amount: every amount: each deal counts as 0
--! off close_date: overdue and parked deals, claimed coverage
--! off if not deals.closed_at: the closing day of a deal is its expected close date
--! off last_activity: dead deals: nothing tells when somebody last did something with a client
--! off if deals.last_activity: touches but for the last one: who is dead can be told on the day of the export alone, and calls, emails and meetings cannot be told apart

--! view label
SELECT label FROM {labels of deals.stage}
UNION
SELECT label FROM {labels of deals.status}
--! include outcome_words
--! view seen_day
SELECT substr(created, 1, 10) AS day FROM {deals}
UNION ALL SELECT substr(closed_at, 1, 10) FROM {deals}
UNION ALL SELECT substr(last_activity, 1, 10) FROM {deals}
--! view greatest_day
SELECT max(coalesce({greatest deals.created}, ''), coalesce({greatest deals.closed_at}, ''), coalesce({greatest deals.last_activity}, '')) AS day
--! include known_until

-- The stage tells outcomes where the words of at least one do; the others are then open ones, which the import says.
--! view once stage_outcome
SELECT
  label,
  coalesce(outcome, CASE WHEN NOT mentions_outcome AND NOT mentions_end AND EXISTS (SELECT 1 FROM {outcome_of} AS told WHERE told.outcome IS NOT NULL AND told.label IN (SELECT label FROM {labels of deals.stage})) THEN 'open' END) AS outcome,
  CASE WHEN outcome IN ('won', 'lost') THEN outcome END AS closed,
  outcome IS NULL AS is_taken
FROM {outcome_of}
WHERE label IN (SELECT label FROM {labels of deals.stage})

--! view once status_outcome
SELECT label, outcome, CASE WHEN outcome IN ('won', 'lost') THEN outcome END AS closed
FROM {outcome_of}
WHERE label IN (SELECT label FROM {labels of deals.status})

--! view titled
SELECT {columns of deals}, coalesce(name, account, '') AS title, trim(owner) AS seller FROM {deals}
--! include named_deals

-- Won and lost in the status go before the stage, won and lost in the stage before any other status.
--! view deal
SELECT
  {columns of deals in named}, named.title, named.seller, named.sharing, named.deal_id,
  {lookup outcome of status_outcome by label, named.status} AS status_outcome,
  {lookup outcome of stage_outcome by label, named.stage} AS stage_outcome,
--! if option outcomes = open
  'open' AS outcome
--! else
  coalesce(
    {lookup closed of status_outcome by label, named.status},
    {lookup closed of stage_outcome by label, named.stage},
    {lookup outcome of status_outcome by label, named.status},
    CASE
--! if deals.won
      WHEN named.won THEN 'won'
--! end
--! if deals.closed
      WHEN named.closed THEN CASE WHEN named.won IS NOT NULL THEN 'lost' END
      WHEN NOT named.closed THEN 'open'
--! end
      WHEN named.status IS NOT NULL AND named.status IS NOT named.stage THEN NULL
--! if deals.closed_at
      WHEN {lookup is_taken of stage_outcome by label, named.stage} = '1' AND named.closed_at IS NOT NULL THEN NULL
--! end
      ELSE {lookup outcome of stage_outcome by label, named.stage}
    END
  ) AS outcome
--! end
FROM {named} AS named

-- The team of a seller, where the deals name one alone.
--! view deal_team
SELECT seller AS owner, min(trim(team)) AS team FROM {deal} WHERE team IS NOT NULL GROUP BY seller HAVING count(DISTINCT trim(team)) = 1

-- A deal that was won or lost on the day of its creation, and expected to close before it, was inserted so: it closed on its close date.
--! view pipeline_deal
SELECT
  deal_id,
  title AS name,
  seller AS owner,
--! if quotas.team
  coalesce(trim(team), {lookup team of seller_team by owner, seller}) AS team,
--! else
  trim(team) AS team,
--! end
  pipeline,
  {values stage} AS stage,
  amount,
  coalesce(currency,
--! include currency_in_text deals
  ) AS currency,
  created AS created_at,
  close_date,
  CASE WHEN closed_at IS NOT NULL AND outcome IN ('won', 'lost') THEN CASE WHEN closed_at = created AND close_date < created THEN close_date ELSE closed_at END END AS closed_at,
  outcome,
  {values forecast_category} AS forecast_category
FROM {deal}

-- The last activity is a touch of unknown kind: a `reply` is the only kind that is a touch and counts nowhere else here.
--! view if deals.last_activity: pipeline_event
SELECT
  deal_id,
--! include touched_at last_activity
  AS at,
  'reply' AS kind, NULL AS old_value, NULL AS new_value, NULL AS recorded_at
FROM {named}
WHERE last_activity IS NOT NULL

--! policy if deals.last_activity: touches_since
SELECT date(known.day, -waiting.untouched || ' days') FROM {known_until} AS known CROSS JOIN {waiting_days} AS waiting

--! problem outcome that cannot be told, error: neither the status nor the stage says open, won or lost, so these deals are left out; the option values says what the words mean
SELECT count(*) AS rows, total(amount) AS amount, min(coalesce(status, stage, 'no status')) AS example FROM {deal} WHERE outcome IS NULL

--! problem if not option outcomes = open: stages taken as open, info: their names say neither won nor lost; the option values says otherwise
SELECT count(DISTINCT stage) AS rows, NULL AS amount, (SELECT group_concat(stage, ', ') FROM (SELECT DISTINCT stage FROM {deal} WHERE outcome = 'open' AND status_outcome IS NULL AND stage NOT IN (SELECT label FROM {outcome_of} WHERE outcome IS NOT NULL) ORDER BY stage LIMIT 20)) AS example
FROM {deal}
WHERE outcome = 'open' AND status_outcome IS NULL AND stage NOT IN (SELECT label FROM {outcome_of} WHERE outcome IS NOT NULL)

--! problem status and stage contradict each other, warning: won and lost in the status count before the stage, won and lost in the stage before an open status
SELECT count(*) AS rows, total(amount) AS amount, min(deal_id) AS example
FROM {deal}
WHERE status_outcome <> stage_outcome AND status IS NOT stage
  AND stage IN (SELECT label FROM {outcome_of} WHERE outcome IN ('won', 'lost'))

--! problem if shared_name: several deals of one name and owner, warning: without an id nothing else tells them apart, so each row is a deal; if they are one deal that was imported twice, import into an empty table
SELECT count(*) AS rows, total(amount) AS amount, min(deal_id) AS example FROM {deal} WHERE id IS NULL AND sharing > 1

--! problem stages that are outcomes, info: the table has one column for both, so who is how far is not known
SELECT CASE WHEN count(*) = total(stage IS status) THEN count(*) ELSE 0 END AS rows, NULL AS amount, min(stage) AS example
FROM {deals}
WHERE status IS NOT NULL

--! problem if deals.last_activity: open deal without a last activity, info: nobody has touched it since it was created, or the cell was lost
SELECT count(*) AS rows, total(amount) AS amount, min(deal_id) AS example FROM {deal} WHERE outcome = 'open' AND last_activity IS NULL

--! include activity_ahead last_activity

--! include deal_problems
