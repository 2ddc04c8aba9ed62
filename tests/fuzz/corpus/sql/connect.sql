CREATE TABLE Opportunity(Id, Name, StageName, Amount, CloseDate, CreatedDate, IsClosed, IsWon, OwnerId);
INSERT INTO Opportunity VALUES ('006A', 'x', 'Prospecting', 5, '2022-05-01', '2022-01-01T00:00:00.000Z', 'false', 0, '005A');
SELECT pipeline_connect('salesforce');
SELECT * FROM deal_stalled('2022-04-30');
SELECT pipeline_connect('salesforce', 'temp');
