"""Polars: the two questions on the Parquet files that polars_import.py wrote, with all columns of pipeline_integrity.

    polars_query.py DIRECTORY one_day DAY
    polars_query.py DIRECTORY weeks FIRST_DAY LAST_DAY

Prints the rows as JSON, and last the seconds and processor seconds the question took without starting Python.

one_day: what the events up to the day say about each open deal by grouping, without sorting them; a field's value on
the day is what its first change after it replaced, else the deal's own.

weeks: deal, day and kind of every event packed into one number, so that sorting one column puts them in order; running
sums and fills along it give the state after each event, and with the next event the span of days it holds for. Amounts,
close dates and stages are short tables of their own in the same order, a row for each span of a value, which a running
number of the changes points into. Each measure counts its spans by their first days and the days after their last; the
differences, summed up week by week, are the rows. progressing is what is left of open.

Relies on generate.c: days have no time; on a day a deal has at most one change of a field and one meeting; a change has
another old value, which is what the change before it left, and the deal has what the last one left; nothing but a
meeting happens before a deal's creation, and nothing after its closing; the first meeting of all comes before the first
deal; every stage has a rank; the policy is the default one.
"""

import json
import sys
import time
from datetime import date

import polars as pl

EPOCH = date(1970, 1, 1)
FAR = 1_000_000  # a day that never comes
# The order of what happens to a deal on one day: the seller's before the client's, which answer it.
ORDER = ["start", "call", "email", "first_day_touch", "stage", "amount", "reply", "commitment", "meeting"]
START, CALL, EMAIL, FIRST_DAY_TOUCH, STAGE, AMOUNT, REPLY, COMMITMENT, MEETING = range(len(ORDER))
TOUCHES = ["call", "email", "stage", "reply", "commitment", "meeting"]
DAY_UNIT, DEAL_UNIT = 2**4, 2**21  # key: number of the deal * DEAL_UNIT + day * DAY_UNIT + place in ORDER
RANK_UNIT = 1024  # number of the deal * RANK_UNIT + rank
VERDICTS = ["progressing", "unproven", "stalled", "dead"]
REASONS = ["overdue", "pushed", "ghosted", "parked", "aged"]

kind, day, number, key, order = map(pl.col, ("kind", "day", "number", "key", "order"))
created, closed, amount, close_date = map(pl.col, ("created", "closed", "amount", "close_date"))
first, last = pl.col("first"), pl.col("last")  # of a span: its first day and the day after its last
is_first_of_deal = number.ne_missing(number.shift(1))
is_last_of_deal = number.ne_missing(number.shift(-1))
number_of_key, day_of_key = key // DEAL_UNIT, ((key & (DEAL_UNIT - 1)) // DAY_UNIT).cast(pl.Int32)
never, no_day = pl.lit(FAR, pl.Int32), pl.lit(-1, pl.Int32)


def days_from(iso_date):
    return (date.fromisoformat(iso_date) - EPOCH).days


def day_number(column):
    return pl.col(column).cast(pl.Int32)


def day_number_of_text(column):
    return pl.col(column).str.to_date("%Y-%m-%d").cast(pl.Int32)


def read(directory):
    is_open = pl.col("outcome") == "open"
    deals = pl.scan_parquet(f"{directory}/pipeline_deal.parquet").select(
        "deal_id", "owner", "stage", "amount", is_open=is_open, created=day_number("created_at"),
        closed=pl.when(is_open).then(never).otherwise(day_number("closed_at")), close_date=day_number("close_date"))
    events = pl.scan_parquet(f"{directory}/pipeline_event.parquet").select(
        "deal_id", "kind", "old_value", "new_value", day=day_number("at"))
    stages = pl.read_parquet(f"{directory}/pipeline_stage.parquet").select(
        "stage", rank=pl.col("rank").rank("dense").cast(pl.Int64),
        idle_limit=pl.col("max_idle_days").fill_null(30).cast(pl.Int32))
    return deals, events, stages


def numbered(deals):
    """The deals with the number of their row and the least key of their events."""
    deals = deals.with_row_index("number").with_columns(number.cast(pl.UInt32))
    return deals.with_columns(base=number.cast(pl.Int64) * DEAL_UNIT).collect()


def changes_by_kind(deals, events, kinds):
    """The changes of fields, a frame for each kind, in no order."""
    changes = (
        events.filter(kind.is_in(kinds))
        .join(deals.lazy().select("deal_id", "number", "base"), on="deal_id")
        .select("kind", "number", "day", "old_value", "new_value", key=pl.col("base") + day * DAY_UNIT)
        .collect(engine="streaming").lazy())
    return [changes.filter(kind == of_kind).drop("kind") for of_kind in kinds]


def of_stage(stages, measure, column):
    """A column of the stages for the stages named in another column."""
    return pl.lit(stages[measure]).gather(pl.col(column).cast(pl.Enum(stages["stage"])).to_physical())


def rank_in_deal(stages, column):
    """Grows from deal to deal, so that a running maximum begins again with each."""
    return number_of_key * RANK_UNIT + of_stage(stages, "rank", column)


def is_later():
    return pl.col("new_value") > pl.col("old_value")


def is_parked_date():
    """Whether close_date is the last day of a quarter or of the month of creation."""
    closing, creation = close_date.cast(pl.Date).dt, created.cast(pl.Date).dt
    is_month_end = (close_date + 1).cast(pl.Date).dt.day() == 1
    is_month_of_creation = (closing.month() == creation.month()) & (closing.year() == creation.year())
    return is_month_end & ((closing.month() % 3 == 0) | is_month_of_creation)


# ---- one day ----

def before_first_unknown(changes, known, value):
    """What the first change after the day replaced."""
    return changes.filter(~known).select("number", "key", value=value).sort("key").filter(is_first_of_deal)


def stages_on(changes, known, stages):
    """For each deal with a stage change its idle limit on the day and the day of its last forward change."""
    old_rank, new_rank = rank_in_deal(stages, "old_value"), rank_in_deal(stages, "new_value")
    is_forward = known & (new_rank > pl.max_horizontal(old_rank, new_rank.cum_max().shift(1)))
    is_last_known = known & (is_last_of_deal | ~known.shift(-1, fill_value=False))
    forward_key = pl.col("forward_key")
    return (
        changes.sort("key")
        .with_columns(forward_key=pl.when(is_forward).then("key").forward_fill())
        .filter(is_last_known | (is_first_of_deal & ~known))
        .with_columns(stage=pl.when(known).then("new_value").otherwise("old_value"))
        .select("number", idle_limit=of_stage(stages, "idle_limit", "stage"),
                forward=pl.when(forward_key // DEAL_UNIT == number_of_key)
                .then(((forward_key & (DEAL_UNIT - 1)) // DAY_UNIT).cast(pl.Int32))))


def one_day(directory, as_of):
    deals, events, stages = read(directory)
    as_of = days_from(as_of)
    known = day <= as_of
    deals = numbered(deals.filter(created <= as_of, closed > as_of))
    owners, amounts, dates, moves = changes_by_kind(
        deals, events.filter(~known | kind.is_in(["close_date", "stage"])), ["owner", "amount", "close_date", "stage"])
    touches = (
        events.filter(known, kind.is_in(TOUCHES))
        .select("deal_id", "day", order=kind.cast(pl.Enum(ORDER)).to_physical())
        .join(deals.lazy().select("deal_id", "number"), on="deal_id")
        .select("number", "day", "order").collect(engine="streaming").lazy())
    sums = touches.group_by("number").agg(
        touch=day.max(),
        client_step=pl.when(order >= COMMITMENT).then("day").max(),
        client_act=pl.when(order >= REPLY).then("day").max(),
        meetings=(order == MEETING).sum())
    deals = (
        deals.lazy().join(sums, on="number", how="left", maintain_order="left")
        .with_columns(
            client_act=pl.coalesce("client_act", "created"), touch=pl.coalesce("touch", "created"),
            meetings=pl.col("meetings").fill_null(0), pushes=pl.lit(None, pl.Int32), ghosted=pl.lit(False),
            idle_limit=pl.when("is_open").then(of_stage(stages, "idle_limit", "stage")).fill_null(30),
            forward=pl.lit(None, pl.Int32))
        .collect())

    moves = stages_on(moves, known, stages)
    pushes = dates.filter(known).group_by("number").agg(value=is_later().sum().cast(pl.Int32))
    unanswered = touches.filter(order <= EMAIL).filter(day > pl.lit(deals["client_act"]).gather(number))
    found = {
        "owner": before_first_unknown(owners, known, pl.col("old_value")),
        "amount": before_first_unknown(amounts, known, pl.col("old_value").cast(pl.Int64)),
        "close_date": before_first_unknown(dates, known, day_number_of_text("old_value")),
        "pushes": pushes,
        "ghosted": unanswered.group_by("number").len().filter(pl.col("len") >= 3).select("number", value=pl.lit(True)),
        "idle_limit": moves.select("number", value="idle_limit"),
        "forward": moves.select("number", value="forward"),
    }
    deals = deals.with_columns(  # the number of a deal is its row
        deals[column].scatter(rows["number"], rows["value"])
        for column, rows in zip(found, pl.collect_all(found.values())))

    meetings, open_amount = pl.col("meetings"), pl.col("open_amount")
    progress = pl.coalesce(pl.max_horizontal("client_step", "forward"), "created")
    verdict = pl.col("verdict")
    amounts = [pl.when(verdict == place).then("amount").sum().alias(name + "_amount")
               for place, name in enumerate(VERDICTS)]
    return (
        deals.lazy().select(
            "owner", "amount", "ghosted",
            verdict=pl.when(as_of - pl.col("touch") >= 90).then(VERDICTS.index("dead"))
            .when((as_of - progress > pl.col("idle_limit")) | ((meetings < 2) & (as_of - created >= 30)))
            .then(VERDICTS.index("stalled"))
            .when(meetings < 2).then(VERDICTS.index("unproven"))
            .otherwise(VERDICTS.index("progressing")),
            overdue=close_date < as_of,
            pushed=pl.col("pushes").fill_null(0) >= 3,
            parked=is_parked_date() & pl.col("pushes").is_null(),
            aged=as_of - created > 365)
        .group_by(name="owner").agg(
            pl.len().alias("open"), amount.sum().alias("open_amount"),
            *((verdict == place).sum().alias(name) for place, name in enumerate(VERDICTS)), *amounts,
            pl.col(REASONS).sum())
        .select(
            "name", "open", "open_amount", *(column for name in VERDICTS for column in (name, name + "_amount")),
            pl.col("progressing").alias("real"), pl.col("progressing_amount").alias("real_amount"),
            pl.when(open_amount != 0).then(pl.col("progressing_amount") / open_amount).alias("integrity"),
            (pl.col("progressing") / pl.col("open")).alias("integrity_by_count"), *REASONS)
        .sort("name").collect(engine="streaming").rows())


# ---- weeks ----

def with_last_values(changes, deals, *columns, **last_values):
    """Spans of a field's values in order of deal and day: one before each change, and the last one of each deal."""
    deals = deals.lazy().select(
        "number", never.alias("day"), key=pl.col("base") + (DEAL_UNIT - 1), **last_values)
    return pl.concat([changes.select("number", "day", "key", *columns), deals.select(
        "number", "day", "key", *last_values)]).sort("key")


def of_deal(deals, column):
    return pl.lit(deals[column]).gather(number)


def span_days(deals):
    """The days of a span that ends with the change of its row, as far as the deal is open."""
    begin = pl.when(is_first_of_deal).then(no_day).otherwise(day.shift(1))
    return {"first": pl.max_horizontal(begin, of_deal(deals, "created")),
            "last": pl.min_horizontal("day", of_deal(deals, "closed"))}


def date_spans(changes, deals):
    pushes = pl.col("is_later").cum_sum().shift(1, fill_value=0)
    pushes_before_deal = pl.when(is_first_of_deal).then(pushes).forward_fill()
    return (
        with_last_values(
            changes, deals, day_number_of_text("old_value").alias("close_date"), is_later().alias("is_later"),
            close_date=close_date, is_later=pl.lit(False))
        .with_columns(created=of_deal(deals, "created"))
        .select("close_date", is_pushed=pushes - pushes_before_deal >= 3, is_parked=is_first_of_deal & is_parked_date(),
                **span_days(deals))
        .collect().lazy())


def stage_spans(changes, deals, stages):
    """The idle limit and the day of the last forward change before it, for each span of a stage."""
    no_rank, new_rank = pl.lit(None, pl.Int64), pl.col("new_rank")
    highest_before = pl.max_horizontal("old_rank", new_rank.cum_max().shift(1).forward_fill())
    is_without_stage = is_first_of_deal & (day == FAR) & (of_deal(deals, "closed") < FAR)
    return (
        with_last_values(
            changes, deals, of_stage(stages, "idle_limit", "old_value").alias("idle_limit"),
            rank_in_deal(stages, "old_value").alias("old_rank"), rank_in_deal(stages, "new_value").alias("new_rank"),
            idle_limit=of_stage(stages, "idle_limit", "stage"), old_rank=no_rank, new_rank=no_rank)
        .select(
            idle_limit=pl.when(is_without_stage).then(pl.lit(30, pl.Int32)).otherwise("idle_limit"),
            forward=pl.when(day == FAR).then(no_day).when(new_rank > highest_before).then("day")
            .forward_fill().shift(1, fill_value=-1))
        .collect())


def states_after_events(deals, events):
    """What is known of a deal after each event, and the next event's day; a row for each deal before its events."""
    is_first_day_touch = (order <= EMAIL) & (day <= created)  # waits for an answer only if the client acted before
    place = pl.when(is_first_day_touch).then(pl.lit(FIRST_DAY_TOUCH, pl.Int32)).otherwise("order")
    keys = (
        events.filter(kind.is_in([*TOUCHES, "amount"]))
        .select("deal_id", "day", order=kind.cast(pl.Enum(ORDER)).to_physical().cast(pl.Int32))
        .join(deals.lazy().select("deal_id", "created", "base"), on="deal_id")
        .select(key=pl.col("base") + (day * DAY_UNIT + place)))
    is_start = order == START
    meetings, outreach = pl.col("meetings"), pl.col("outreach")
    is_outreach = order.is_between(CALL, EMAIL) | ((order == FIRST_DAY_TOUCH) & (pl.col("client_step") >= 0))
    return (
        pl.concat([deals.lazy().select(key="base"), keys]).sort("key").collect(engine="streaming").lazy()
        .select(number=number_of_key.cast(pl.UInt32), day_and_order=(key & (DEAL_UNIT - 1)).cast(pl.Int32))
        .select("number", day=pl.col("day_and_order") // DAY_UNIT,
                order=(pl.col("day_and_order") & (DAY_UNIT - 1)).cast(pl.Int8))
        .with_columns(
            client_step=pl.when(is_start).then(no_day).when(order >= COMMITMENT).then("day").forward_fill(),
            meetings=(order == MEETING).cum_sum())
        .with_columns(outreach=is_outreach.cum_sum())
        .with_columns(
            next_day=pl.when(is_last_of_deal).then(never).otherwise(day.shift(-1)),
            touch=pl.when(is_start).then(no_day).when(order != AMOUNT).then("day").forward_fill(),
            meetings=meetings - pl.when(is_start).then(meetings).forward_fill(),
            answered=pl.when(is_start | (order >= REPLY)).then(outreach).forward_fill(),
            amount_span=number + (order == AMOUNT).cum_sum(),
            stage_span=number + (order == STAGE).cum_sum())
        .collect().lazy())


def verdict_spans(states, deals, amounts, stages, week_of):
    """Open from first, stalled from stalled, dead from dead to before last; without those that only progress."""
    stalled, dead = pl.col("stalled"), pl.col("dead")
    is_unproven = pl.col("meetings") < 2
    return (
        states.filter(week_of(day) < week_of(pl.col("next_day")))
        .with_columns(
            created=of_deal(deals, "created"), closed=of_deal(deals, "closed"),
            progress=pl.max_horizontal("client_step", pl.lit(stages["forward"]).gather("stage_span")),
            idle_limit=pl.lit(stages["idle_limit"]).gather("stage_span"))
        .select(
            "amount_span", is_unproven=is_unproven,
            first=pl.max_horizontal("day", "created"), last=pl.min_horizontal("next_day", "closed"),
            stalled=pl.min_horizontal(
                pl.when(pl.col("progress") >= 0).then("progress").otherwise("created") + pl.col("idle_limit") + 1,
                pl.when(is_unproven).then(created + 30).otherwise(never)),
            dead=pl.when(pl.col("touch") >= 0).then("touch").otherwise("created") + 90)
        .filter(first < last)
        .with_columns(stalled=pl.min_horizontal(pl.max_horizontal(pl.min_horizontal(stalled, dead), first), last),
                      dead=pl.min_horizontal(pl.max_horizontal(dead, first), last))
        .filter(pl.col("is_unproven") | (stalled < last))
        .with_columns(amount=pl.lit(amounts["amount"]).gather("amount_span"))
        .collect().lazy())


def differences(measure, spans, begin, end, total=pl.lit(0, pl.Int64)):
    """How spans from begin to before end change the number and total of a measure, by day."""
    spans = spans.select(begin=begin, end=end, total=total).filter(pl.col("begin") < pl.col("end"))
    return [
        spans.group_by(day=side).agg(
            measure=pl.lit(measure), deals=pl.len().cast(pl.Int64) * sign, total=pl.col("total").sum() * sign)
        for side, sign in (("begin", 1), ("end", -1))]


def ghosted_differences(states, deals):
    """Ghosted from the third call or email without an answer to the next act of the client, or to the closing."""
    outreach, answered = pl.col("outreach"), pl.col("answered")
    unanswered = outreach - answered
    marked = states.select(
        "number", "day",
        begins=(unanswered == 3) & (outreach > outreach.shift(1)),
        is_answered=(order >= REPLY) & (outreach - answered.shift(1) >= 3),
        is_left=(pl.col("next_day") == FAR) & (unanswered >= 3))
    return [
        marked.filter(condition).group_by(day=changes_on).agg(
            measure=pl.lit("ghosted"), deals=pl.len().cast(pl.Int64) * sign, total=pl.lit(0, pl.Int64))
        for condition, changes_on, sign in (
            ("begins", day, 1), ("is_answered", day, -1), ("is_left", of_deal(deals, "closed"), -1))]


def weeks(directory, first_day, last_day):
    deals, events, stages = read(directory)
    first_sunday = days_from(first_day) + 6 - date.fromisoformat(first_day).weekday()
    last_day = days_from(last_day)
    week_count = (last_day - first_sunday + 6) // 7 + 1

    def week_of(days):
        """The first week whose last day is not before a day."""
        found = ((days - (first_sunday - 6)) // 7).clip(0)
        return pl.when(days > last_day).then(pl.lit(week_count, pl.Int32)).otherwise(found)

    deals = numbered(deals.filter(created <= last_day, closed > min(first_sunday, last_day)))
    amount_changes, date_changes, moves = changes_by_kind(deals, events, ["amount", "close_date", "stage"])
    amounts = with_last_values(
        amount_changes, deals, pl.col("old_value").cast(pl.Int64).alias("amount"), amount=amount
    ).select("amount", **span_days(deals)).collect()
    dates = date_spans(date_changes, deals)
    states = states_after_events(deals, events)
    spans = verdict_spans(states, deals, amounts, stage_spans(moves, deals, stages), week_of)
    stalled, dead = pl.col("stalled"), pl.col("dead")
    found = [
        *differences("open", amounts.lazy(), first, last, amount),
        *differences("unproven", spans.filter("is_unproven"), first, stalled, amount),
        *differences("stalled", spans, stalled, dead, amount),
        *differences("dead", spans, dead, last, amount),
        *differences("overdue", dates, pl.max_horizontal("first", close_date + 1), last),
        *differences("pushed", dates.filter("is_pushed"), first, last),
        *ghosted_differences(states, deals),
        *differences("parked", dates.filter("is_parked"), first, last),
        *differences("aged", deals.lazy(), created + 366, closed),
    ]
    changes = {name: [[0, 0] for _ in range(week_count + 1)] for name in ["open", *VERDICTS[1:], *REASONS]}
    for by_day in pl.collect_all([frame.with_columns(day=week_of(day)) for frame in found], engine="streaming"):
        for week, measure, deal_count, total in by_day.iter_rows():
            changes[measure][week][0] += deal_count
            changes[measure][week][1] += total

    rows, running = [], {name: [0, 0] for name in changes}
    for week in range(week_count):
        for name, by_week in changes.items():
            running[name] = [value + change for value, change in zip(running[name], by_week[week])]
        open_deals, open_amount = running["open"]
        others = [running[name] for name in VERDICTS[1:]]
        real_deals = open_deals - sum(deal_count for deal_count, _ in others)
        real_amount = open_amount - sum(total for _, total in others)
        judged_day = min(first_sunday + 7 * week, last_day)
        rows.append([
            date.fromordinal(EPOCH.toordinal() + judged_day).isoformat(), open_deals, open_amount,
            real_deals, real_amount, *(value for pair in others for value in pair), real_deals, real_amount,
            real_amount / open_amount if open_amount else None, real_deals / open_deals if open_deals else None,
            *(running[name][0] for name in REASONS)])
    return rows


if __name__ == "__main__":
    started, cpu_started = time.perf_counter(), time.process_time()
    answer = {"one_day": one_day, "weeks": weeks}[sys.argv[2]](sys.argv[1], *sys.argv[3:])
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
    print(json.dumps(answer))
    print(seconds, cpu_seconds)
