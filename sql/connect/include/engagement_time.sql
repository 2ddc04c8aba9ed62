-- Included in the SELECTs of hubspot's `activity` whose tables have the time that `engagement` has, too: the later of both.
--! if engagement.timestamp
  coalesce(max(property_hs_timestamp, {lookup timestamp of engagement by id, engagement_id}), property_hs_timestamp, {lookup timestamp of engagement by id, engagement_id}) AS at,
--! else
  +property_hs_timestamp,
--! end
