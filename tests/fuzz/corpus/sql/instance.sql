CREATE VIRTUAL TABLE temp.mine USING pipeline_integrity(deal=pipeline_deal, event=pipeline_event, schema=main);
SELECT * FROM temp.mine('2022-04-30');
DROP TABLE temp.mine;
CREATE VIRTUAL TABLE emea USING deal_stalled(deal=absent);
SELECT * FROM emea('2022-04-30');
