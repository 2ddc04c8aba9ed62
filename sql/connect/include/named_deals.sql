-- Included by doors of files that may have no ids, behind their view `titled`: the columns of `deals`, `title`, `seller`, and the
-- columns of the include's word, each with a comma behind it; `created` is among them. It makes `named`, which adds `deal_id`: the id,
-- else the name and the owner, with a number where several rows share both (`sharing` of them). Most files have ids or no two such
-- rows, and then no row is counted.

--! once if missing deals.id: shared_name
SELECT title
FROM {titled}
GROUP BY title, seller
HAVING count(*) > 1 AND max(id IS NULL)
LIMIT 1

--! view named
--! if shared_name
WITH numbered AS MATERIALIZED (
  SELECT
    {columns of deals}, {1} title, seller,
    count(*) OVER (PARTITION BY title, seller) AS sharing,
    row_number() OVER (PARTITION BY title, seller ORDER BY created, close_date, amount) AS number
  FROM {titled}
)
SELECT
  {columns of deals}, {1} title, seller, sharing,
  coalesce(id, title || coalesce(' / ' || seller, '') || CASE WHEN sharing > 1 THEN ' / ' || number ELSE '' END) AS deal_id
FROM numbered
--! else
SELECT {columns of deals}, {1} title, seller, 1 AS sharing, coalesce(id, title || coalesce(' / ' || seller, '')) AS deal_id FROM {titled}
--! end
