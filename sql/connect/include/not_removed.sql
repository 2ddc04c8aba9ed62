-- Included in each SELECT of snapshots' `pipeline_event`: a removed deal has no events.
--! if any_removed
  AND deal_id NOT IN (SELECT deal_id FROM {removed})
--! end
