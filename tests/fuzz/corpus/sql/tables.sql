SELECT * FROM deal_stalled('2022-04-30');
SELECT * FROM pipeline_integrity('2022-04-30', 'owner');
SELECT * FROM real_coverage('2022-02-15', 'team');
SELECT * FROM pipeline_check;
SELECT * FROM pipeline_check('2022-04-30');
SELECT * FROM pipeline_settings;
