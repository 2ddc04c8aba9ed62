-- Included by doors of files with a row a deal: what is wrong with them all alike. It needs `named_deals` in a view `deal` that has an
-- `outcome`.

--! refuse if shared_name: the table holds many rows of one name, owner and creation date that differ, as after a second import into it, and nothing tells which are newer; import into an empty table
SELECT min(title)
FROM (SELECT min(title) AS title FROM {deal} WHERE id IS NULL GROUP BY title, seller, created HAVING count(*) > 1)
GROUP BY NULL
HAVING count(*) > 5 AND count(*) > (SELECT count(*) FROM {deals}) / 20

--! problem if deals.close_date: open deal without a close date, info: it is in no period, so nobody claims it for a quota
SELECT count(*) AS rows, total(amount) AS amount, min(deal_id) AS example FROM {deal} WHERE outcome = 'open' AND close_date IS NULL

--! problem deal without an owner, info: it counts in no seller's figures
SELECT count(*) AS rows, total(amount) AS amount, min(deal_id) AS example FROM {deal} WHERE seller IS NULL

--! problem owner in the first row of each group alone, warning: most deals have no owner and no owner has two, as in a report that is grouped by owner; export its details only, else sellers lack these deals
SELECT CASE WHEN count(seller) > 0 AND count(seller) = count(DISTINCT seller) THEN count(*) - count(seller) ELSE 0 END AS rows, NULL AS amount, min(seller) AS example
FROM {deal}
GROUP BY NULL
HAVING count(*) > 2 * count(seller)

--! problem stage in the first row of each group alone, warning: most deals have no stage and no stage has two, as in a report that is grouped by stage; export its details only
SELECT CASE WHEN count(stage) > 0 AND count(stage) = count(DISTINCT stage) THEN count(*) - count(stage) ELSE 0 END AS rows, NULL AS amount, min(stage) AS example
FROM {deal}
GROUP BY NULL
HAVING count(*) > 2 * count(stage)

--! report duplicate_names
--! if shared_name
SELECT count(*) FROM {deal} WHERE id IS NULL AND sharing > 1
--! else
SELECT 0
--! end
--! report outcomes, currencies
SELECT {counts of outcome}, {list currency} FROM {pipeline_deal}
