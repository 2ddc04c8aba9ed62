-- Included in the SELECTs of hubspot_export over its deals, called {1}, and `entered_stage`, called `entered`: the cell of the stage's
-- column. One look at a row for all columns: accounts have a hundred of them.
CASE
--! each deals.entered
  WHEN entered.name = {name of entered} AND {1}.{entered} IS NOT NULL THEN {1}.{entered}
--! end
END AS at
