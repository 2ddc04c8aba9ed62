-- Included by doors whose outcomes are words of a language. It needs a view `label` with the texts in a column `label`,
-- and makes `outcome_of`: what each label says, open, won, lost, or NULL. The option `values` goes before. Words are looked
-- for between blanks, in small letters, signs aside: '6 - Closed Won (100%)' is won; 'Won or lost' and 'Not won' mention an
-- outcome and say none, so nobody takes them for open stages.

--! view outcome_word
SELECT column1 AS word, column2 AS outcome
FROM (
  VALUES ('won', 'won'), ('closedwon', 'won'), ('gewonnen', 'won'), ('gewonnene', 'won'), ('gagné', 'won'), ('gagnée', 'won'),
    ('gagnés', 'won'), ('gagnées', 'won'), ('gagne', 'won'), ('gagnee', 'won'), ('ganado', 'won'), ('ganada', 'won'),
    ('ganho', 'won'), ('ganha', 'won'), ('vinto', 'won'),
    ('lost', 'lost'), ('closedlost', 'lost'), ('verloren', 'lost'), ('verlorene', 'lost'), ('perdu', 'lost'), ('perdue', 'lost'),
    ('perdus', 'lost'), ('perdues', 'lost'), ('perdido', 'lost'), ('perdida', 'lost'), ('perso', 'lost')
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

--! view once outcome_of
WITH plain AS (
  SELECT
    label,
    trim(lower({values label})) AS text,
    ' ' || replace(replace(replace(replace(replace(replace(replace(lower(trim({values label})), '-', ' '), '/', ' '), '_', ' '),
      '(', ' '), ')', ' '), '.', ''), ',', ' ') || ' ' AS words
  FROM (SELECT DISTINCT label FROM {label} WHERE label IS NOT NULL)
),
single AS (
  SELECT label, text, replace(replace(words, '  ', ' '), '  ', ' ') AS words FROM plain
),
said AS (
  SELECT single.label, min(word.outcome) AS first_outcome, max(word.outcome) AS last_outcome
  FROM single
  JOIN {outcome_word} AS word ON instr(single.words, ' ' || word.word || ' ') > 0
  WHERE NOT (single.words LIKE '% not %' OR single.words LIKE '% nicht %' OR single.words LIKE '% pas %' OR single.words LIKE '% no %'
    OR single.words LIKE '% não %')
  GROUP BY single.label
)
SELECT
  single.label,
  CASE
    WHEN said.first_outcome = said.last_outcome THEN said.first_outcome
    WHEN said.label IS NULL AND trim(single.words) IN (SELECT word FROM {open_word}) THEN 'open'
  END AS outcome,
  EXISTS (SELECT 1 FROM {outcome_word} AS word WHERE instr(single.words, ' ' || word.word || ' ') > 0) AS mentions_outcome
FROM single
LEFT JOIN said ON said.label = single.label
