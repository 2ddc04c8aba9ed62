SELECT deal_id FROM deal_stalled WHERE as_of = '2022-04-30' AND (deal_id = 1 OR deal_id = '2');
SELECT name FROM pipeline_integrity WHERE as_of IN ('2022-01-31', '2022-02-28') AND scope = 'stage' ORDER BY name DESC LIMIT 1;
SELECT d.* FROM deal_stalled('2022-04-30') d LEFT JOIN real_coverage('2022-02-15', 'owner') c ON c.name = d.owner;
