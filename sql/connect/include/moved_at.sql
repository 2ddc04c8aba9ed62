-- Included in the SELECTs of snapshots' `pipeline_event`: when a column other than the stage changed.
--! if snapshot.changed_at
  CASE WHEN substr(changed_at, 1, 10) > previous AND substr(changed_at, 1, 10) <= day THEN changed_at ELSE coalesce(ended_at, at) END,
--! else
  coalesce(ended_at, at),
--! end
