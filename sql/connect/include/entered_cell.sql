-- Included in hubspot_export between a CASE over the number of a stage's column and its ELSE or END: the cell of that column of {1}. One look
-- at a row for all columns: accounts have a hundred of them.
--! each deals.entered
  WHEN {number of entered} THEN {cell of entered in {1}}
--! end
