SELECT c.day, i.integrity FROM pipeline_calendar('2021-01-01','2022-12-31','month') c, pipeline_integrity(c.day) i;
SELECT * FROM pipeline_flow('2021-12-31', '2022-03-31', 'owner');
SELECT * FROM stage_velocity('2022-04-30');
SELECT * FROM win_rate('2022-04-30', 30);
