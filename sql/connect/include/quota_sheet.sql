-- Included by doors whose quotas come as a sheet: a row a seller, a column a quarter or a month. It needs a view `deal_team` with the team
-- that the deals name for an `owner`; the quota of that seller is of the same team, whatever the sheet calls it. Where the deals name none,
-- `seller_team` has the sheet's.

--! option fiscal_year
--! table quotas = * (quotas)
--! columns owner! = Rep | "Sales Rep" | Seller | Salesperson | "Sales Person" | "Account Executive" | AE | Owner | Employee | Name | Verkäufer | Verkäuferin | Vertriebsmitarbeiter | Mitarbeiter | Besitzer | Vendeur | Commercial | Vendedor | Comercial | Responsable | Responsável
--! columns team = Region | Abteilung | Équipe | Equipe | Equipo
--! columns currency = Währung | Devise | Moneda | Moeda
--! columns share = Product | "Product Line" | "Product Family" | Segment | Category | Type | Territory | Produkt | Gebiet | Produit | Producto | Produto
--! columns period*! amount = "[q][1-4]*" | "*[ _-][q][1-4]" | "[t][1-4]" | "[t][1-4][ _-]*" | "*[ _-][t][1-4]" | "[1-4]. quart*" | "[1-4]. trim*" | "quart* [1-4]" | "trim* [1-4]" | "[j]an" | "[j]an[ _'-]*" | "[j]anua*" | "[j]anvier*" | "[j]aneiro*" | "[e]ne" | "[e]nero*" | "[f]eb" | "[f]eb[ _'-]*" | "[f]ebr*" | "[f]év*" | "[f]ev" | "[f]evr*" | "[f]evereiro*" | "[m]ar" | "[m]ar[ _'-]*" | "[m]arch*" | "[m]är*" | "[m]ars" | "[m]ars[ _'-]*" | "[m]arzo*" | "[m]arço*" | "[a]pr" | "[a]pr[ _'-]*" | "[a]pril*" | "[a]vr*" | "[a]br" | "[a]br[ _'-]*" | "[a]bril*" | "[m]ay" | "[m]ay[ _'-]*" | "[m]ai" | "[m]ai[ _'-]*" | "[m]ayo*" | "[m]aio*" | "[j]un" | "[j]un[ _'-]*" | "[j]une*" | "[j]uni*" | "[j]uin*" | "[j]unho*" | "[j]ul" | "[j]ul[ _'-]*" | "[j]uly*" | "[j]uli*" | "[j]uil*" | "[j]ulho*" | "[a]ug" | "[a]ug[ _'-]*" | "[a]ugust*" | "[a]oût*" | "[a]go" | "[a]go[ _'-]*" | "[a]gosto*" | "[s]ep" | "[s]ept" | "[s]ep[ _'-]*" | "[s]eptem*" | "[s]eptiem*" | "[s]et" | "[s]et[ _'-]*" | "[s]etem*" | "[o]ct" | "[o]ct[ _'-]*" | "[o]ctob*" | "[o]ctub*" | "[o]kt" | "[o]kt[ _'-]*" | "[o]ktob*" | "[o]ut" | "[o]ut[ _'-]*" | "[o]utub*" | "[n]ov" | "[n]ov[ _'-]*" | "[n]ovem*" | "[n]oviem*" | "[d]ec" | "[d]ec[ _'-]*" | "[d]ecem*" | "[d]ez" | "[d]ez[ _'-]*" | "[d]ezem*" | "[d]éc*" | "[d]ic" | "[d]ic[ _'-]*" | "[d]iciem*" | "20[0-9][0-9][-_][01][0-9]" | "20[0-9][0-9][ _/-]*[qt][1-4]" | "20[0-9][0-9][qt][1-4]" | "*[ _-][qt][1-4][ _-]*" | "[1-4][q]*"
--! columns whole*? amount = "[f][y]*[0-9]" | "[f]iscal*[0-9]" | "20[0-9][0-9]" | "[g]esch*[0-9]" | "[t]otal*20[0-9][0-9]" | "[j]ahr*[0-9]"
--! key whole row
--! skip total_rows when owner IS NULL OR trim(lower(owner), ' :') IN ('total', 'totals', 'sum', 'sums', 'subtotal', 'company', 'all', 'everybody', 'gesamt', 'gesamtsumme', 'summe', 'insgesamt', 'zwischensumme', 'alle', 'firma', 'unternehmen', 'somme', 'ensemble', 'sous-total', 'entreprise', 'suma', 'todos', 'empresa', 'soma') OR lower(owner) LIKE 'total %' OR lower(owner) LIKE '% total' OR lower(owner) LIKE '%total:%' OR lower(owner) LIKE 'grand total%' OR lower(owner) LIKE '%subtotal%' OR lower(owner) LIKE 'sum of %' OR lower(owner) LIKE 'gesamt %' OR lower(owner) LIKE 'summe %' OR lower(owner) LIKE 'zwischensumme%' OR lower(owner) LIKE 'sous-total%'
--! off quotas: coverage, the chance to hit and openings needed; a sheet with a row a seller and columns Q1 to Q4 or months gives them

-- The names that may tell the year: the columns', those of whole years, the sheet's own.
--! view if quotas: quota_name
SELECT NULL AS name, NULL AS kind WHERE 0
--! each quotas.period
UNION ALL SELECT {name of period}, 'period'
--! end
--! each quotas.whole
UNION ALL SELECT {name of whole}, 'whole'
--! end
UNION ALL SELECT {source quotas}, 'sheet'
UNION ALL SELECT {option fiscal_year}, 'option'

-- The year in a name: four digits, else two behind FY or a sign.
--! view if quotas: quota_year
WITH RECURSIVE place(name, kind, at) AS (
  SELECT name, kind, 1 FROM {quota_name} WHERE name IS NOT NULL
  UNION ALL
  SELECT name, kind, at + 1 FROM place WHERE at < length(name)
),
four AS (
  SELECT name, kind, max(CAST(substr(name, at, 4) AS INTEGER)) AS year
  FROM place
  WHERE substr(name, at, 4) GLOB '20[0-9][0-9]'
  GROUP BY name, kind
),
two AS (
  SELECT name, kind, 2000 + max(CAST(substr(name, at + 1, 2) AS INTEGER)) AS year
  FROM place
  WHERE substr(lower(name), at, 3) GLOB '[yq'' -][0-9][0-9]' AND substr(name, at + 3, 1) NOT GLOB '[0-9]'
  GROUP BY name, kind
)
SELECT named.name, named.kind, coalesce(four.year, two.year) AS year
FROM {quota_name} AS named
LEFT JOIN four ON four.name = named.name AND four.kind = named.kind
LEFT JOIN two ON two.name = named.name AND two.kind = named.kind

--! view if quotas: quota_month
SELECT column1 AS start, column2 AS month
FROM (
  VALUES ('jan', 1), ('ene', 1), ('feb', 2), ('fev', 2), ('fév', 2), ('mar', 3), ('mär', 3), ('apr', 4), ('avr', 4), ('abr', 4),
    ('may', 5), ('mai', 5), ('jun', 6), ('jui', 6), ('jul', 7), ('aug', 8), ('ago', 8), ('aoû', 8), ('sep', 9), ('set', 9),
    ('oct', 10), ('okt', 10), ('out', 10), ('nov', 11), ('dec', 12), ('dez', 12), ('déc', 12), ('dic', 12)
)

-- What is said beside the period: a quota, or what came of it.
--! view if quotas: quota_word
SELECT column1 AS word, column2 AS is_result
FROM (
  VALUES ('quota', 0), ('target', 0), ('goal', 0), ('plan', 0), ('budget', 0), ('ziel', 0), ('soll', 0), ('vorgabe', 0), ('objecti', 0),
    ('objetivo', 0), ('cuota', 0), ('meta', 0),
    ('actual', 1), ('achiev', 1), ('attain', 1), ('closed', 1), ('won', 1), ('booked', 1), ('forecast', 1), ('commit', 1), ('pipeline', 1), ('gap', 1),
    ('remaining', 1), ('delta', 1), ('varian', 1), ('deals', 1), ('percent', 1), ('%', 1), ('pct', 1), (' ist', 1), ('erreicht', 1),
    ('erzielt', 1), ('prognose', 1), ('réalisé', 1), ('atteint', 1), ('reste', 1), ('logrado', 1), ('alcanzado', 1), ('realizado', 1),
    ('atingido', 1)
)

-- What a column's name means. Quarters are those of the fiscal year, which is named after the year in which it ends; months are
-- the calendar's, in the fiscal year unless their own year stands with them.
--! view if quotas: once quota_column
WITH start AS (
  SELECT coalesce(max(CASE WHEN lower(name) = 'fiscal_year_start_month' THEN CAST(value AS INTEGER) END), 1) AS month FROM {settings}
),
parsed AS (
  SELECT
    year.name,
    lower(year.name) AS text,
    year.year AS own_year,
    coalesce(
      year.year,
      (SELECT year FROM {quota_year} WHERE kind = 'option'),
      (SELECT CASE WHEN min(year) = max(year) THEN min(year) END FROM {quota_year} WHERE kind = 'whole'),
      (SELECT year FROM {quota_year} WHERE kind = 'sheet')
    ) AS year,
    start.month AS start_month
  FROM {quota_year} AS year
  CROSS JOIN start
  WHERE year.kind = 'period'
),
told AS (
  SELECT
    name, own_year, year, start_month,
    CASE
      WHEN text GLOB '[1-4]q*' THEN CAST(substr(text, 1, 1) AS INTEGER)
      WHEN text GLOB '*[qt]1*' OR text GLOB '1. *' OR text GLOB 'quart* 1' OR text GLOB 'trim* 1' THEN 1
      WHEN text GLOB '*[qt]2*' OR text GLOB '2. *' OR text GLOB 'quart* 2' OR text GLOB 'trim* 2' THEN 2
      WHEN text GLOB '*[qt]3*' OR text GLOB '3. *' OR text GLOB 'quart* 3' OR text GLOB 'trim* 3' THEN 3
      WHEN text GLOB '*[qt]4*' OR text GLOB '4. *' OR text GLOB 'quart* 4' OR text GLOB 'trim* 4' THEN 4
    END AS quarter,
    CASE
      WHEN text GLOB '20[0-9][0-9][-_][01][0-9]' THEN CAST(substr(text, 6, 2) AS INTEGER)
      WHEN text LIKE 'juil%' THEN 7
      ELSE (SELECT month FROM {quota_month} WHERE start = substr(text, 1, 3))
    END AS month
  FROM parsed
),
dated AS (
  SELECT
    name, quarter,
    CASE
      WHEN year IS NULL THEN NULL
      WHEN quarter IS NOT NULL THEN
        date(printf('%04d-%02d-01', year - (start_month > 1), start_month), (3 * (quarter - 1)) || ' months')
      WHEN month IS NOT NULL THEN
        printf('%04d-%02d-01', year - (own_year IS NULL AND start_month > 1 AND month >= start_month), month)
    END AS first_day
  FROM told
),
ended AS (
  SELECT name, quarter, first_day, date(first_day, CASE WHEN quarter IS NOT NULL THEN '+3 months' ELSE '+1 months' END, '-1 day') AS last_day FROM dated
),
worded AS (
  SELECT
    name, quarter, first_day, last_day,
    EXISTS (SELECT 1 FROM {quota_word} AS word WHERE word.is_result AND instr(lower(ended.name), word.word) > 0) AS is_result,
    EXISTS (SELECT 1 FROM {quota_word} AS word WHERE NOT word.is_result AND instr(lower(ended.name), word.word) > 0) AS is_quota
  FROM ended
),
alone AS (
  SELECT
    name, quarter, first_day, last_day, is_result,
    -- of several columns of a period the one that is called a quota, if there is one
    NOT is_result AND first_day IS NOT NULL
      AND (SELECT count(*) FROM worded AS other WHERE NOT other.is_result AND other.first_day = worded.first_day AND other.last_day = worded.last_day
        AND other.is_quota >= worded.is_quota) = 1 AS is_alone
  FROM worded
)
SELECT
  name, first_day, last_day, is_result, is_alone,
  quarter IS NOT NULL AND EXISTS (
    SELECT 1 FROM alone AS month
    WHERE month.is_alone AND month.quarter IS NULL AND month.first_day BETWEEN alone.first_day AND alone.last_day
  ) AS contains_months
FROM alone

-- The sellers' teams, as the sheet names them.
--! view seller_team
SELECT trim(owner) AS owner, min(trim(team)) AS team
FROM {quotas}
WHERE team IS NOT NULL
GROUP BY trim(owner)
HAVING count(DISTINCT trim(team)) = 1

--! view if quotas: quota_cell
SELECT NULL AS name, NULL AS owner, NULL AS team, NULL AS currency, NULL AS amount WHERE 0
--! each quotas.period
UNION ALL SELECT {name of period}, trim(owner), trim(team), currency, {period} FROM {quotas}
--! end

-- A row that is named after the team of another one is the sum of that team.
--! view if quotas: quota_team
SELECT DISTINCT trim(team) AS team FROM {quotas} WHERE trim(team) <> trim(owner)

--! view if quotas: pipeline_quota
SELECT place.first_day AS period_start, place.last_day AS period_end, cell.amount, cell.currency, cell.owner,
  coalesce({lookup team of deal_team by owner, cell.owner}, cell.team) AS team
FROM {quota_cell} AS cell
JOIN {quota_column} AS place ON place.name = cell.name
WHERE cell.amount IS NOT NULL AND place.is_alone AND NOT place.contains_months
  AND cell.owner NOT IN (SELECT team FROM {quota_team})
ORDER BY cell.owner, place.first_day

--! problem if quotas: quota column without a year, error: no name tells the fiscal year, so these quotas are left out; give the option fiscal_year
SELECT count(*) AS rows, NULL AS amount, min(name) AS example FROM {quota_column} WHERE first_day IS NULL AND NOT is_result

--! problem if quotas: quota column that is none, info: its name speaks of what was won, forecast or left, so it is no quota
SELECT count(*) AS rows, NULL AS amount, min(name) AS example FROM {quota_column} WHERE is_result

--! problem if quotas: several quota columns of one period, error: nothing tells which is the quota, so they are left out; keep one, or call it Quota
SELECT count(*) AS rows, NULL AS amount, min(name) AS example FROM {quota_column} WHERE first_day IS NOT NULL AND NOT is_alone AND NOT is_result

--! problem if quotas: quota of a team that contains those of its sellers, info: the quotas of the sellers count instead
SELECT count(*) AS rows, NULL AS amount, min(trim(owner)) AS example FROM {quotas} WHERE trim(owner) IN (SELECT team FROM {quota_team})

--! problem if quotas: several rows of one seller, warning: their quotas are added; if the sheet was imported twice, import into an empty table
SELECT count(*) AS rows, NULL AS amount, min(owner) AS example
FROM (SELECT trim(owner) AS owner FROM {quotas} GROUP BY trim(owner), trim(team) HAVING count(*) > 1)

--! problem if quotas: quota column that contains others, info: the months of the quarter count instead
SELECT count(*) AS rows, NULL AS amount, min(name) AS example FROM {quota_column} WHERE contains_months

--! problem if quotas: quota cell without an amount, info: the seller has no quota for that period
SELECT count(*) AS rows, NULL AS amount, min(owner) AS example FROM {quota_cell} WHERE amount IS NULL AND name IN (SELECT name FROM {quota_column} WHERE is_alone)

--! problem if quotas: year of the quotas, info: the periods of the sheet were read as these days; the option fiscal_year says otherwise
SELECT count(*) AS rows, NULL AS amount, min(first_day) || ' to ' || max(last_day) AS example FROM {quota_column} WHERE is_alone

--! report if quotas: quota_periods
SELECT min(first_day) || ' to ' || max(last_day) FROM {quota_column} WHERE is_alone AND NOT contains_months
