SELECT deal_stalled('2022-01-01', '2022-06-30'), deal_stalled(NULL, 2459761.5), deal_stalled('2022-01-01', 1656547200, 10);
SELECT pipeline_integrity(amount, deal_id < 3) OVER (ORDER BY deal_id ROWS 1 PRECEDING) FROM pipeline_deal;
SELECT owner, real_coverage(amount, 1, 200) FROM pipeline_deal GROUP BY owner;
SELECT pipeline_health_version(), pipeline_health_debug(), pipeline_health_release();
