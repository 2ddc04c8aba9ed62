"""Polars: the two questions on the Parquet files that polars_import.py wrote; the way of the SQL peers.

    polars_query.py DIRECTORY one_day DAY
    polars_query.py DIRECTORY weeks FIRST_DAY LAST_DAY

Prints the rows as JSON, and last the seconds and processor seconds the question took without starting Python.
"""

import json
import sys
import time
from datetime import date

import polars as pl

EPOCH = date(1970, 1, 1)
FAR = 1_000_000  # a day that never comes
INFLUENCING = ["stage", "amount", "owner", "meeting", "commitment", "reply", "call", "email"]
kind, day, rank = pl.col("kind"), pl.col("day"), pl.col("rank")


def day_number(column):
    return pl.col(column).cast(pl.Int32).cast(pl.Int64)


def read(directory):
    deals = pl.scan_parquet(f"{directory}/pipeline_deal.parquet").select(
        "deal_id", "owner", pl.when(pl.col("outcome") == "open").then("stage").alias("stage"), "amount",
        created=day_number("created_at"),
        closed=pl.when(pl.col("outcome") == "open").then(FAR).otherwise(day_number("closed_at")))
    stages = pl.scan_parquet(f"{directory}/pipeline_stage.parquet").select(
        "stage", "rank", idle_limit=pl.col("max_idle_days").fill_null(30))
    events = pl.scan_parquet(f"{directory}/pipeline_event.parquet").select(
        "deal_id", pl.col("kind").cast(pl.String), "old_value", "new_value", day=day_number("at"))
    return deals, events, stages


def first_old_value(of_kind):
    return pl.col("old_value").filter(kind == of_kind).sort_by(day.filter(kind == of_kind)).first()


def one_day(directory, as_of):
    deals, events, stages = read(directory)
    as_of = (date.fromisoformat(as_of) - EPOCH).days
    open_deals = deals.filter(pl.col("created") <= as_of, pl.col("closed") > as_of)
    known = day <= as_of

    def last_new_value(of_kind):
        chosen = known & (kind == of_kind)
        return pl.col("new_value").filter(chosen).sort_by(day.filter(chosen)).last()

    history = (
        events.filter(kind.is_in(INFLUENCING), known | kind.is_in(["stage", "amount", "owner"]))
        .join(open_deals.select("deal_id"), on="deal_id", how="semi")
        .join(stages, left_on="new_value", right_on="stage", how="left")
        .group_by("deal_id")
        .agg(
            last_owner=pl.coalesce(last_new_value("owner"), first_old_value("owner")),
            first_stage=first_old_value("stage"),
            last_stage=last_new_value("stage"),
            last_amount=pl.coalesce(last_new_value("amount"), first_old_value("amount")),
            highest_rank=(rank * 1_000_000 - day).filter(known & (kind == "stage")).max(),
            client_step=day.filter(known & kind.is_in(["meeting", "commitment"])).max(),
            touch=day.filter(known & ~kind.is_in(["amount", "owner"])).max(),
            meetings=(known & (kind == "meeting")).sum()))
    highest_rank = pl.col("highest_rank")
    judged = (
        open_deals.join(history, on="deal_id", how="left")
        .with_columns(stage=pl.coalesce("last_stage", "first_stage", "stage"))
        .join(stages.select("stage", first_rank="rank"), left_on="first_stage", right_on="stage", how="left")
        .join(stages, on="stage", how="left")
        .select(
            name=pl.coalesce("last_owner", "owner"),
            amount=pl.coalesce(pl.col("last_amount").cast(pl.Int64), "amount"),
            created="created",
            meetings=pl.col("meetings").fill_null(0),
            idle_limit=pl.col("idle_limit").fill_null(30),
            touch=pl.coalesce("touch", "created"),
            progress=pl.coalesce(
                pl.max_horizontal(
                    "client_step",
                    pl.when((highest_rank + 999_999) // 1_000_000 > pl.col("first_rank"))
                    .then(1_000_000 - highest_rank % 1_000_000)),
                "created"))
        .select(
            "name", "amount",
            verdict=pl.when(as_of - pl.col("touch") >= 90).then(pl.lit("dead"))
            .when((as_of - pl.col("progress") > pl.col("idle_limit"))
                  | ((pl.col("meetings") < 2) & (as_of - pl.col("created") >= 30))).then(pl.lit("stalled"))
            .when(pl.col("meetings") < 2).then(pl.lit("unproven"))
            .otherwise(pl.lit("progressing"))))
    measures = [pl.len(), pl.col("amount").sum().alias("open_amount")]
    for verdict in ["progressing", "stalled", "dead"]:
        chosen = pl.col("verdict") == verdict
        measures += [chosen.sum().alias(verdict), pl.col("amount").filter(chosen).sum().alias(verdict + "_amount")]
    return judged.group_by("name").agg(measures).sort("name").collect().rows()


def weeks(directory, first_day, last_day):
    deals, events, stages = read(directory)
    first_sunday = (date.fromisoformat(first_day) - EPOCH).days + 6
    last_day = (date.fromisoformat(last_day) - EPOCH).days
    week_count = (last_day - first_sunday + 6) // 7 + 1
    first_values = events.filter(kind.is_in(["stage", "amount"])).group_by("deal_id").agg(
        first_stage=first_old_value("stage"), first_amount=first_old_value("amount"))
    # A row for each deal before its events, filled in every column, so that a plain forward fill never crosses deals.
    starts = (
        deals.sort("deal_id").with_row_index("number").join(first_values, on="deal_id", how="left")
        .with_columns(stage=pl.coalesce("first_stage", "stage"))
        .join(stages, on="stage", how="left")
        .select(
            "deal_id", "created", "closed", number=pl.col("number").cast(pl.Int64),
            amount=pl.coalesce(pl.col("first_amount").cast(pl.Int64), "amount"),
            highest_rank=pl.col("rank").fill_null(0) * 1_000_000,
            idle_limit=pl.col("idle_limit").fill_null(30))).collect().lazy()
    rows = pl.concat([
        starts.select("number", "created", "closed", "amount", "highest_rank", "idle_limit",
                      day=pl.lit(0, pl.Int64), client_step=pl.lit(-1, pl.Int64), touch=pl.lit(-1, pl.Int64),
                      meeting=pl.lit(0, pl.Int64)),
        events.filter(kind.is_in(INFLUENCING) & (kind != "owner"))
        .join(starts.select("deal_id", "number"), on="deal_id")
        .join(stages, left_on="new_value", right_on="stage", how="left")
        .select(
            "number", created=pl.lit(None, pl.Int64), closed=pl.lit(None, pl.Int64),
            amount=pl.when(kind == "amount").then("new_value").cast(pl.Int64),
            highest_rank=pl.when(kind == "stage").then(rank * 1_000_000 - day),
            idle_limit=pl.when(kind == "stage").then("idle_limit"),
            day="day",
            client_step=pl.when(kind.is_in(["meeting", "commitment"])).then("day"),
            touch=pl.when(kind != "amount").then("day"),
            meeting=(kind == "meeting").cast(pl.Int64)),
    ]).sort("number", "day")
    deal_offset = pl.col("number") * 10_000_000
    meetings = pl.col("meeting").cum_sum()
    state = rows.select(
        "number", "day",
        next_day=pl.when(pl.col("number") == pl.col("number").shift(-1)).then(day.shift(-1)).otherwise(FAR),
        created=pl.col("created").forward_fill(),
        closed=pl.col("closed").forward_fill(),
        amount=pl.col("amount").forward_fill(),
        highest_rank=(pl.col("highest_rank") + deal_offset).cum_max() - deal_offset,
        idle_limit=pl.col("idle_limit").forward_fill(),
        client_step=pl.col("client_step").forward_fill(),
        touch=pl.col("touch").forward_fill(),
        meetings=meetings - pl.when(day == 0).then(meetings).forward_fill(),
    ).with_columns(highest_rank=pl.col("highest_rank").forward_fill())
    forward = (1_000_000 - pl.col("highest_rank") % 1_000_000) % 1_000_000
    progress = pl.max_horizontal("client_step", pl.when(forward > 0).then(forward).otherwise(-1))

    def week_of(column):
        found = (pl.col(column) - first_sunday + 6) // 7
        return pl.when(pl.col(column) > last_day).then(week_count).otherwise(pl.max_horizontal(found, 0))

    first, last = pl.col("first_week"), pl.col("last_week")
    spans = (
        state.filter(pl.col("next_day") > day)
        .select(
            "amount",
            is_proven=pl.col("meetings") >= 2,
            from_day=pl.max_horizontal("day", "created"),
            to_day=pl.min_horizontal("next_day", "closed"),
            stalled_from=pl.min_horizontal(
                pl.when(progress >= 0).then(progress).otherwise("created") + pl.col("idle_limit") + 1,
                pl.when(pl.col("meetings") < 2).then(pl.col("created") + 30).otherwise(FAR)),
            dead_from=pl.when(pl.col("touch") >= 0).then("touch").otherwise("created") + 90)
        .filter(pl.col("from_day") < pl.col("to_day"), pl.col("from_day") <= last_day, pl.col("to_day") > first_sunday)
        .with_columns(stalled_from=pl.min_horizontal("stalled_from", "dead_from"))
        .select("amount", "is_proven", first_week=week_of("from_day"), last_week=week_of("to_day"),
                stalled_week=week_of("stalled_from"), dead_week=week_of("dead_from"))
        .filter(first < last)
        .with_columns(stalled_week=pl.min_horizontal(pl.max_horizontal("stalled_week", first), last),
                      dead_week=pl.min_horizontal(pl.max_horizontal("dead_week", first), last))
        .group_by("first_week", "stalled_week", "dead_week", "last_week", "is_proven")
        .agg(deals=pl.len().cast(pl.Int64), total=pl.col("amount").sum())
        .collect())

    changes = [[0] * 8 for _ in range(week_count + 1)]
    for first_week, stalled_week, dead_week, last_week, is_proven, count, amount in spans.iter_rows():
        for begin, end, measure in ((first_week, last_week, 0), (first_week, stalled_week, 2 if is_proven else None),
                                    (stalled_week, dead_week, 4), (dead_week, last_week, 6)):
            if measure is not None and begin < end:
                changes[begin][measure] += count
                changes[begin][measure + 1] += amount
                changes[end][measure] -= count
                changes[end][measure + 1] -= amount
    rows, running = [], [0] * 8
    for week in range(week_count):
        running = [value + change for value, change in zip(running, changes[week])]
        judged_day = min(first_sunday + 7 * week, last_day)
        rows.append([date.fromordinal(EPOCH.toordinal() + judged_day).isoformat(), *running])
    return rows


if __name__ == "__main__":
    started, cpu_started = time.perf_counter(), time.process_time()
    answer = {"one_day": one_day, "weeks": weeks}[sys.argv[2]](sys.argv[1], *sys.argv[3:])
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
    print(json.dumps(answer))
    print(seconds, cpu_seconds)
