CREATE TEMP VIEW pipeline_deal AS SELECT * FROM deal_stalled('2022-04-30');
SELECT count(*) FROM deal_stalled('2022-04-30');
