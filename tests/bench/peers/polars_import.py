"""Polars: from the exported CSV files of a directory to Parquet files beside them.

    polars_import.py DIRECTORY integer|text
"""

import sys

import polars as pl

directory, id_type = sys.argv[1], {"integer": pl.Int64, "text": pl.String}[sys.argv[2]]
SCHEMAS = {
    "pipeline_deal": {"deal_id": id_type, "amount": pl.Int64, "created_at": pl.Date, "close_date": pl.Date,
                      "closed_at": pl.Date},
    "pipeline_event": {"deal_id": id_type, "at": pl.Date, "kind": pl.Categorical, "old_value": pl.String,
                       "new_value": pl.String},
    "pipeline_stage": {"rank": pl.Int64, "max_idle_days": pl.Int64},
}

for table, types in SCHEMAS.items():
    pl.read_csv(f"{directory}/{table}.csv", schema_overrides=types).write_parquet(f"{directory}/{table}.parquet")
