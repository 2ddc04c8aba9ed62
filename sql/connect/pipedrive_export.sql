-- Pipedrive's export of deals, as its user interface writes it, and if there is one its export of activities: columns
-- "Deal - …" in English, German, French, Spanish or Portuguese. The language of this file is described in README.md beside it.
--
-- Times are those of the account, so they count as days and no zone moves them. Of the stages only the last change is known.

--! outcome from the column Deal - Status; the option "values": {theirs: "open", "won" or "lost"} says what its words mean

--! table activities = * (activities)
--! columns type! label = "Activity - Type" | "Aktivität - Typ" | "Activité - Type" | "Actividad - Tipo" | "Atividade - Tipo"
--! columns due! day = "Activity - Due date" | "Aktivität - Fälligkeitsdatum" | "Activité - Date d'échéance" | "Actividad - Fecha de vencimiento" | "Atividade - Data de vencimento"
--! columns done! label = "Activity - Done" | "Activity - Status" | "Aktivität - Erledigt" | "Activité - Terminée" | "Activité - Terminé" | "Actividad - Completada" | "Actividad - Hecho" | "Atividade - Concluída" | "Atividade - Feito"
--! columns id id = "Activity - ID" | "Activity - Pipedrive System ID" | "Aktivität - ID" | "Activité - ID" | "Actividad - ID" | "Atividade - ID"
--! columns deal_id id = "Activity - Deal ID" | "Deal - ID" | "Deal ID" | "Negócio - ID" | "Negocio - ID" | "Affaire - ID" | "Trato - ID"
--! columns deal_title = Deal | "Activity - Deal" | "Deal - Title" | "Aktivität - Deal" | "Deal - Titel" | "Atividade - Negócio" | "Negócio - Título" | "Actividad - Negocio" | "Negocio - Título" | "Activité - Affaire" | "Affaire - Titre" | "Trato - Título"
--! columns subject = "Activity - Subject" | "Aktivität - Betreff" | "Activité - Sujet" | "Actividad - Asunto" | "Atividade - Assunto"
--! columns added day = "Activity - Creation date" | "Activity - Add time" | "Activity - Activity created" | "Aktivität - Erstellungsdatum" | "Activité - Date de création" | "Actividad - Fecha de creación" | "Atividade - Data de criação"
--! key id | whole row
--! skip if missing activities.type: footer_rows when type IS NULL AND due IS NULL

--! include quota_sheet

--! table deals = * required (deals)
--! columns deal_title! = "Deal - Title" | "Deal - Titel" | "Negócio - Título" | "Negocio - Título" | "Affaire - Titre" | "Trato - Título"
--! columns status! label = "Deal - Status" | "Negócio - Status" | "Negocio - Estado" | "Affaire - Statut" | "Trato - Estado"
--! columns created! day = "Deal - Deal created" | "Deal - Creation date" | "Deal - Deal created on" | "Deal - Add time" | "Deal - Deal erstellt" | "Deal - Deal erstellt am" | "Deal - Erstellungsdatum" | "Negócio - Negócio criado em" | "Negócio - Data de criação do negócio" | "Negocio - Negocio creado" | "Negocio - Negocio creado el" | "Negocio - Fecha de creación" | "Affaire - Affaire créée" | "Affaire - Affaire créée le" | "Affaire - Date de création" | "Trato - Trato creado" | "Trato - Trato creado el" | "Trato - Fecha de creación"
--! columns id id = "Deal - ID" | "Deal - Pipedrive System ID" | "Negócio - ID" | "Negocio - ID" | "Affaire - ID" | "Trato - ID"
--! columns stage = "Deal - Stage" | "Deal - Phase" | "Negócio - Etapa" | "Negocio - Etapa" | "Affaire - Étape" | "Trato - Etapa"
--! columns owner = "Deal - Owner" | "Deal - Besitzer" | "Negócio - Proprietário" | "Negocio - Propietario" | "Affaire - Propriétaire" | "Trato - Propietario"
--! columns pipeline = "Deal - Pipeline" | "Negócio - Funil" | "Negocio - Embudo" | "Affaire - Pipeline" | "Trato - Embudo"
--! columns amount amount = "Deal - Value" | "Deal - Wert" | "Negócio - Valor" | "Negocio - Valor" | "Affaire - Valeur" | "Trato - Valor"
--! columns currency = "Deal - Currency of Value" | "Deal - Currency" | "Deal - Währung von Wert" | "Deal - Währung des Werts" | "Deal - Währung" | "Negócio - Moeda de Valor" | "Negócio - Moeda" | "Negocio - Moneda de Valor" | "Negocio - Moneda" | "Affaire - Devise de Valeur" | "Affaire - Devise" | "Trato - Moneda de Valor" | "Trato - Moneda"
--! columns close_date day = "Deal - Expected close date" | "Deal - Erwartetes Abschlussdatum" | "Deal - Voraussichtliches Abschlussdatum" | "Negócio - Data de fechamento esperada" | "Negócio - Data de fechamento prevista" | "Negocio - Fecha prevista de cierre" | "Negocio - Fecha de cierre prevista" | "Affaire - Date de clôture prévue" | "Affaire - Date de clôture attendue" | "Trato - Fecha prevista de cierre" | "Trato - Fecha de cierre prevista"
--! columns won_time day = "Deal - Won time" | "Deal - Datum des gewonnenen Deals" | "Deal - Gewonnen am" | "Negócio - Ganho em" | "Negocio - Fecha de ganado" | "Negocio - Ganado el" | "Affaire - Date de gain" | "Affaire - Gagnée le" | "Trato - Fecha de ganado" | "Trato - Ganado el"
--! columns lost_time day = "Deal - Lost time" | "Deal - Datum des verlorenen Deals" | "Deal - Verloren am" | "Negócio - Data de perda" | "Negócio - Perdido em" | "Negocio - Fecha de pérdida" | "Negocio - Perdido el" | "Affaire - Date de perte" | "Affaire - Perdue le" | "Trato - Fecha de pérdida" | "Trato - Perdido el"
--! columns closed_on day = "Deal - Deal closed on" | "Deal - Closed on" | "Deal - Deal abgeschlossen am" | "Negócio - Negócio fechado em" | "Negocio - Negocio cerrado el" | "Affaire - Affaire conclue le" | "Trato - Trato cerrado el"
--! columns last_stage_change day = "Deal - Last stage change" | "Deal - Letzte Phasenänderung" | "Negócio - Última alteração de etapa" | "Negocio - Último cambio de etapa" | "Affaire - Dernier changement d'étape" | "Trato - Último cambio de etapa"
--! columns last_activity day = "Deal - Last activity date" | "Deal - Datum der letzten Aktivität" | "Negócio - Data da última atividade" | "Negocio - Fecha de la última actividad" | "Negocio - Fecha de última actividad" | "Affaire - Date de la dernière activité" | "Trato - Fecha de la última actividad" | "Trato - Fecha de última actividad"
--! columns update_time? date = "Deal - Update time" | "Deal - Zeit der Aktualisierung" | "Negócio - Atualizado em" | "Negocio - Hora de actualización" | "Affaire - Heure de mise à jour" | "Trato - Hora de actualización"
--! columns archived = "Deal - Archive status", archived_at day = "Deal - Archive time"
--! key id | whole row
--! deleted when lower(status) IN ('deleted', 'gelöscht', 'eliminado', 'excluído', 'supprimé', 'supprimée')
--! skip if missing deals.created or missing deals.status: footer_rows when (id IS NOT NULL) + (created IS NOT NULL) + (status IS NOT NULL) + (deal_title IS NOT NULL) + (owner IS NOT NULL) + (stage IS NOT NULL) + (close_date IS NOT NULL) + (amount IS NOT NULL) <= 1 OR created IS NULL AND status IS NULL AND close_date IS NULL AND deal_title IS NULL
--! off id: ids of deals: title and owner stand in; rows that are equal are one deal, others of one title are several
--! off stage: stages of deals
--! off owner: owners of deals
--! off if deals: teams, but for those that a sheet of quotas names: the export has none
--! off amount: every amount: each deal counts as 0
--! off close_date: overdue and parked deals, claimed coverage
--! off if not deals.won_time and not deals.lost_time and not deals.closed_on: the closing day of a deal is its expected close date
--! off if not deals.last_stage_change: stage changes as progress, days in stage
--! off if deals.last_stage_change: stage changes but for the last one: who is stalled can be told on the day of the export alone
--! off if deals: pushes, earlier amounts, earlier close dates and owners: an export of deals has those of today
--! off if not deals.archived: archived deals: the export does not say whether it has them
--! off if not activities and not deals.last_activity: dead deals: nothing tells when somebody last did something with a client
--! off if not activities and deals.last_activity: touches but for the last one: who is dead can be told on the day of the export alone, and calls, emails and meetings cannot be told apart
--! off if not activities: meetings: the rules on meetings; the export of activities gives them

--! view label
SELECT label FROM {labels of deals.status}
--! include outcome_words
--! view seen_day
SELECT substr(created, 1, 10) AS day FROM {deals}
UNION ALL SELECT substr(coalesce(won_time, lost_time, closed_on), 1, 10) FROM {deals}
UNION ALL SELECT substr(last_activity, 1, 10) FROM {deals}
UNION ALL SELECT substr(last_stage_change, 1, 10) FROM {deals}
--! view greatest_day
WITH known AS (
  SELECT max(
    coalesce({greatest deals.created}, ''), coalesce({greatest deals.won_time}, ''), coalesce({greatest deals.last_activity}, ''),
    coalesce({greatest deals.last_stage_change}, '')
  ) AS day
)
SELECT
  CASE WHEN max(coalesce({greatest deals.lost_time}, ''), coalesce({greatest deals.closed_on}, '')) <= day THEN day
    ELSE max(day, coalesce((SELECT max(substr(coalesce(won_time, lost_time, closed_on), 1, 10)) FROM {deals}), '')) END AS day
FROM known
--! include known_until

--! view titled
SELECT {columns of deals}, trim(deal_title) AS title, trim(owner) AS seller FROM {deals}
--! include named_deals

-- An open deal that was archived has left the pipeline, neither won nor lost.
--! view deal
SELECT
  {columns of deals in named}, named.title, named.seller, named.sharing, named.deal_id,
--! if deals.archived
  CASE WHEN lower(named.archived) IN ('archived', 'yes', 'true', '1') AND {lookup outcome of outcome_of by label, named.status} = 'open' THEN 'unknown'
    ELSE {lookup outcome of outcome_of by label, named.status} END AS outcome
--! else
  {lookup outcome of outcome_of by label, named.status} AS outcome
--! end
FROM {named} AS named

-- A deal that was won or lost on the day of its creation, and expected to close before it, was inserted so: it closed on its expected close
-- date, not on the day of the import.
--! view closing
SELECT
  deal_id, title, seller, pipeline, stage, amount, currency, created, close_date, outcome, ended_on,
  CASE WHEN close_date < created AND ended_on = created THEN close_date END AS inserted_on
FROM (
  SELECT
    deal_id, title, seller, pipeline, stage, amount, currency, created, close_date, outcome,
    CASE outcome WHEN 'won' THEN coalesce(won_time, closed_on) WHEN 'lost' THEN coalesce(lost_time, closed_on)
      WHEN 'unknown' THEN coalesce(archived_at, (SELECT day FROM {known_until})) END AS ended_on
  FROM {deal}
)

-- Deals name no teams here.
--! view deal_team
SELECT NULL AS owner, NULL AS team WHERE 0

--! view pipeline_deal
SELECT
  deal_id,
  title AS name,
  seller AS owner,
--! if quotas.team
  {lookup team of seller_team by owner, seller} AS team,
--! else
  NULL AS team,
--! end
  pipeline,
  {values stage} AS stage,
  amount,
  currency,
  created AS created_at,
  close_date,
  coalesce(inserted_on, ended_on) AS closed_at,
  outcome,
  NULL AS forecast_category
FROM {closing}

-- What an activity is, by its type. Types that a company made itself say nothing; the option values says what they are.
--! view activity_word
SELECT column1 AS word, column2 AS kind
FROM (
  VALUES ('call', 'call'), ('anruf', 'call'), ('appel', 'call'), ('llamada', 'call'), ('ligação', 'call'), ('chamada', 'call'),
    ('email', 'email'), ('e-mail', 'email'), ('correo electrónico', 'email'), ('mail', 'email'),
    ('meeting', 'meeting'), ('lunch', 'meeting'), ('besprechung', 'meeting'), ('treffen', 'meeting'), ('termin', 'meeting'),
    ('mittagessen', 'meeting'), ('réunion', 'meeting'), ('déjeuner', 'meeting'), ('reunión', 'meeting'), ('almuerzo', 'meeting'),
    ('reunião', 'meeting'), ('almoço', 'meeting'),
    ('task', 'task'), ('deadline', 'task'), ('aufgabe', 'task'), ('frist', 'task'), ('tâche', 'task'), ('échéance', 'task'),
    ('tarea', 'task'), ('fecha límite', 'task'), ('tarefa', 'task'), ('prazo', 'task')
)

--! view if activities: once activity_kind
SELECT type.label AS type, word.kind
FROM {labels of activities.type} AS type
JOIN {activity_word} AS word ON word.word = lower(trim({values type.label}))

--! view if activities: once done_word
SELECT label, 1 AS is_done FROM {labels of activities.done} WHERE lower(label) IN ('done', 'true', '1', 'yes', 'y', 'x', 'erledigt', 'ja', 'terminé', 'terminée', 'fait', 'oui', 'hecho', 'hecha', 'completado', 'completada', 'sí', 'si', 'feito', 'feita', 'concluído', 'concluída', 'sim')

--! view if activities: of_title
SELECT 't' || title AS key, min(deal_id) AS deal_id FROM {named} GROUP BY title HAVING count(*) = 1

-- The deal by its id; without one by its title, where no other deal has that.
--! view if activities: activity
SELECT
  {columns of activities in activity},
--! if missing activities.deal_id
  CASE WHEN activity.deal_id IS NULL THEN {lookup deal_id of of_title by key, 't' || trim(activity.deal_title)} ELSE {lookup id of deals by id, activity.deal_id} END AS deal,
--! else
  {lookup id of deals by id, activity.deal_id} AS deal,
--! end
  {lookup kind of activity_kind by type, activity.type} AS kind,
  {lookup is_done of done_word by label, activity.done} IS '1' AS is_done
FROM {activities} AS activity

-- Whether some activity is of no deal; most files with ids have none, and then no activity need be asked for its deal.
--! once if activities: foreign_activity
SELECT 1 AS found FROM {activity} WHERE deal IS NULL LIMIT 1

-- A meeting that is not done is planned when it lies ahead. The last change of stage has no stage before it. A last activity is a
-- touch of unknown kind: a `reply` is the only kind that is a touch and counts nowhere else here.
--! view pipeline_event
SELECT NULL AS deal_id, NULL AS at, NULL AS kind, NULL AS old_value, NULL AS new_value, NULL AS recorded_at FROM {deals} WHERE 0
--! if deals.last_stage_change
UNION ALL
SELECT +deal_id, +last_stage_change, 'stage', NULL, +{values stage}, NULL FROM {named} WHERE last_stage_change IS NOT NULL
--! end
--! if activities
UNION ALL
SELECT
--! if foreign_activity or missing activities.deal_id
  +deal,
--! else
  +deal_id,
--! end
  +due,
--! if activities.subject
  CASE WHEN {cancelled subject} THEN 'note' ELSE coalesce(kind, 'note') END,
--! else
  coalesce(kind, 'note'),
--! end
  NULL, NULL, +added
FROM {activity}
WHERE due IS NOT NULL
--! if foreign_activity
  AND deal IS NOT NULL
--! end
  AND (is_done OR kind = 'meeting' AND due > (SELECT day FROM {known_until}))
--! else
UNION ALL
SELECT +deal_id, +last_activity, 'reply', NULL, NULL, NULL FROM {named} WHERE last_activity IS NOT NULL
--! end

--! policy if not activities and deals.last_activity: touches_since
SELECT date(known.day, -waiting.untouched || ' days') FROM {known_until} AS known CROSS JOIN {waiting_days} AS waiting
--! policy if not activities and not deals.last_activity: touches_since
SELECT '9999-12-31'
--! policy if deals.last_stage_change: progress_since
SELECT date(known.day, -waiting.idle || ' days') FROM {known_until} AS known CROSS JOIN {waiting_days} AS waiting

--! problem outcome that cannot be told, error: the status says neither open, won nor lost, so these deals are left out; the option values says what its words mean
SELECT count(*) AS rows, total(amount) AS amount, min(coalesce(status, 'no status')) AS example FROM {deal} WHERE outcome IS NULL

--! problem deal inserted already closed, info: it was won or lost on the day of its creation and expected to close before it, so it closed on its expected close date, not on the day on which it was entered
SELECT count(*) AS rows, total(amount) AS amount, min(deal_id) AS example FROM {closing} WHERE inserted_on IS NOT NULL

--! problem if deals.archived: archived open deal, warning: it left the pipeline when it was archived, neither won nor lost; without the column Archive time that is the day of the export
SELECT count(*) AS rows, total(amount) AS amount, min(deal_id) AS example FROM {deal} WHERE outcome = 'unknown'

--! problem if shared_name: several deals of one name and owner, warning: without an id nothing else tells them apart, so each row is a deal; if they are one deal that was imported twice, import into an empty table
SELECT count(*) AS rows, total(amount) AS amount, min(deal_id) AS example FROM {deal} WHERE id IS NULL AND sharing > 1

--! problem if activities: activity of no deal, warning: no deal has that title, or several have, so nobody was touched by these; add the column Deal ID to the export
SELECT count(*) AS rows, NULL AS amount, min(coalesce(deal_title, subject, 'no deal')) AS example FROM {activity} WHERE deal IS NULL

--! problem if activities: type of activity that says nothing, warning: these count as notes, which are no touch; the option values says which are a meeting, a call or an email
SELECT count(*) AS rows, NULL AS amount, min(type) AS example FROM {activity} WHERE kind IS NULL AND is_done

--! problem if deals.last_activity and not activities: open deal without a last activity, info: nobody has touched it since it was created, or the cell was lost
SELECT count(*) AS rows, total(amount) AS amount, min(deal_id) AS example FROM {deal} WHERE outcome = 'open' AND last_activity IS NULL

--! problem if deals.last_stage_change: open deal without a change of stage, info: it has not moved since it was created, or the cell was lost
SELECT count(*) AS rows, total(amount) AS amount, min(deal_id) AS example FROM {deal} WHERE outcome = 'open' AND last_stage_change IS NULL

--! include deal_problems
