-- Included in odoo's views of stages and teams: a name that is translated is an object {"en_US": "New", "de_DE": "Neu"}. The || '' makes a
-- plain text of what JSON functions give: SQLite 3.54 forgets the table of a {lookup} over their results.
  CASE WHEN name GLOB '*"*:*"*' AND json_valid(name) THEN
      coalesce(json_extract(name, '$.' || coalesce({option language}, 'en_US')),
        json_extract(name, '$."' || substr(name, instr(name, '"') + 1, instr(substr(name, instr(name, '"') + 1), '"') - 1) || '"')) || ''
    ELSE name END AS name_in_language
