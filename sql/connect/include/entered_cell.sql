-- Included in a CASE of hubspot_export over its deals, called {1}, and a view with the number of a stage's column, called `entered`: the
-- cell of that column. One look at a row for all columns: accounts have a hundred of them.
--! each deals.entered
  WHEN entered.number = {number of entered} AND {1}.{entered} IS NOT NULL THEN {1}.{entered}
--! end
