SELECT open_amount FROM pipeline_integrity('2022-04-30');
BEGIN; UPDATE pipeline_deal SET amount = 9223372036854775807; SELECT * FROM pipeline_integrity('2022-04-30'); ROLLBACK;
SELECT open_amount FROM pipeline_integrity('2022-04-30');
INSERT INTO pipeline_policy VALUES ('on_bad_row', 'error'); INSERT INTO pipeline_deal(deal_id) VALUES (5);
SELECT open_amount FROM pipeline_integrity('2022-04-30');
