CREATE TEMP TABLE pipeline_import(problem, severity, rows, amount, example, meaning);
INSERT INTO pipeline_import VALUES ('footer rows', 'info', 6, 1.5, x'00', 'they are left out');
SELECT * FROM pipeline_check('2022-04-30') WHERE severity = 'info';
CREATE TEMP VIEW pipeline_import AS SELECT problem, severity, rows, amount, example, meaning FROM pipeline_check;
SELECT * FROM pipeline_check;
