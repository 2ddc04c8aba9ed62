-- DuckDB: from the exported CSV files of :directory into native tables with the types that suit them; the events sorted
-- by kind and deal, so that a query that asks for a few kinds reads only their part of the table.
CREATE TYPE kind AS ENUM ('stage', 'amount', 'close_date', 'owner', 'meeting', 'commitment', 'reply', 'call', 'email',
  'note', 'task');
CREATE TABLE pipeline_deal AS
  SELECT deal_id, owner, team, stage, amount, created_at, close_date, closed_at, outcome
  FROM read_csv(':directory/pipeline_deal.csv', header = true, columns = {
    'deal_id': ':id_type', 'name': 'VARCHAR', 'owner': 'VARCHAR', 'team': 'VARCHAR', 'pipeline': 'VARCHAR',
    'stage': 'VARCHAR', 'amount': 'BIGINT', 'created_at': 'DATE', 'close_date': 'DATE', 'closed_at': 'DATE',
    'outcome': 'VARCHAR'});
CREATE TABLE pipeline_event AS
  SELECT * FROM read_csv(':directory/pipeline_event.csv', header = true, columns = {
    'deal_id': ':id_type', 'at': 'DATE', 'kind': 'kind', 'old_value': 'VARCHAR', 'new_value': 'VARCHAR'})
  ORDER BY kind, deal_id;
CREATE TABLE pipeline_stage AS
  SELECT * FROM read_csv(':directory/pipeline_stage.csv', header = true, columns = {
    'stage': 'VARCHAR', 'rank': 'INTEGER', 'max_idle_days': 'INTEGER'});
CHECKPOINT;
