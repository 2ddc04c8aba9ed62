-- Included by doors whose outcomes are words of a language. It needs a view `label` with the texts in a column `label`,
-- and makes `outcome_of`: what each label says, open, won, lost, or NULL. The option `values` goes before. Words are looked
-- for between blanks, in small letters, signs aside: '6 - Closed Won (100%)' is won, 'Lost - no budget' is lost. 'Won or lost', 'Not won'
-- and 'Won?' mention an outcome and say none (`mentions_outcome`); 'Closed' and 'Cancelled' are an end that may be either
-- (`mentions_end`): nobody takes these for open stages.

--! view outcome_word
SELECT column1 AS word, column2 AS outcome
FROM (
  VALUES ('won', 'won'), ('closedwon', 'won'), ('gewonnen', 'won'), ('gewonnene', 'won'), ('gagné', 'won'), ('gagnée', 'won'),
    ('gagnés', 'won'), ('gagnées', 'won'), ('gagne', 'won'), ('gagnee', 'won'), ('ganado', 'won'), ('ganada', 'won'),
    ('ganados', 'won'), ('ganadas', 'won'), ('ganho', 'won'), ('ganha', 'won'), ('ganhos', 'won'), ('ganhas', 'won'),
    ('vinto', 'won'), ('vinta', 'won'), ('vunnen', 'won'), ('vunnet', 'won'), ('vundet', 'won'),
    ('lost', 'lost'), ('closedlost', 'lost'), ('verloren', 'lost'), ('verlorene', 'lost'), ('perdu', 'lost'), ('perdue', 'lost'),
    ('perdus', 'lost'), ('perdues', 'lost'), ('perdido', 'lost'), ('perdida', 'lost'), ('perdidos', 'lost'), ('perdidas', 'lost'),
    ('perso', 'lost'), ('persa', 'lost'), ('förlorad', 'lost'), ('förlorat', 'lost'), ('tabt', 'lost'), ('tapt', 'lost'),
    ('closed', 'end'), ('cancelled', 'end'), ('canceled', 'end'), ('abandoned', 'end'), ('dead', 'end'), ('rejected', 'end'),
    ('declined', 'end'), ('disqualified', 'end'), ('no decision', 'end'),
    ('geschlossen', 'end'), ('storniert', 'end'), ('abgebrochen', 'end'), ('abgelehnt', 'end'), ('abgesagt', 'end'),
    ('fermé', 'end'), ('fermée', 'end'), ('clôturé', 'end'), ('clôturée', 'end'), ('annulé', 'end'), ('annulée', 'end'),
    ('abandonné', 'end'), ('abandonnée', 'end'), ('refusé', 'end'), ('refusée', 'end'), ('rejeté', 'end'), ('rejetée', 'end'),
    ('cerrado', 'end'), ('cerrada', 'end'), ('cancelado', 'end'), ('cancelada', 'end'), ('anulado', 'end'), ('anulada', 'end'),
    ('rechazado', 'end'), ('rechazada', 'end'), ('descartado', 'end'), ('descartada', 'end'),
    ('fechado', 'end'), ('fechada', 'end'), ('encerrado', 'end'), ('encerrada', 'end'), ('rejeitado', 'end'), ('rejeitada', 'end'),
    ('recusado', 'end'), ('recusada', 'end'), ('chiuso', 'end'), ('chiusa', 'end')
)

-- Words that say something only where nothing else stands beside them: 'Demo completed' is no end.
--! view lone_outcome_word
SELECT column1 AS word, column2 AS outcome
FROM (
  VALUES ('win', 'won'), ('wins', 'won'), ('loss', 'lost'), ('losses', 'lost'), ('completed', 'end'), ('complete', 'end'), ('finished', 'end'),
    ('done', 'end'), ('abgeschlossen', 'end'), ('beendet', 'end'), ('erledigt', 'end'), ('terminé', 'end'), ('terminée', 'end'),
    ('conclu', 'end'), ('conclue', 'end'), ('terminado', 'end'), ('terminada', 'end'), ('finalizado', 'end'), ('finalizada', 'end'),
    ('concluído', 'end'), ('concluída', 'end'), ('cierre', 'end')
)

-- Before a word of an outcome they take it back.
--! view not_word
SELECT column1 AS word
FROM (
  VALUES ('not'), ('never'), ('nicht'), ('kein'), ('keine'), ('pas'), ('non'), ('jamais'), ('no'), ('nunca'), ('sin'),
    ('não'), ('nao'), ('sem'), ('inte'), ('ikke')
)

--! view open_word
SELECT column1 AS word
FROM (
  VALUES ('open'), ('opened'), ('active'), ('in progress'), ('ongoing'), ('working'), ('offen'), ('aktiv'), ('in bearbeitung'),
    ('laufend'), ('ouvert'), ('ouverte'), ('en cours'), ('actif'), ('active'), ('abierto'), ('abierta'), ('en curso'),
    ('en proceso'), ('activo'), ('activa'), ('aberto'), ('aberta'), ('em aberto'), ('em andamento'), ('ativo'), ('ativa'),
    ('prospecting'), ('qualification'), ('needs analysis'), ('value proposition'), ('id decision makers'),
    ('perception analysis'), ('proposal price quote'), ('negotiation review'),
    ('appointment scheduled'), ('qualified to buy'), ('presentation scheduled'), ('decision maker bought in'), ('contract sent'),
    ('appointmentscheduled'), ('qualifiedtobuy'), ('presentationscheduled'), ('decisionmakerboughtin'), ('contractsent')
)

--! view label_words
SELECT label, {words of text} AS words FROM (SELECT DISTINCT label, {values label} AS text FROM {label} WHERE label IS NOT NULL)

--! view once outcome_of
WITH single AS (
  SELECT label, words FROM {label_words}
),
said AS (
  SELECT
    single.label,
    max(word.outcome = 'won') AS won,
    max(word.outcome = 'lost') AS lost,
    max(word.outcome = 'end') AS ends,
    max(word.outcome <> 'end' AND (instr(single.words, ' ? ') > 0 OR EXISTS (
      SELECT 1 FROM {not_word} AS negation
      WHERE instr(single.words, ' ' || negation.word || ' ') BETWEEN 1 AND instr(single.words, ' ' || word.word || ' ')
    ))) AS is_taken_back
  FROM single
  JOIN {outcome_word} AS word ON instr(single.words, ' ' || word.word || ' ') > 0
  GROUP BY single.label
)
SELECT
  single.label,
  CASE
    WHEN said.won + said.lost = 1 AND NOT said.is_taken_back THEN CASE WHEN said.won THEN 'won' ELSE 'lost' END
    WHEN said.label IS NOT NULL THEN NULL
    WHEN trim(single.words) IN (SELECT word FROM {open_word}) THEN 'open'
    ELSE nullif(lone.outcome, 'end')
  END AS outcome,
  coalesce(said.won OR said.lost, 0) AS mentions_outcome,
  coalesce(said.ends, lone.outcome = 'end', 0) AS mentions_end
FROM single
LEFT JOIN said ON said.label = single.label
LEFT JOIN {lone_outcome_word} AS lone ON lone.word = trim(single.words)
