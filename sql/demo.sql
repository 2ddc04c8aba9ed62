-- A company to try pipeline_health on, in Salesforce's layout: 40 sellers in 6 teams, 6,000 opportunities from
-- September 2019 to December 2022, with their history, activities, owners and quotas. All people and firms are invented.
--
--     sqlite3 demo.db < sql/demo.sql
--
-- The same every time: chance comes from a Lehmer generator (x * 48271 modulo 2^31 - 1), never from random().
--
-- The story that is in it:
--   Enterprise East    claims many times its quota and misses it: one meeting, nobody came back, and the deal stays
--                      open with a close date on the last day of the quarter, pushed from quarter to quarter
--   Enterprise West    claims far less and makes it: second meetings, and lost deals are closed
--   Mid-Market North   the ordinary case
--   Mid-Market South   many first meetings, few second ones: the conversation is the problem
--   Public Sector      good conversations, too few new deals: opening is the problem
--   Small Business     many small deals, short cycles
--
-- Days are numbers below, day 0 is Monday 2019-09-02; the export was made on day 1216, 2022-12-31.

BEGIN;

---------------------------------------------------------------------------------------------------------------------
-- 1. The company
---------------------------------------------------------------------------------------------------------------------

-- What makes a team: its deals, their size, and how its conversations go.
CREATE TEMP TABLE team (
  team INTEGER PRIMARY KEY,
  name TEXT,
  first_seller INTEGER, last_seller INTEGER,
  first_deal INTEGER, last_deal INTEGER,
  usual_amount INTEGER,
  opening_trend REAL,        -- above 1: opens fewer deals from year to year; below: more
  first_meeting REAL,        -- share of deals with a first meeting
  second_meeting REAL,       -- share of those with a second one
  winning REAL,              -- share won of the deals with three meetings; fewer with two, more with four
  gap_days INTEGER,          -- from one meeting to the next, at most
  lingering REAL,            -- share of the deals that came to nothing and are left open
  parking REAL,              -- share of close dates put on the last day of a quarter
  optimism REAL,             -- share of deals opened in a late stage
  quota INTEGER              -- of a seller, a quarter
);
INSERT INTO team VALUES
  (1, 'Enterprise East',   1,  7,    1, 1250, 60000, 0.92, 0.88, 0.33, 0.42, 19, 0.70, 0.75, 0.60, 225000),
  (2, 'Enterprise West',   8, 14, 1251, 2000, 64000, 0.96, 0.95, 0.68, 0.46, 17, 0.04, 0.12, 0.05, 138000),
  (3, 'Mid-Market North', 15, 21, 2001, 3100, 33000, 0.92, 0.91, 0.52, 0.43, 16, 0.14, 0.25, 0.12,  98000),
  (4, 'Mid-Market South', 22, 28, 3101, 4300, 33000, 0.92, 0.96, 0.30, 0.42, 16, 0.17, 0.30, 0.15,  95000),
  (5, 'Public Sector',    29, 34, 4301, 4750, 56000, 1.35, 0.95, 0.70, 0.46, 16, 0.06, 0.15, 0.05, 145000),
  (6, 'Small Business',   35, 40, 4751, 6000, 12000, 0.92, 0.90, 0.53, 0.44,  9, 0.14, 0.20, 0.10,  50000);

CREATE TEMP TABLE stage (rank INTEGER PRIMARY KEY, name TEXT, probability INTEGER, is_closed TEXT, is_won TEXT, category TEXT);
INSERT INTO stage VALUES
  (1, 'Prospecting',     5, 'false', 'false', 'Pipeline'),
  (2, 'Qualification',  15, 'false', 'false', 'Pipeline'),
  (3, 'Needs Analysis', 30, 'false', 'false', 'Pipeline'),
  (4, 'Proposal',       55, 'false', 'false', 'BestCase'),
  (5, 'Negotiation',    80, 'false', 'false', 'Forecast'),
  (6, 'Closed Won',    100, 'true',  'true',  'Closed'),
  (7, 'Closed Lost',     0, 'true',  'false', 'Omitted');

CREATE TEMP TABLE person (person INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT);
INSERT INTO person (first_name, last_name) VALUES
  ('Adam', 'Whitlock'), ('Beatrice', 'Lang'), ('Carlos', 'Mendieta'), ('Dana', 'Okafor'), ('Edward', 'Prince'),
  ('Fiona', 'Marsh'), ('Gareth', 'Sloan'), ('Hannah', 'Berg'), ('Ivan', 'Petrov'), ('Julia', 'Castell'),
  ('Kenneth', 'Osei'), ('Laura', 'Finch'), ('Martin', 'Haas'), ('Nadia', 'Rahman'), ('Oliver', 'Stone'),
  ('Priya', 'Nair'), ('Quentin', 'Dubois'), ('Rachel', 'Moss'), ('Samuel', 'Boateng'), ('Tara', 'Lindqvist'),
  ('Umar', 'Siddiqui'), ('Vera', 'Novak'), ('Walter', 'Kemp'), ('Xenia', 'Markou'), ('Yusuf', 'Demir'),
  ('Zoe', 'Hartley'), ('Arthur', 'Penrose'), ('Bianca', 'Rossi'), ('Colin', 'Thorne'), ('Denise', 'Alvarez'),
  ('Emil', 'Sorensen'), ('Frances', 'Whitaker'), ('George', 'Adeyemi'), ('Helen', 'Zhou'), ('Isaac', 'Feldman'),
  ('Joanna', 'Kowalska'), ('Kyle', 'Brandt'), ('Lucia', 'Ferreira'), ('Miles', 'Everett'), ('Nora', 'Sullivan');

CREATE TEMP TABLE firm_name (number INTEGER PRIMARY KEY, name TEXT);
INSERT INTO firm_name (name) VALUES
  ('Alderbrook'), ('Amberley'), ('Ashgrove'), ('Beaconhill'), ('Birchmere'), ('Brackwater'), ('Brightwell'), ('Calderon'),
  ('Castlegate'), ('Cedarline'), ('Clearford'), ('Coppergate'), ('Cranfold'), ('Dunmore'), ('Eastholm'), ('Elmhurst'),
  ('Fairhaven'), ('Fernley'), ('Foxbridge'), ('Glenrock'), ('Granville'), ('Greystone'), ('Halcyon'), ('Hartfield'),
  ('Hazelton'), ('Highmoor'), ('Ironwood'), ('Juniper'), ('Kestrel'), ('Kingsford'), ('Lakemont'), ('Larchfield'),
  ('Lindenau'), ('Lowell'), ('Maplewood'), ('Meridale'), ('Millbrook'), ('Northgate'), ('Oakridge'), ('Orchard'),
  ('Pinecrest'), ('Quarry Lane'), ('Ravensworth'), ('Redcliff'), ('Ridgeway'), ('Rosewood'), ('Sandhurst'), ('Seabright'),
  ('Silverton'), ('Stonebridge'), ('Summerfield'), ('Tamarack'), ('Thornbury'), ('Underhill'), ('Valemont'), ('Westbrook'),
  ('Whitcombe'), ('Willowbank'), ('Windham'), ('Yarrow');

CREATE TEMP TABLE firm_trade (number INTEGER PRIMARY KEY, name TEXT, industry TEXT);
INSERT INTO firm_trade (name, industry) VALUES
  ('Foods', 'Food & Beverage'), ('Logistics', 'Transportation'), ('Instruments', 'Manufacturing'), ('Insurance', 'Insurance'),
  ('Clinics', 'Healthcare'), ('Energy', 'Energy'), ('Textiles', 'Manufacturing'), ('Retail', 'Retail'),
  ('Packaging', 'Manufacturing'), ('Bank', 'Banking'), ('Machinery', 'Manufacturing'), ('Hotels', 'Hospitality'),
  ('Chemicals', 'Chemicals'), ('Freight', 'Transportation'), ('Pharma', 'Biotechnology'), ('Timber', 'Construction'),
  ('Media', 'Media'), ('Airways', 'Transportation'), ('Software', 'Technology'), ('Materials', 'Construction'),
  ('Dairies', 'Food & Beverage'), ('Motors', 'Manufacturing'), ('Telecom', 'Communications'), ('Estates', 'Construction');

CREATE TEMP TABLE office (number INTEGER PRIMARY KEY, name TEXT);
INSERT INTO office (name) VALUES
  ('City of'), ('County of'), ('University of'), ('Port of'), ('Water Board of'), ('Schools of'), ('Transit of'), ('Hospitals of');

CREATE TEMP TABLE product (number INTEGER PRIMARY KEY, name TEXT);
INSERT INTO product (name) VALUES
  ('Planning'), ('Platform'), ('Rollout'), ('Pilot'), ('Analytics'), ('Service'), ('Extension'), ('Migration');

---------------------------------------------------------------------------------------------------------------------
-- 2. Chance and the calendar
---------------------------------------------------------------------------------------------------------------------

-- 80 draws a deal, each in [0, 1). The deals 6001 to 6012 are entries made by mistake, deleted later.
CREATE TEMP TABLE dice (deal INTEGER, draw INTEGER, u REAL, PRIMARY KEY (deal, draw)) WITHOUT ROWID;
WITH RECURSIVE lehmer (i, x) AS (
  SELECT 0, 268
  UNION ALL
  SELECT i + 1, x * 48271 % 2147483647 FROM lehmer WHERE i < 80 * 6012 - 1
)
INSERT INTO dice SELECT 1 + i / 80, i % 80, x / 2147483647.0 FROM lehmer;

CREATE TEMP TABLE calendar (day INTEGER PRIMARY KEY, iso TEXT, month INTEGER, workday INTEGER, month_end INTEGER, quarter_end INTEGER);
WITH RECURSIVE series (day) AS (SELECT -30 UNION ALL SELECT day + 1 FROM series WHERE day < 2000),
dated AS (SELECT day, date('2019-09-02', day || ' days') AS iso FROM series)
INSERT INTO calendar
SELECT
  day,
  iso,
  CAST(substr(iso, 6, 2) AS INTEGER),
  day + CASE (day + 35) % 7 WHEN 5 THEN 2 WHEN 6 THEN 1 ELSE 0 END,
  CAST(julianday(iso, 'start of month', '1 month', '-1 day') - julianday('2019-09-02') AS INTEGER),
  CAST(julianday(iso, 'start of month', (3 - (CAST(substr(iso, 6, 2) AS INTEGER) - 1) % 3) || ' months', '-1 day')
    - julianday('2019-09-02') AS INTEGER)
FROM dated;

---------------------------------------------------------------------------------------------------------------------
-- 3. The life of every deal
---------------------------------------------------------------------------------------------------------------------

-- Who opened it, when, and for how much. Fewer deals are opened in July, August and December.
CREATE TEMP TABLE opening AS
WITH roll AS (
  SELECT
    deal,
    max(u) FILTER (WHERE draw = 0) AS day_roll,
    max(u) FILTER (WHERE draw = 1) AS season_roll,
    max(u) FILTER (WHERE draw = 2) AS seller_roll,
    max(u) FILTER (WHERE draw = 3) AS amount_roll,
    max(u) FILTER (WHERE draw = 4) AS firm_roll,
    max(u) FILTER (WHERE draw = 5) AS trade_roll,
    max(u) FILTER (WHERE draw = 6) AS product_roll,
    max(u) FILTER (WHERE draw = 7) AS no_amount_roll
  FROM dice
  WHERE draw < 8
  GROUP BY deal
),
dated AS (
  SELECT
    roll.*,
    team.*,
    CAST(1206 * day_roll * (2 - opening_trend - (1 - opening_trend) * day_roll) AS INTEGER) AS plain_day
  FROM roll
  JOIN team ON (CASE WHEN deal > 6000 THEN deal * 7 % 6000 ELSE deal END) BETWEEN first_deal AND last_deal
),
seasonal AS (
  SELECT
    dated.*,
    CASE
      WHEN calendar.month IN (7, 8, 12) AND season_roll < 0.35 THEN
        CASE WHEN plain_day > 1150 THEN plain_day - 45 ELSE plain_day + 45 END
      ELSE plain_day
    END AS day
  FROM dated
  JOIN calendar ON calendar.day = plain_day
)
SELECT
  printf('0065e00000%05dAAA', row_number() OVER (ORDER BY deal > 6000, calendar.workday, seasonal.deal)) AS id,
  seasonal.deal,
  seasonal.team,
  first_seller + CAST(seller_roll * (last_seller - first_seller + 1) AS INTEGER) AS seller,
  calendar.workday AS created,
  -- Most deals are smaller than usual, a few many times as large.
  CASE WHEN no_amount_roll >= 0.01 THEN
    CAST(usual_amount * (0.4 + 0.45 * amount_roll / (1.15 - amount_roll)) / 500 AS INTEGER) * 500
  END AS amount,
  amount_roll,
  1 + CAST(firm_roll * 60 AS INTEGER) AS firm,
  1 + CAST(trade_roll * CASE seasonal.team WHEN 5 THEN 8 ELSE 24 END AS INTEGER) AS trade,
  1 + CAST(product_roll * 8 AS INTEGER) AS product
FROM seasonal
JOIN calendar ON calendar.day = seasonal.day;
CREATE UNIQUE INDEX temp.opening_deal ON opening (deal);

-- How many meetings it gets. Some sellers are better at second meetings than others in the same team.
CREATE TEMP TABLE conversation AS
WITH roll AS (
  SELECT
    deal,
    max(u) FILTER (WHERE draw = 10) AS first_roll,
    max(u) FILTER (WHERE draw = 11) AS second_roll,
    max(u) FILTER (WHERE draw = 12) AS more_roll,
    max(u) FILTER (WHERE draw = 13) AS win_roll,
    max(u) FILTER (WHERE draw = 14) AS linger_roll,
    max(u) FILTER (WHERE draw = 15) AS end_roll,
    max(u) FILTER (WHERE draw = 16) AS start_roll,
    max(u) FILTER (WHERE draw = 17) AS start_days_roll
  FROM dice
  WHERE draw BETWEEN 10 AND 17
  GROUP BY deal
),
counted AS (
  SELECT
    roll.*,
    opening.team,
    opening.created,
    opening.amount_roll,
    CASE
      WHEN first_roll >= first_meeting THEN 0
      WHEN second_roll >= second_meeting + (seller * 5 % 7 - 3) * 0.03 THEN 1
      ELSE 2 + (more_roll < 0.75) + (more_roll < 0.55) + (more_roll < 0.38) + (more_roll < 0.25) + (more_roll < 0.15)
    END AS meetings,
    winning,
    lingering
  FROM roll
  JOIN opening USING (deal)
  JOIN team USING (team)
)
SELECT
  deal,
  team,
  created,
  meetings,
  -- A few deals are written down after the first meeting.
  CASE WHEN start_roll < 0.06 THEN -1 - CAST(start_days_roll * 5 AS INTEGER) ELSE CAST(start_days_roll * 10 AS INTEGER) END
    AS days_to_first,
  win_roll < (1.1 - 0.2 * amount_roll)
    * CASE meetings WHEN 0 THEN 0.02 WHEN 1 THEN 0.05 WHEN 2 THEN 0.7 * winning WHEN 3 THEN winning ELSE 1.35 * winning END
    AS is_won,
  linger_roll < lingering AS lingers,
  end_roll
FROM counted;
CREATE UNIQUE INDEX temp.conversation_deal ON conversation (deal);

-- The meetings. The next one is mostly agreed on at the end of the last one: then it is in the calendar ahead.
CREATE TEMP TABLE meeting AS
WITH RECURSIVE held (deal, meeting, day, recorded) AS (
  SELECT
    deal,
    1,
    calendar.workday,
    calendar.workday - CASE WHEN dice.u < 0.75 THEN 2 + CAST(dice.u * 8 AS INTEGER) ELSE 0 END
  FROM conversation
  JOIN calendar ON calendar.day = created + days_to_first
  JOIN dice USING (deal)
  WHERE meetings >= 1 AND dice.draw = 20
  UNION ALL
  SELECT
    held.deal,
    held.meeting + 1,
    calendar.workday,
    CASE WHEN way.u < 0.60 THEN held.day WHEN way.u < 0.80 THEN calendar.workday - 2 ELSE calendar.workday END
  FROM held
  JOIN conversation USING (deal)
  JOIN team USING (team)
  JOIN dice AS pause ON pause.deal = held.deal AND pause.draw = 20 + 2 * held.meeting
  JOIN dice AS way ON way.deal = held.deal AND way.draw = 21 + 2 * held.meeting
  -- One pause in ten is a long one: the deal stalls and comes back. Now and then one rises from the dead.
  JOIN calendar ON calendar.day = held.day + 4 + CAST(gap_days * pause.u AS INTEGER)
    + CASE WHEN pause.u > 0.99 THEN 90 WHEN pause.u > 0.90 THEN 25 ELSE 0 END
  WHERE held.meeting < conversation.meetings
)
SELECT deal, meeting, day, recorded FROM held;
CREATE UNIQUE INDEX temp.meeting_deal ON meeting (deal, meeting);

-- How it ends. A win follows the last meeting, and what would be signed in the first days of a quarter is signed in the
-- last days of the one before. A deal that came to nothing is closed as lost soon after, or it lingers.
CREATE TEMP TABLE ending AS
WITH last_act AS (
  SELECT deal, max(conversation.created, coalesce(max(meeting.day), conversation.created)) AS last_act
  FROM conversation
  LEFT JOIN meeting USING (deal)
  GROUP BY deal
),
due AS (
  SELECT
    deal,
    last_act,
    is_won,
    CASE
      WHEN is_won THEN last_act + 7 + CAST(end_roll * 22 AS INTEGER)
      WHEN lingers THEN last_act + 110 + CAST(end_roll * 380 AS INTEGER)
      ELSE last_act + 10 + CAST(end_roll * 30 AS INTEGER)
    END AS day
  FROM conversation
  JOIN last_act USING (deal)
),
signed AS (
  SELECT
    deal,
    last_act,
    is_won,
    CASE
      WHEN is_won AND week_before.quarter_end < due.day THEN max(last_act + 1, week_before.quarter_end - due.day % 3)
      ELSE due.day
    END AS day
  FROM due
  JOIN calendar AS week_before ON week_before.day = due.day - 8
)
SELECT
  deal,
  last_act,
  calendar.workday AS closed,
  CASE WHEN is_won THEN 6 ELSE 7 END AS closed_rank
FROM signed
JOIN calendar ON calendar.day = signed.day;
CREATE UNIQUE INDEX temp.ending_deal ON ending (deal);

-- Who takes deals over: one in twenty-five goes to a colleague of the same team.
CREATE TEMP TABLE handover AS
SELECT
  deal,
  calendar.workday AS day,
  opening.seller AS old_seller,
  CASE WHEN opening.seller = last_seller THEN first_seller ELSE opening.seller + 1 END AS new_seller
FROM opening
JOIN team USING (team)
JOIN ending USING (deal)
JOIN dice AS chance USING (deal)
JOIN dice AS days USING (deal)
JOIN calendar ON calendar.day = opening.created + 20 + CAST(days.u * 60 AS INTEGER)
WHERE chance.draw = 18 AND chance.u < 0.04 AND days.draw = 19 AND calendar.workday < closed AND calendar.workday <= 1216;
CREATE UNIQUE INDEX temp.handover_deal ON handover (deal);

-- Every change to a deal: NULL is what stays as it was. The second of the day keeps changes of one day apart.
CREATE TEMP TABLE change (deal INTEGER, day INTEGER, second INTEGER, rank INTEGER, amount INTEGER, close_day INTEGER);

-- The creation, with a close date. Whoever parks a deal takes the last day of a quarter.
INSERT INTO change
SELECT
  deal,
  created,
  8 * 3600 + CAST(hour.u * 9 * 3600 AS INTEGER),
  CASE WHEN hope.u < optimism THEN 3 + (hope.u < optimism / 3) ELSE 1 END,
  amount,
  CASE WHEN park.u < parking THEN calendar.quarter_end ELSE calendar.workday END
FROM opening
JOIN team USING (team)
JOIN dice AS hour USING (deal)
JOIN dice AS hope USING (deal)
JOIN dice AS park USING (deal)
JOIN dice AS days USING (deal)
JOIN calendar ON calendar.day = created + 40 + CAST(days.u * 45 AS INTEGER)
WHERE hour.draw = 40 AND hope.draw = 41 AND park.draw = 42 AND days.draw = 43;
CREATE INDEX temp.change_deal ON change (deal);

-- A meeting mostly takes the deal a stage further, and sometimes changes the amount.
INSERT INTO change
SELECT
  meeting.deal,
  meeting.day + CAST(step.u * 2 AS INTEGER),
  17 * 3600 + CAST(step.u * 5000 AS INTEGER),
  CASE WHEN step.u < 0.88 AND meeting.meeting + 1 > first.rank THEN min(meeting.meeting + 1, 5) END,
  CASE WHEN meeting.meeting > 1 AND size.u < 0.2 THEN CAST(opening.amount * (0.75 + size.u * 3) / 500 AS INTEGER) * 500 END,
  NULL
FROM meeting
JOIN opening USING (deal)
JOIN ending USING (deal)
JOIN change AS first USING (deal)
JOIN dice AS step ON step.deal = meeting.deal AND step.draw = 43 + meeting.meeting
JOIN dice AS size ON size.deal = meeting.deal AND size.draw = 51 + meeting.meeting
WHERE meeting.day >= created AND meeting.day + CAST(step.u * 2 AS INTEGER) < closed;

-- Second thoughts: now and then a proposal comes too early and the deal goes back a stage.
INSERT INTO change
SELECT meeting.deal, calendar.workday, 10 * 3600 + meeting.deal % 3600, 3, NULL, NULL
FROM meeting
JOIN ending USING (deal)
JOIN dice AS thought USING (deal)
JOIN dice AS step ON step.deal = meeting.deal AND step.draw = 43 + meeting.meeting
JOIN calendar ON calendar.day = meeting.day + 3
WHERE meeting.meeting = 3 AND thought.draw = 52 AND thought.u < 0.1 AND step.u < 0.88 AND calendar.workday < closed;

-- The close date comes near and the deal is not done: the date is moved, by whoever parks to the end of the next
-- quarter. Some sellers never do it.
INSERT INTO change
WITH RECURSIVE push (deal, push, day, close_day) AS (
  SELECT deal, 0, day, close_day FROM change WHERE close_day IS NOT NULL
  UNION ALL
  SELECT
    push.deal,
    push.push + 1,
    today.workday,
    CASE WHEN park.u < parking THEN later.quarter_end ELSE later.workday END
  FROM push
  JOIN opening USING (deal)
  JOIN team USING (team)
  JOIN ending USING (deal)
  JOIN dice AS park ON park.deal = push.deal AND park.draw = 42
  JOIN dice AS habit ON habit.deal = push.deal AND habit.draw = 60
  JOIN dice AS haste ON haste.deal = push.deal AND haste.draw = 61 + push.push
  JOIN calendar AS today ON today.day = max(push.day + 1, push.close_day - 10 + CAST(haste.u * 14 AS INTEGER))
  JOIN calendar AS later ON later.day = max(today.workday, push.close_day) + 20 + CAST(haste.u * 30 AS INTEGER)
  WHERE habit.u >= 0.12 AND push.push < 10 AND today.workday < closed AND today.workday <= 1216
)
SELECT deal, day, 11 * 3600 + deal % 3600, NULL, NULL, close_day
FROM push
WHERE push > 0;

-- Wishful thinking: where deals are opened late in the pipeline, some are moved on though nobody came back.
INSERT INTO change
SELECT deal, calendar.workday, 15 * 3600 + deal % 3600, 5, NULL, NULL
FROM ending
JOIN opening USING (deal)
JOIN team USING (team)
JOIN dice AS wish USING (deal)
JOIN calendar ON calendar.day = last_act + 20 + CAST(wish.u * 30 AS INTEGER)
WHERE wish.draw = 72 AND wish.u < optimism / 4 AND closed_rank = 7 AND calendar.workday < closed AND calendar.workday <= 1216;

-- The end. Salesforce moves the close date of a deal that is won early to that day, and leaves it when a deal is lost.
INSERT INTO change
SELECT
  ending.deal,
  closed,
  18 * 3600 + ending.deal % 3600,
  closed_rank,
  CASE WHEN closed_rank = 6 AND discount.u < 0.4 THEN CAST(last_amount.amount * (1 - discount.u / 4) / 500 AS INTEGER) * 500 END,
  CASE WHEN closed_rank = 6 AND closed < last_date.close_day THEN closed END
FROM ending
JOIN dice AS discount USING (deal)
JOIN (SELECT deal, close_day, max(day) FROM change WHERE close_day IS NOT NULL GROUP BY deal) AS last_date USING (deal)
LEFT JOIN (SELECT deal, amount, max(day) FROM change WHERE amount IS NOT NULL GROUP BY deal) AS last_amount USING (deal)
WHERE discount.draw = 73 AND closed <= 1216;

-- What happened after the export is not in it.
DELETE FROM change
WHERE day > 1216 OR (rank IS NULL AND amount IS NULL AND close_day IS NULL) OR deal IN (SELECT deal FROM opening WHERE created > 1216);

-- Each change with all values then current: a value holds until the next one that is not NULL.
CREATE TEMP TABLE version AS
WITH numbered AS (
  SELECT
    *,
    count(rank) OVER so_far AS rank_number,
    count(amount) OVER so_far AS amount_number,
    count(close_day) OVER so_far AS close_day_number
  FROM change
  WINDOW so_far AS (PARTITION BY deal ORDER BY day, second ROWS UNBOUNDED PRECEDING)
)
SELECT
  deal,
  day,
  second,
  row_number() OVER (PARTITION BY deal ORDER BY day DESC, second DESC) AS from_last,
  row_number() OVER (PARTITION BY deal ORDER BY day, second) AS from_first,
  max(rank) OVER (PARTITION BY deal, rank_number) AS rank,
  max(amount) OVER (PARTITION BY deal, amount_number) AS amount,
  max(close_day) OVER (PARTITION BY deal, close_day_number) AS close_day,
  max(CASE WHEN rank IS NOT NULL THEN day * 86400 + second END) OVER (PARTITION BY deal, rank_number) AS stage_second
FROM numbered;
CREATE INDEX temp.version_deal ON version (deal, from_last);

-- Calls, emails and other work. While the client takes part there is something every week or two, and emails are
-- answered. Afterwards the seller tries a few more times, and hears nothing.
CREATE TEMP TABLE touch AS
WITH RECURSIVE trying (deal, touch, day, silent, u) AS (
  SELECT deal, 1, created + CAST(dice.u * 4 AS INTEGER), 0, dice.u
  FROM opening
  JOIN dice USING (deal)
  WHERE dice.draw = 75
  UNION ALL
  SELECT
    trying.deal,
    trying.touch + 1,
    trying.day + CASE WHEN trying.day <= last_act + 7 THEN 4 + CAST(dice.u * 10 AS INTEGER) ELSE 14 + CAST(dice.u * 28 AS INTEGER) END,
    trying.silent + (trying.day > last_act + 7),
    dice.u
  FROM trying
  JOIN ending USING (deal)
  JOIN dice AS patience ON patience.deal = trying.deal AND patience.draw = 76
  -- Other deals' draws serve again here: a deal has no end of touches, but only 80 draws.
  JOIN dice ON dice.deal = 1 + (trying.deal * 37 + trying.touch * 101) % 6012 AND dice.draw = 78
  WHERE trying.silent <= 1 + patience.u * 4 AND trying.day < closed AND trying.day <= 1216
)
SELECT
  trying.deal,
  trying.touch,
  calendar.workday AS day,
  trying.day <= last_act + 7 AS is_answered,
  CASE WHEN trying.u < 0.30 THEN 'Call' WHEN trying.u < 0.84 THEN 'Email' ELSE 'Other' END AS type,
  answer.u AS answer_roll
FROM trying
JOIN ending USING (deal)
JOIN calendar ON calendar.day = trying.day
JOIN dice AS answer ON answer.deal = 1 + (trying.deal * 53 + trying.touch * 211) % 6012 AND answer.draw = 79
WHERE calendar.workday < closed AND calendar.workday <= 1216;

---------------------------------------------------------------------------------------------------------------------
-- 4. Salesforce's tables
---------------------------------------------------------------------------------------------------------------------

DROP TABLE IF EXISTS UserRole;
CREATE TABLE UserRole (Id TEXT PRIMARY KEY, Name TEXT);
INSERT INTO UserRole SELECT printf('00E5e000000%04dEAA', team), name FROM team;

DROP TABLE IF EXISTS User;
CREATE TABLE User (
  Id TEXT PRIMARY KEY, FirstName TEXT, LastName TEXT, Name TEXT, Email TEXT, Department TEXT, UserRoleId TEXT, IsActive TEXT
);
INSERT INTO User
SELECT
  printf('0055e000000%04dAAA', person),
  first_name,
  last_name,
  first_name || ' ' || last_name,
  lower(first_name || '.' || last_name) || '@example.com',
  'Sales',
  printf('00E5e000000%04dEAA', team),
  'true'
FROM person
JOIN team ON person BETWEEN first_seller AND last_seller;

DROP TABLE IF EXISTS Account;
CREATE TABLE Account (Id TEXT PRIMARY KEY, IsDeleted TEXT, Name TEXT, Industry TEXT);
INSERT INTO Account
SELECT printf('0015e00000%05dAAA', firm_name.number * 100 + firm_trade.number), 'false', firm_name.name || ' ' || firm_trade.name, industry
FROM firm_name CROSS JOIN firm_trade
UNION ALL
SELECT printf('0015e00000%05dAAA', firm_name.number * 100 + 50 + office.number), 'false', office.name || ' ' || firm_name.name, 'Government'
FROM firm_name CROSS JOIN office;

DROP TABLE IF EXISTS RecordType;
CREATE TABLE RecordType (Id TEXT PRIMARY KEY, Name TEXT, SobjectType TEXT);
INSERT INTO RecordType VALUES
  ('0125e0000000001AAA', 'New Business', 'Opportunity'),
  ('0125e0000000002AAA', 'Expansion', 'Opportunity');

DROP TABLE IF EXISTS OpportunityStage;
CREATE TABLE OpportunityStage (
  Id TEXT PRIMARY KEY, MasterLabel TEXT, ApiName TEXT, IsActive TEXT, SortOrder INTEGER, IsClosed TEXT, IsWon TEXT,
  ForecastCategory TEXT, DefaultProbability INTEGER
);
INSERT INTO OpportunityStage
SELECT printf('01J5e000000%04dEAA', rank), name, name, 'true', rank, is_closed, is_won, category, probability FROM stage;

DROP TABLE IF EXISTS Opportunity;
CREATE TABLE Opportunity (
  Id TEXT PRIMARY KEY, IsDeleted TEXT, AccountId TEXT, RecordTypeId TEXT, Name TEXT, StageName TEXT, Amount REAL,
  Probability INTEGER, CloseDate TEXT, IsClosed TEXT, IsWon TEXT, ForecastCategory TEXT, OwnerId TEXT, CreatedDate TEXT,
  LastStageChangeDate TEXT, LastActivityDate TEXT
);
INSERT INTO Opportunity
SELECT
  opening.id,
  CASE WHEN opening.deal > 6000 THEN 'true' ELSE 'false' END,
  Account.Id,
  CASE WHEN product.name IN ('Extension', 'Migration') THEN '0125e0000000002AAA' ELSE '0125e0000000001AAA' END,
  Account.Name || ', ' || product.name,
  stage.name,
  version.amount,
  probability,
  close_date.iso,
  is_closed,
  is_won,
  category,
  printf('0055e000000%04dAAA', coalesce(handover.new_seller, seller)),
  strftime('%Y-%m-%dT%H:%M:%S.000+0000', created_date.iso, first.second || ' seconds'),
  strftime('%Y-%m-%dT%H:%M:%S.000+0000', '2019-09-02', version.stage_second || ' seconds'),
  NULL
FROM opening
JOIN version ON version.deal = opening.deal AND version.from_last = 1
JOIN stage ON stage.rank = version.rank
JOIN product ON product.number = opening.product
JOIN Account ON Account.Id = printf('0015e00000%05dAAA', firm * 100 + trade + CASE opening.team WHEN 5 THEN 50 ELSE 0 END)
JOIN calendar AS close_date ON close_date.day = version.close_day
JOIN version AS first ON first.deal = opening.deal AND first.from_first = 1
JOIN calendar AS created_date ON created_date.day = opening.created
LEFT JOIN handover ON handover.deal = opening.deal
ORDER BY opening.id;

DROP TABLE IF EXISTS OpportunityHistory;
CREATE TABLE OpportunityHistory (
  Id TEXT PRIMARY KEY, OpportunityId TEXT, CreatedById TEXT, CreatedDate TEXT, StageName TEXT, Amount REAL, CloseDate TEXT,
  Probability INTEGER, ForecastCategory TEXT, IsDeleted TEXT
);
INSERT INTO OpportunityHistory
SELECT
  printf('0085e00%08dAAA', row_number() OVER (ORDER BY version.day, version.second, opening.id)),
  opening.id,
  printf('0055e000000%04dAAA', CASE WHEN handover.day <= version.day THEN handover.new_seller ELSE seller END),
  strftime('%Y-%m-%dT%H:%M:%S.000+0000', today.iso, version.second || ' seconds'),
  stage.name,
  version.amount,
  close_date.iso,
  probability,
  category,
  'false'
FROM version
JOIN opening ON opening.deal = version.deal
JOIN stage ON stage.rank = version.rank
JOIN calendar AS today ON today.day = version.day
JOIN calendar AS close_date ON close_date.day = version.close_day
LEFT JOIN handover ON handover.deal = version.deal
ORDER BY version.day, version.second, opening.id;

-- Salesforce notes a change of owner twice: with ids, and with names.
DROP TABLE IF EXISTS OpportunityFieldHistory;
CREATE TABLE OpportunityFieldHistory (
  Id TEXT PRIMARY KEY, OpportunityId TEXT, CreatedById TEXT, CreatedDate TEXT, Field TEXT, OldValue TEXT, NewValue TEXT
);
INSERT INTO OpportunityFieldHistory
SELECT
  printf('0175e00%08dAAA', row_number() OVER (ORDER BY calendar.day, opening.id, by_name)),
  opening.id,
  old_owner.Id,
  strftime('%Y-%m-%dT%H:%M:%S.000+0000', calendar.iso, (9 * 3600 + handover.deal % 3600) || ' seconds'),
  'Owner',
  CASE WHEN by_name THEN old_owner.Name ELSE old_owner.Id END,
  CASE WHEN by_name THEN new_owner.Name ELSE new_owner.Id END
FROM handover
CROSS JOIN (SELECT 0 AS by_name UNION ALL SELECT 1)
JOIN opening ON opening.deal = handover.deal
JOIN calendar ON calendar.day = handover.day
JOIN User AS old_owner ON old_owner.Id = printf('0055e000000%04dAAA', handover.old_seller)
JOIN User AS new_owner ON new_owner.Id = printf('0055e000000%04dAAA', handover.new_seller)
ORDER BY calendar.day, opening.id, by_name;

-- Meetings: those held, and those that are in the calendar by the day of the export.
DROP TABLE IF EXISTS Event;
CREATE TABLE Event (
  Id TEXT PRIMARY KEY, WhatId TEXT, OwnerId TEXT, Subject TEXT, Type TEXT, StartDateTime TEXT, EndDateTime TEXT,
  ActivityDate TEXT, IsChild TEXT, IsDeleted TEXT, CreatedDate TEXT
);
INSERT INTO Event
SELECT
  printf('00U5e00%08dEAA', row_number() OVER (ORDER BY held.day, opening.id, meeting, is_child)),
  opening.id,
  printf('0055e000000%04dAAA', CASE WHEN handover.day <= held.day THEN handover.new_seller ELSE seller END),
  CASE meeting WHEN 1 THEN 'First meeting' WHEN 2 THEN 'Second meeting' WHEN 3 THEN 'Workshop' ELSE 'Review' END,
  'Meeting',
  strftime('%Y-%m-%dT%H:%M:%S.000+0000', held.iso, ((18 + meeting.deal % 14) * 1800) || ' seconds'),
  strftime('%Y-%m-%dT%H:%M:%S.000+0000', held.iso, ((20 + meeting.deal % 14) * 1800) || ' seconds'),
  held.iso,
  CASE WHEN is_child THEN 'true' ELSE 'false' END,
  'false',
  strftime('%Y-%m-%dT%H:%M:%S.000+0000', written.iso, (16 * 3600 + meeting.deal * 7 % 3600) || ' seconds')
FROM meeting
JOIN opening ON opening.deal = meeting.deal
JOIN calendar AS held ON held.day = meeting.day
JOIN calendar AS written ON written.day = meeting.recorded
LEFT JOIN handover ON handover.deal = meeting.deal
-- Every seventh meeting has a colleague along, in whose calendar Salesforce keeps a copy.
JOIN (SELECT 0 AS is_child UNION ALL SELECT 1) ON is_child = 0 OR meeting.deal % 7 = 0
WHERE meeting.recorded <= 1216 AND opening.created <= 1216
ORDER BY held.day, opening.id, meeting, is_child;

DROP TABLE IF EXISTS Task;
CREATE TABLE Task (
  Id TEXT PRIMARY KEY, WhatId TEXT, OwnerId TEXT, Subject TEXT, Type TEXT, TaskSubtype TEXT, CallType TEXT, Status TEXT,
  IsClosed TEXT, ActivityDate TEXT, CompletedDateTime TEXT, IsDeleted TEXT, CreatedDate TEXT
);
INSERT INTO Task
WITH work (deal, day, second, subject, type, subtype, call_type, is_done) AS (
  SELECT
    deal,
    day,
    10 * 3600 + (deal * 13 + touch * 997) % 18000,
    CASE type WHEN 'Call' THEN 'Call' WHEN 'Email' THEN 'Email: next step' ELSE 'Prepare proposal' END,
    type,
    CASE type WHEN 'Other' THEN 'Task' ELSE type END,
    CASE WHEN type = 'Call' THEN 'Outbound' END,
    1
  FROM touch
  UNION ALL
  -- Answers: emails that came in, now and then a call.
  SELECT
    touch.deal,
    calendar.workday,
    15 * 3600 + (touch.deal * 17 + touch * 991) % 7200,
    CASE type WHEN 'Call' THEN 'Call back' ELSE 'Re: next step' END,
    CASE type WHEN 'Call' THEN 'Call' ELSE 'Incoming Email' END,
    type,
    CASE WHEN type = 'Call' THEN 'Inbound' END,
    1
  FROM touch
  JOIN ending ON ending.deal = touch.deal
  JOIN calendar ON calendar.day = touch.day + 1
  WHERE is_answered AND ((type = 'Email' AND answer_roll < 0.4) OR (type = 'Call' AND answer_roll < 0.1))
    AND calendar.workday < closed AND calendar.workday <= 1216
  UNION ALL
  -- What sellers of open deals still mean to do is no activity yet.
  SELECT opening.deal, 1217 + opening.deal % 30, 0, 'Follow up', 'Call', 'Task', NULL, 0
  FROM opening
  JOIN version ON version.deal = opening.deal AND version.from_last = 1
  WHERE version.rank < 6 AND opening.deal % 3 = 0
)
SELECT
  printf('00T5e00%08dEAA', row_number() OVER (ORDER BY work.day, work.second, opening.id, subject)),
  opening.id,
  printf('0055e000000%04dAAA', CASE WHEN handover.day <= work.day THEN handover.new_seller ELSE seller END),
  subject,
  type,
  subtype,
  call_type,
  CASE WHEN is_done THEN 'Completed' ELSE 'Not Started' END,
  CASE WHEN is_done THEN 'true' ELSE 'false' END,
  calendar.iso,
  CASE WHEN is_done THEN strftime('%Y-%m-%dT%H:%M:%S.000+0000', calendar.iso, work.second || ' seconds') END,
  'false',
  strftime('%Y-%m-%dT%H:%M:%S.000+0000', written.iso, (work.second - 1800 * is_done) || ' seconds')
FROM work
JOIN opening ON opening.deal = work.deal
JOIN calendar ON calendar.day = work.day
JOIN calendar AS written ON written.day = min(work.day, 1216)
LEFT JOIN handover ON handover.deal = work.deal
ORDER BY work.day, work.second, opening.id, subject;

-- Salesforce shows the latest activity, planned ones included: it lies in the future where a task is open.
UPDATE Opportunity
SET LastActivityDate = activity.day
FROM (SELECT WhatId, max(ActivityDate) AS day FROM (SELECT WhatId, ActivityDate FROM Task UNION ALL SELECT WhatId, ActivityDate FROM Event) GROUP BY WhatId) AS activity
WHERE activity.WhatId = Opportunity.Id;

-- Quotas: each seller's, each quarter of 2020 to 2022, four percent more from year to year. Team leads carry a second
-- one of another type, which is not theirs to sell and must not be added up.
DROP TABLE IF EXISTS ForecastingQuota;
CREATE TABLE ForecastingQuota (
  Id TEXT PRIMARY KEY, QuotaOwnerId TEXT, ForecastingTypeId TEXT, StartDate TEXT, IsAmount TEXT, QuotaAmount REAL
);
INSERT INTO ForecastingQuota
WITH RECURSIVE quarter (quarter, start) AS (
  SELECT 0, '2020-01-01'
  UNION ALL
  SELECT quarter + 1, date(start, '3 months') FROM quarter WHERE quarter < 11
),
target AS (
  SELECT
    person AS seller,
    start,
    '0Db5e0000000001CAA' AS type,
    CAST(quota * (100 + quarter / 4 * 4) * (94 + person * 3 % 13) / 10000.0 / 1000 AS INTEGER) * 1000 AS amount
  FROM person
  JOIN team ON person BETWEEN first_seller AND last_seller
  CROSS JOIN quarter
  UNION ALL
  SELECT first_seller, start, '0Db5e0000000002CAA', quota / 5 / 1000 * 1000
  FROM team
  CROSS JOIN quarter
)
SELECT
  printf('0J95e000000%04dCAA', row_number() OVER (ORDER BY start, type, seller)),
  printf('0055e000000%04dAAA', seller),
  type,
  start,
  'true',
  amount
FROM target
ORDER BY start, type, seller;

COMMIT;
