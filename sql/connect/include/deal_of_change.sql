-- Included in the SELECTs of salesforce_report over a row `change` of a history, with the table's name: the deal, by the best key that
-- the history and the deals have.
--! if {1}.id and deals.id
  {lookup deal_id of deal_of_id by key, change.id} AS deal_id
--! else
--! if {1}.owner and deals.owner
  {lookup deal_id of deal_of_owner by key, trim(change.name) || char(10) || coalesce(trim(change.owner), '')} AS deal_id
--! else
  {lookup deal_id of deal_of_name by key, trim(change.name)} AS deal_id
--! end
--! end
