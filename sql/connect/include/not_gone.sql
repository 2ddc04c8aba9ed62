-- Included in each SELECT of hubspot's `activity`, with the column of the engagement's id: what is deleted anywhere is out.
--! if engagement.active or deleted engagement or deleted engagement_meeting or deleted engagement_call or deleted engagement_email or deleted engagement_task
  AND {lookup gone of gone_engagement by engagement_id, {1}} IS NULL
--! end
