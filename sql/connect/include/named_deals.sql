-- Included in the WITH of a door's view `deal`, for files that may have no ids. Before it stands a CTE `titled`: the columns of
-- `deals`, `title`, `seller`, and the columns of the include's word, each with a comma behind it; `created` is among them. It makes
-- `named`, which adds `deal_id`: the id, else the name and the owner, with a number where several rows share both (`sharing` of them).
numbered AS MATERIALIZED (
  SELECT
    {columns of deals}, {1} title, seller,
    count(*) OVER (PARTITION BY title, seller) AS sharing,
    row_number() OVER (PARTITION BY title, seller ORDER BY created, close_date, amount) AS number
  FROM titled
),
named AS (
  SELECT
    {columns of deals}, {1} title, seller, sharing,
    coalesce(id, title || coalesce(' / ' || seller, '') || CASE WHEN sharing > 1 THEN ' / ' || number ELSE '' END) AS deal_id
  FROM numbered
)
