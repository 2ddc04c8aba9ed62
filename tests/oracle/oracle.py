"""The oracle of pipeline_health: a slow, plain program written straight from the specification.

It reads the seven relations (sources.py) from an sqlite3 connection and answers every table by looking, for each deal
and each day, at the events on or before that day.  Nothing is incremental; results are only remembered so that the same
question is not worked out twice.

    database = Database(connection)
    rows = database.deal_stalled(day_of_text('2021-03-31'))      # a list of dicts in the order of the columns

A day is an int, the number of days since 1970-01-01; money is an int of 1/10,000; what cannot be answered raises
SourceError.  COLUMNS says the columns of each table.


Readings of the specification
=============================

Where the specification is silent or leaves a choice, the oracle reads it so.

Dates, instants, closings

 1. Instants have a resolution of a millisecond: digits beyond are cut from a text, numbers go to the nearest. A text
    with a time and without a zone is UTC. A date is ordered among instants at the beginning of its day in the zone.
 2. A time may follow every form of date. Two-digit years are 1969 to 2068. Names of months are the English ones in
    full or their first three letters, and Sept, in any case. ` UTC` is another way to write `Z`, also at the midnight
    of a column of dates; `+00:00` is a zone like others. The seconds of a midnight may be missing.
 3. A name of a zone is looked up among the zone files first, then read as a POSIX rule. Two policies of the zone are
    an error also where both say UTC; NULL is no policy.
 4. A closed_at that can be read is never moved, also when it is after data_until; only closings from close_date or
    events are cut. data_until looks at usable deals, the closed_at of closed ones (of won ones else the close_date, which
    nobody corrects when a deal is lost), and their usable events (of an
    event ahead at recorded_at).
 5. A close_date that cannot be read makes the row bad, also where close_date events hide it; closed_at only of a
    closed deal. A deal row that is closed without any day takes its id: later rows with it are duplicates.

Fields and states

 6. A state counts as the first where no change or state of its kind came before. Its value holds also before its day,
    and in the place of the own column and of the old_value of a later first change. Among the stages a deal has had
    are both this value and that old_value. A state that changes nothing is no touch and does not end days_in_stage.
 7. A change of stage to no stage (new_value NULL) is never forward and starts no visit; the visit before it ends
    (moved_back). An own stage that is NULL is no visit either. days_in_stage counts from the last `stage` event or
    differing `stage_state`, also from a `stage` event that changed nothing.
 8. The row of a stage is chosen first (the deal's pipeline, else NULL), its max_idle_days and closed afterwards.

Evidence

 9. The since-days look at events of usable deals on or after the deal's creation; a meeting agreed ahead counts as a
    commitment on the day it was recorded. touches_since leaves out states that change nothing; progress_since has
    them.
10. pushes, pushed_deals: NULL without any close_date or close_date_state event of a usable deal; ghosted_deals
    without any call or email; meetings before meetings_since. The number of deals or the amount of a verdict is never
    NULL.
11. stalls_on asks the three rules day by day with the sources' since-days, also for an unjudged deal.
12. reasons is the empty text when there is none. forecast_category is as written.

Working days

13. Limits alone are counted in working days (untouched, no_progress, the silence of unjudged, second meetings); the
    columns days_without_progress and days_untouched and the ladder stay calendar days. A deal has the holidays of
    everybody and of its own team. pipeline_workdays has everybody's, and by default
    the weekend of NETWORKDAYS.INTL, Saturday and Sunday.
14. The year of pipeline_opening ends on the last day from which second_meeting_days have passed by T, for the deal's
    team.

Money

15. A REAL amount is multiplied by 10,000 as a double, then rounded half away from zero. A rate is the decimal number
    that is written (0.9 is 9/10). Of two rates of one currency and day the first row counts.
16. Moving rates: a day before the first rate has the first; a deal without close date has the rate of the day; a
    quota that of its period_start. A quota in a currency without a rate is left out like one that cannot be read.
17. Several currencies are different texts of usable deals and quotas; NULL is the reporting currency. Without any
    usable rate row, one currency is taken as it is. deal_stalled, stage_velocity, win_rate,
    pipeline_calendar, deal_chance and pipeline_changes are no tables that sum money.
18. revalued_amount: the starting amount at the rate of to_day less that at the rate of from_day; increases and
    decreases are at the rate of to_day.

Tables

19. conversation_effectiveness: the first meeting is the first usable meeting day of a deal created by to_day, also
    before its creation; the group is that of the first meeting's day; the second meeting is the next different
    meeting day, if on or before to_day and at most second_meeting_days later; pending: no other meeting day by to_day
    and fewer days than that have passed; won and lost: closed by to_day; scope 'all' always gives one row. from_day
    after to_day is an error.
20. pipeline_opening: a row for each group and quota period that contains T. The group of a deal is that of the
    earlier of T and its closing day. average_won_amount and cycle_days are over the proven deals of that year won by
    T. proven_share is NULL where meetings are needed and T is before meetings_since. gap_amount is rounded to
    1/10,000. The target is the policy, read as the fraction that was meant (0.3 is 3/10, no double), else the
    quantile over the owners (all scopes, a missing owner is none) with at least 5 deals in that year, of their
    proven_share. Without a target needed_deals_at_target is needed_deals. With gap 0 both are 0, whatever the rest.
    needed_per_week is NULL without needed_deals or cycle_days. The rule 'effectiveness' does not hold when
    proven_share or the target is NULL; the diagnosis is NULL when none before decided and the gap or needed_per_week
    is NULL.
21. verdict_backtest has rows for the verdicts that some deal had, in the order progressing, unproven, stalled, dead,
    unjudged; what became of a deal does not depend on when it was closed.
22. coverage_backtest is judged on J = the earlier of period_start + lead_days and period_end; attained is what is
    known on T.
23. A period of pipeline_calendar that leaves the calendar is cut at its first or last day; its label is not.
24. win_rate rows: 'stage_verdict' by stage (NULL first) and verdict in the order of 21, then 'verdict', then 'all'.
25. pipeline_flow with a window: pulled_in is at the ending, pushed_out at the starting amount, neither is
    transferred; a deal outside the window is not open, so one that comes in stalled became stalled; closed_won asks
    for the close date of the closing day. vanished_amount is 0 for the outcomes open, won and lost.
26. deal_chance: `deals` is 0 and the factors are 1 where there is no deal-day; class_chance is that of the rung of
    the stage, or of the last one seen above. NULL is an owner like others. back: among the stages had are those of
    reading 6; a stage that is NULL was never left. Amounts below 1 have negative bands. Activity events are the rows
    of meeting, commitment, reply, call, email, note and task, each once, also those before creation. With horizon 0
    nothing is won, so that every chance is the lowest.
27. pipeline_forecast: earlier periods have ended by T. Of a period ahead of T, what is won before it begins does not
    count: W is 0, y and n are won from the start on, and a deal's chance is that until the end less that until the
    day before the start, at least 0. T_j is not after the end of its period; the length is that of the earlier
    period in days. The groups of the scope are those with a quota for this very period. c is 1 where the sum is 0 or
    below, q is 0 where the amounts add up to 0 or less, and no variance is below 0. Periods before the earlier ones
    count for φ, up to lookback_periods each. With fewer than two periods p10 … hit_probability are NULL, also when
    the quota is reached. At the end of the period bias_factor is 1, shock, open_expected and new_expected are 0. An
    open deal of the group without a chance makes all but won_amount and new_expected NULL; in earlier periods it
    counts as 0.
28. pipeline_opening's expected_amount is open_expected, c times the open chances. pipeline_commit's is the sum of
    chance × amount, without c.
29. pipeline_changes: each event that changed what held counts, after the creation (its day too) and not after the
    closing day; in a day and deal in the order of the specification, then of the events. old_value and new_value of
    created, won and lost are NULL, of became_stalled and recovered the verdicts; amounts are in the reporting
    currency. became_stalled is also a deal stalled on its first day. The verdict of a closed deal is NULL.
30. Categories fold without regard to case, blanks, `_` and `-`; another text is no category. Rows: no category first,
    then in the order of the specification. commit_backtest: J as in 22, `deals`, `slipped` and `lost` with the
    amounts of J, `won` at the closing; bluebirds were won after J in the group and were claimed by nobody for the
    period; the row of no category is there when it has a deal or a bluebird; bluebird_amount is NULL in the others.
31. pipeline_cohort: groups and amounts are those of the day of creation; rows for groups with a deal created; a
    period is not cut, its deals are; won + lost + open + pending = created; nothing is pending in the row NULL.
32. pipeline_what_if: expected_amount and hit_probability are pipeline_forecast's. revived_share x makes the chance of
    a stalled or dead deal (1 − x)·p + x·(class chance of progressing and its stage); c, ν and φ stay.
    first_meetings_saved is needed_deals − needed_deals_then.
33. pipeline_date gives a time as YYYY-MM-DDTHH:MM:SS; both readers of text: text_functions.py.
"""

from fractions import Fraction

from chance import VERDICTS, Chances
from forecast import Forecasts
from movement import Movement
from opening import Opening
from sources import Sources
from values import (FIRST_DAY, LAST_DAY, SourceError, date_of_day, first_of_month, is_last_of_month, last_of_month,
                    money, name_order, number_or_none, periods_of, ratio, round_half_away, text_of_day, total)
from velocity import Velocity

REASONS = ('untouched', 'no_progress', 'no_second_meeting', 'overdue', 'pushed', 'ghosted', 'parked', 'aged')
SCOPES = ('all', 'team', 'owner', 'pipeline', 'stage')
QUOTA_SCOPES = ('all', 'team', 'owner')
STEPS = ('day', 'week', 'month', 'quarter', 'year')

COLUMNS = {table: columns.split() for table, columns in {
    'deal_stalled':
        'deal_id name owner team pipeline stage amount created_at close_date age_days days_in_stage last_progress_at '
        'days_without_progress idle_limit_days last_touch_at days_untouched meetings next_meeting_at pushes verdict '
        'stalled stalled_since stalls_on reasons forecast_category',
    'pipeline_integrity':
        'name open_deals open_amount progressing_deals progressing_amount unproven_deals unproven_amount stalled_deals '
        'stalled_amount dead_deals dead_amount unjudged_deals unjudged_amount real_deals real_amount integrity '
        'integrity_by_count overdue_deals pushed_deals ghosted_deals parked_deals aged_deals excluded_deals',
    'real_coverage':
        'name period_start period_end quota won_amount remaining claimed_deals claimed_amount claimed_coverage '
        'overdue_amount real_deals real_amount unjudged_deals unjudged_amount real_coverage false_confidence '
        'required_claimed_coverage required_real_coverage needed_amount expected_amount hit_probability '
        'verdict excluded_deals',
    'pipeline_flow':
        'name starting_deals starting_amount created_amount transferred_in_amount increased_amount decreased_amount '
        'won_amount lost_amount transferred_out_amount ending_amount ending_deals became_stalled_amount '
        'recovered_amount closed_won_amount pulled_in_amount pushed_out_amount revalued_amount vanished_amount',
    'stage_velocity':
        'pipeline stage rank entered moved_forward moved_back won lost still_in forward_share median_days p90_days '
        'progress_gap_p90_days',
    'pipeline_calendar': 'day period_start period_end label',
    'win_rate': 'class stage verdict deals deal_days won_days win_rate low high enough',
    'verdict_backtest':
        'verdict deals amount won_deals lost_deals open_deals won_amount won_share lost_share',
    'coverage_backtest':
        'name period_start period_end quota claimed_coverage real_coverage expected_amount p10 p50 p90 '
        'hit_probability attained_amount attainment hit within',
    'conversation_effectiveness':
        'name first_meetings second_meetings pending second_meeting_rate low high median_days_to_second won_deals '
        'lost_deals won_amount',
    'pipeline_opening':
        'name period_start period_end remaining expected_amount gap_amount opened_deals proven_share win_share '
        'average_won_amount cycle_days needed_deals needed_deals_at_target first_meetings_saved needed_per_week '
        'opened_per_week diagnosis',
    'deal_chance':
        'deal_id name owner team stage verdict amount chance expected_amount class_chance deals amount_factor '
        'owner_factor activity_factor',
    'pipeline_forecast':
        'name period_start period_end quota won_amount open_expected new_expected expected_amount p10 p50 p90 '
        'hit_probability periods_learned bias_factor shock',
    'pipeline_changes': 'day deal_id name owner team change old_value new_value amount verdict',
    'pipeline_commit':
        'name period_start period_end category deals amount real_amount unproven_amount stalled_amount dead_amount '
        'unjudged_amount overdue_amount at_risk_amount expected_amount',
    'commit_backtest':
        'name period_start period_end category deals amount won_deals won_amount slipped_deals slipped_amount '
        'lost_deals lost_amount conversion low high bluebird_amount',
    'pipeline_cohort':
        'name period_start period_end within_days created_deals created_amount pending_deals second_meeting_deals '
        'won_deals lost_deals open_deals',
    'pipeline_what_if':
        'name period_start period_end needed_deals needed_deals_then needed_per_week needed_per_week_then '
        'expected_amount expected_amount_then hit_probability hit_probability_then first_meetings_saved',
}.items()}


class Assessment:
    """What a deal is on a day on which it is visible."""


def last_on_or_before(days, day, otherwise):
    known = [each for each in days if each <= day]
    return max(known) if known else otherwise


class Database(Sources, Chances, Forecasts, Movement, Opening, Velocity):
    """The tables over the sources of one connection, as they are when the object is made."""

    def __init__(self, connection):
        super().__init__(connection)
        self.remembered = {}
        self.first_created = min((deal.created for deal in self.deals), default=LAST_DAY)
        for deal in self.deals:
            deal.forward_days = self.forward_days(deal)
            deal.progress_days = sorted(set(deal.forward_days + deal.meeting_days + deal.commitment_days))

    def remember(self, key, answer):
        if key not in self.remembered:
            self.remembered[key] = answer()
        return self.remembered[key]

    # -- a deal on a day ----------------------------------------------------------------------------------------------

    def stage_row(self, deal, stage):
        """(rank, max_idle_days, closed) of a stage for the deal's pipeline."""
        for pipeline in (deal.pipeline, None):
            if (stage, pipeline) in self.stages:
                return self.stages[stage, pipeline]
        return None, None, None

    def forward_days(self, deal):
        changes = deal.changes['stage']
        been_in = deal.stages_had(FIRST_DAY - 1)
        days = []
        for event in changes:
            if event.new_value is None:
                continue
            if self.is_forward(deal, event.new_value, been_in):
                days.append(event.day)
            been_in.append(event.new_value)
        return days

    def is_forward(self, deal, stage, been_in):
        rank = self.stage_row(deal, stage)[0]
        if rank is None:
            return stage not in been_in
        ranks = [self.stage_row(deal, each)[0] for each in been_in]
        return all(rank > each for each in ranks if each is not None)

    def amount(self, deal, day):
        """amount(T) in the reporting currency."""
        return self.converted(deal, deal.value('amount', day), day)

    def closing_amount(self, deal):
        return self.amount(deal, deal.closing_day)

    def assess(self, deal, day):
        return self.remember((deal.deal_id, day), lambda: self.assessment(deal, day))

    def assessment(self, deal, day):
        found = Assessment()
        found.deal, found.day = deal, day
        found.amount = self.amount(deal, day)
        for field in ('stage', 'close_date', 'owner', 'forecast'):
            setattr(found, field, deal.value(field, day))
        limit = self.stage_row(deal, found.stage)[1]
        found.idle_limit = self.policy['idle_days'] if limit is None else limit
        found.last_progress = last_on_or_before(deal.progress_days, day, deal.created)
        found.last_touch = last_on_or_before(deal.touch_days, day, deal.created)
        found.meetings = len([each for each in deal.meeting_days if each <= day])
        found.moves = [move for move in deal.moves_of_close_date() if move[0] <= day]
        found.pushes = len([each for each, later in found.moves if later and each != deal.closing_day])
        last_act = last_on_or_before(deal.client_days, day, deal.created)
        found.unanswered = len([each for each in deal.reach_days if last_act < each <= day])
        found.reasons = self.reasons(deal, day, found)
        found.verdict = self.verdict(deal, day, found)
        found.stalled = found.verdict in ('stalled', 'dead')
        found.real = found.verdict == 'progressing' or (
            found.verdict == 'unproven' and self.policy['unproven_is_real'] == 1)
        return found

    def reasons(self, deal, day, found):
        policy = self.policy
        holds = (
            self.untouched(deal, day, found), self.no_progress(deal, day, found),
            self.no_second_meeting(deal, day, found),
            found.close_date is not None and found.close_date < day,
            found.pushes >= policy['max_pushes'],
            found.unanswered >= policy['ghost_touches'],
            self.parked(deal, found),
            day - deal.created > policy['aged_days'])
        return [reason for reason, held in zip(REASONS, holds) if held]

    def untouched(self, deal, day, found):
        since = self.touches_since
        return since is not None and day >= since and self.workdays(
            max(found.last_touch, since), day, deal.team) >= self.policy['untouched_days']

    def no_progress(self, deal, day, found):
        since = self.progress_since
        return since is not None and day >= since and self.workdays(
            max(found.last_progress, since), day, deal.team) > found.idle_limit

    def no_second_meeting(self, deal, day, found):
        return self.lacks_meetings(deal, found) and self.workdays(
            deal.created, day, deal.team) >= self.policy['second_meeting_days']

    def lacks_meetings(self, deal, found):
        since = self.meetings_since
        return since is not None and deal.created >= since and found.meetings < self.policy['min_meetings']

    def parked(self, deal, found):
        if found.close_date is None or found.moves or not is_last_of_month(found.close_date):
            return False
        date, created = date_of_day(found.close_date), date_of_day(deal.created)
        ends_quarter = (date.month - self.policy['fiscal_year_start_month']) % 3 == 2
        return ends_quarter or (date.year, date.month) == (created.year, created.month)

    def verdict(self, deal, day, found):
        if 'untouched' in found.reasons:
            return 'dead'
        if 'no_progress' in found.reasons or 'no_second_meeting' in found.reasons:
            return 'stalled'
        if self.progress_since is None or day < self.progress_since:
            return 'unjudged'
        if self.workdays(found.last_progress, day, deal.team) > found.idle_limit:
            return 'unjudged'
        return 'unproven' if self.lacks_meetings(deal, found) else 'progressing'

    def group(self, deal, day, scope):
        if scope == 'all':
            return None
        if scope == 'team':
            return deal.team
        if scope == 'pipeline':
            return deal.pipeline
        return deal.value(scope, day)

    # -- deal_stalled, pipeline_integrity -----------------------------------------------------------------------------

    def deal_stalled(self, as_of):
        rows = []
        for deal in self.deals:
            if deal.open(as_of):
                rows.append(self.deal_stalled_row(deal, as_of, self.assess(deal, as_of)))
        return rows

    def deal_stalled_row(self, deal, as_of, found):
        stage_days = [event.day for event in deal.changes['stage'] if event.day <= as_of]
        agreed = [event.day for event in deal.recorded
                  if event.kind == 'meeting' and event.day > as_of >= event.recorded_day]
        return {
            'deal_id': deal.deal_id, 'name': deal.name, 'owner': found.owner, 'team': deal.team,
            'pipeline': deal.pipeline, 'stage': found.stage, 'amount': money(found.amount),
            'created_at': text_of_day(deal.created), 'close_date': text_of_day(found.close_date),
            'age_days': as_of - deal.created,
            'days_in_stage': as_of - (stage_days[-1] if stage_days else deal.created),
            'last_progress_at': text_of_day(found.last_progress),
            'days_without_progress': as_of - found.last_progress, 'idle_limit_days': found.idle_limit,
            'last_touch_at': text_of_day(found.last_touch), 'days_untouched': as_of - found.last_touch,
            'meetings': found.meetings if self.shows_meetings(as_of) else None,
            'next_meeting_at': text_of_day(min(agreed) if agreed else None),
            'pushes': found.pushes if self.shows_pushes else None, 'verdict': found.verdict,
            'stalled': None if found.verdict == 'unjudged' else int(found.stalled),
            'stalled_since': text_of_day(self.stalled_since(deal, as_of)),
            'stalls_on': text_of_day(self.stalls_on(deal, as_of, found)), 'reasons': ','.join(found.reasons),
            'forecast_category': found.forecast}

    def shows_meetings(self, day):
        return self.meetings_since is not None and self.meetings_since <= day

    def stalled_since(self, deal, as_of):
        since = None
        day = as_of
        while deal.open(day) and self.assess(deal, day).stalled:
            since = day
            day -= 1
        return since

    def stalls_on(self, deal, as_of, found):
        """The first later day on which a rule holds, day by day, with all that the deal has by as_of."""
        rules = [(self.untouched, self.touches_since is not None), (self.no_progress, self.progress_since is not None),
                 (self.no_second_meeting, self.lacks_meetings(deal, found))]
        rules = [rule for rule, can_hold in rules if can_hold]
        if found.stalled or not rules:
            return None
        day = as_of + 1
        while day <= LAST_DAY and not any(rule(deal, day, found) for rule in rules):
            day += 1
        return day if day <= LAST_DAY else None

    def pipeline_integrity(self, as_of, scope='all'):
        self.need_one_currency()
        groups = {None: []} if scope == 'all' else {}
        for deal in self.deals:
            if deal.open(as_of):
                groups.setdefault(self.group(deal, as_of, scope), []).append(self.assess(deal, as_of))
        return [self.integrity_row(name, groups[name]) for name in sorted(groups, key=name_order)]

    def integrity_row(self, name, assessments):
        open_amount = total(each.amount for each in assessments)
        row = {'name': name, 'open_deals': len(assessments), 'open_amount': money(open_amount)}
        for verdict in VERDICTS:
            of_verdict = [each.amount for each in assessments if each.verdict == verdict]
            row[verdict + '_deals'] = len(of_verdict)
            row[verdict + '_amount'] = money(total(of_verdict))
        real = [each.amount for each in assessments if each.real]
        row['real_deals'] = len(real)
        row['real_amount'] = money(total(real))
        judged = [each.amount for each in assessments if each.verdict != 'unjudged']
        row['integrity'] = ratio(total(real), total(judged))
        row['integrity_by_count'] = ratio(len(real), len(judged))
        for reason in ('overdue', 'pushed', 'ghosted', 'parked', 'aged'):
            row[reason + '_deals'] = len([each for each in assessments if reason in each.reasons])
        row['pushed_deals'] = row['pushed_deals'] if self.shows_pushes else None
        row['ghosted_deals'] = row['ghosted_deals'] if self.shows_reaching else None
        row['excluded_deals'] = self.excluded_deals
        return row

    # -- real_coverage ------------------------------------------------------------------------------------------------

    def quota_groups(self, scope):
        """{(name, period_start, period_end): quota}"""
        periods = sorted({quota[:2] for quota in self.quotas})
        result = {}
        for period in periods:
            rows = [quota[2:] for quota in self.quotas if quota[:2] == period]
            if scope == 'all':
                candidates = {None: [[amount for owner, team, amount in rows if owner is None and team is None],
                                     [amount for owner, team, amount in rows if owner is not None],
                                     [amount for owner, team, amount in rows if team is not None]]}
            elif scope == 'team':
                candidates = {name: [[amount for owner, team, amount in rows if team == name and owner is None],
                                     [amount for owner, team, amount in rows if team == name]]
                              for name in {team for owner, team, amount in rows if team is not None}}
            else:
                candidates = {name: [[amount for owner, team, amount in rows if owner == name]]
                              for name in {owner for owner, team, amount in rows if owner is not None}}
            for name, choices in candidates.items():
                chosen = next((choice for choice in choices if choice), None)
                if chosen is not None:
                    result[(name,) + period] = total(chosen)
        return result

    def ordered_quotas(self, scope):
        quotas = self.quota_groups(scope)
        for key in sorted(quotas, key=lambda key: (name_order(key[0]), key[1], key[2])):
            yield key, quotas[key]

    def won_amount(self, known_on, scope, name, first, last):
        """Won from first to last in the group that had the deal on its closing day."""
        return total(self.closing_amount(deal) for deal in self.deals
                     if deal.outcome == 'won' and deal.visible(known_on) and first <= deal.closing_day <= last
                     and self.group(deal, deal.closing_day, scope) == name)

    def claimed(self, day, scope, name, start, end):
        """The assessments of the deals claimed for a period."""
        result = []
        for deal in self.deals:
            if not deal.open(day) or self.group(deal, day, scope) != name:
                continue
            found = self.assess(deal, day)
            if self.is_claimed(found, day, start, end):
                result.append(found)
        return result

    @staticmethod
    def is_claimed(found, day, start, end):
        if found.close_date is None:
            return False
        return start <= found.close_date <= end or (start <= day <= end and found.close_date < day)

    def earlier_periods(self, as_of, start, end):
        """The last lookback_periods periods of the same length that ended before as_of and count."""
        if self.progress_since is None:
            return []
        first_day = max(self.first_created, self.progress_since)
        result = []
        moved = 0
        while len(result) < self.policy['lookback_periods']:
            moved += 1
            period = self.moved_back(start, end, moved)
            if period is None or period[0] < first_day:
                break
            if period[1] < as_of:
                result.append(period)
        return result

    @staticmethod
    def moved_back(start, end, times):
        first, last = date_of_day(start), date_of_day(end)
        if first.day == 1 and is_last_of_month(end):
            months = ((last.year - first.year) * 12 + last.month - first.month + 1) * times
            new_start = first_of_month(first.year, first.month - months)
            if new_start is None:
                return None
            return new_start, last_of_month(last.year, last.month - months)
        length = (end - start + 1) * times
        return None if start - length < FIRST_DAY else (start - length, end - length)

    def required_coverage(self, as_of, scope, name, start, end):
        """(claimed, real) coverage that the group's own history asks for, exact."""
        claimed = real = won = 0
        for earlier_start, earlier_end in self.earlier_periods(as_of, start, end):
            day = min(earlier_start + as_of - start, earlier_end)
            then = self.claimed(day, scope, name, earlier_start, earlier_end)
            claimed += sum(each.amount for each in then)
            real += sum(each.amount for each in then if each.real)
            won += self.won_amount(as_of, scope, name, max(day + 1, earlier_start), earlier_end)
        if won <= 0:
            return Fraction(self.policy['target_coverage']), Fraction(self.policy['target_coverage'])
        return Fraction(claimed, won), Fraction(real, won)

    def coverage(self, as_of, scope, name, start, end, quota):
        """The figures of a row of real_coverage, money in units and exact."""
        claimed = self.claimed(as_of, scope, name, start, end)
        won = self.won_amount(as_of, scope, name, start, min(as_of, end))
        figures = {'won': won, 'remaining': max(quota - won, 0), 'claimed_deals': len(claimed),
                   'claimed': total(each.amount for each in claimed),
                   'overdue': total(each.amount for each in claimed if each.close_date < as_of),
                   'real_deals': len([each for each in claimed if each.real]),
                   'real': total(each.amount for each in claimed if each.real),
                   'unjudged_deals': len([each for each in claimed if each.verdict == 'unjudged']),
                   'unjudged': total(each.amount for each in claimed if each.verdict == 'unjudged')}
        outcome = self.outcome(as_of, scope, name, start, end, quota)
        figures['expected'], figures['hit_probability'] = outcome.expected, outcome.hit
        figures['open_expected'], figures['outcome'] = outcome.open, outcome
        return figures

    def real_coverage(self, as_of, scope='all'):
        self.need_one_currency()
        rows = []
        for (name, start, end), quota in self.ordered_quotas(scope):
            if end >= as_of:
                figures = self.coverage(as_of, scope, name, start, end, quota)
                required = self.required_coverage(as_of, scope, name, start, end)
                rows.append(self.coverage_row(name, start, end, quota, figures, required))
        return rows

    def coverage_row(self, name, start, end, quota, figures, required):
        remaining, claimed, real = figures['remaining'], figures['claimed'], figures['real']
        unjudged = figures['unjudged']
        needed = max(round_half_away(required[1] * remaining) - real, 0)
        return {
            'name': name, 'period_start': text_of_day(start), 'period_end': text_of_day(end), 'quota': money(quota),
            'won_amount': money(figures['won']), 'remaining': money(remaining),
            'claimed_deals': figures['claimed_deals'], 'claimed_amount': money(claimed),
            'claimed_coverage': ratio(claimed, remaining), 'overdue_amount': money(figures['overdue']),
            'real_deals': figures['real_deals'], 'real_amount': money(real),
            'unjudged_deals': figures['unjudged_deals'], 'unjudged_amount': money(unjudged),
            'real_coverage': ratio(real, remaining), 'false_confidence': money(claimed - real - unjudged),
            'required_claimed_coverage': float(required[0]), 'required_real_coverage': float(required[1]),
            'needed_amount': money(needed), 'expected_amount': number_or_none(money(figures['expected'])),
            'hit_probability': figures['hit_probability'],
            'verdict': coverage_verdict(remaining, claimed, real, unjudged, required),
            'excluded_deals': self.excluded_deals}

    # -- pipeline_flow ------------------------------------------------------------------------------------------------

    def pipeline_flow(self, from_day, to_day, scope='all', close_from=None, close_to=None):
        self.need_one_currency()
        if from_day > to_day or (close_from is None) != (close_to is None):
            raise SourceError('from_day is after to_day, or half a close window')
        groups = {}

        def add(name, column, amount):
            group = groups.setdefault(name, dict.fromkeys(COLUMNS['pipeline_flow'][1:], 0))
            group[column] += amount

        def in_window(deal, day):
            close_date = deal.value('close_date', day)
            return close_from is None or (close_date is not None and close_from <= close_date <= close_to)
        if scope == 'all':
            add(None, 'starting_deals', 0)
        for deal in self.deals:
            self.flow_of_deal(deal, from_day, to_day, scope, in_window, add)
            if deal.won(to_day) and from_day < deal.closing_day and in_window(deal, deal.closing_day):
                day = deal.closing_day - 1 if scope == 'stage' else deal.closing_day
                add(self.group(deal, day, scope), 'closed_won_amount', self.closing_amount(deal))
        rows = []
        for name in sorted(groups, key=name_order):
            row = {'name': name}
            for column in COLUMNS['pipeline_flow'][1:]:
                value = groups[name][column]
                row[column] = money(total([value])) if column.endswith('_amount') else value
            rows.append(row)
        return rows

    def flow_of_deal(self, deal, from_day, to_day, scope, in_window, add):
        started = deal.open(from_day) and in_window(deal, from_day)
        ended = deal.open(to_day) and in_window(deal, to_day)
        before = self.assess(deal, from_day) if started else None
        after = self.assess(deal, to_day) if ended else None
        old_name, new_name = self.group(deal, from_day, scope), self.group(deal, to_day, scope)
        if started:
            add(old_name, 'starting_deals', 1)
            add(old_name, 'starting_amount', before.amount)
        if ended:
            add(new_name, 'ending_deals', 1)
            add(new_name, 'ending_amount', after.amount)
        if started and ended:
            if old_name != new_name:
                add(old_name, 'transferred_out_amount', before.amount)
                add(new_name, 'transferred_in_amount', before.amount)
            revalued = self.converted(deal, deal.value('amount', from_day), to_day)
            add(new_name, 'revalued_amount', revalued - before.amount)
            add(new_name, 'increased_amount', max(after.amount - revalued, 0))
            add(new_name, 'decreased_amount', max(revalued - after.amount, 0))
        elif started and deal.open(to_day):
            add(old_name, 'pushed_out_amount', before.amount)
        elif started:
            add(old_name, deal.outcome + '_amount', before.amount)
        elif ended:
            add(new_name, 'pulled_in_amount' if deal.open(from_day) else 'created_amount', after.amount)
        if ended and after.stalled and not (started and before.stalled):
            add(new_name, 'became_stalled_amount', after.amount)
        if ended and not after.stalled and started and before.stalled:
            add(new_name, 'recovered_amount', after.amount)

    # -- pipeline_calendar --------------------------------------------------------------------------------------------

    def pipeline_calendar(self, first_day, last_day, step='month'):
        return [{'day': text_of_day(min(end, last_day)), 'period_start': text_of_day(start),
                 'period_end': text_of_day(end), 'label': label}
                for start, end, label in periods_of(first_day, last_day, step,
                                                    self.policy['fiscal_year_start_month'])]

    # -- functions -----------------------------------------------------------------------------------------------------

    def pipeline_workdays(self, first, last, weekend='0000011'):
        """NETWORKDAYS.INTL: the working days of both ends and between, negative backwards; holidays of everybody."""
        days = range(min(first, last), max(first, last) + 1)
        holidays = self.holidays.get(None, ())
        count = len([day for day in days if weekend[(day + 3) % 7] == '0' and day not in holidays])
        return count if first <= last else -count

    # -- looking back -------------------------------------------------------------------------------------------------

    def verdict_backtest(self, as_of):
        self.need_one_currency()
        rows = []
        for verdict in VERDICTS:
            deals = [deal for deal in self.deals if deal.open(as_of) and self.assess(deal, as_of).verdict == verdict]
            if not deals:
                continue
            won = [deal for deal in deals if deal.outcome == 'won']
            lost = [deal for deal in deals if deal.outcome == 'lost']
            rows.append({
                'verdict': verdict, 'deals': len(deals),
                'amount': money(total(self.assess(deal, as_of).amount for deal in deals)),
                'won_deals': len(won), 'lost_deals': len(lost), 'open_deals': len(deals) - len(won) - len(lost),
                'won_amount': money(total(self.closing_amount(deal) for deal in won)),
                'won_share': ratio(len(won), len(won) + len(lost)),
                'lost_share': ratio(len(lost), len(won) + len(lost))})
        return rows

    def coverage_backtest(self, as_of, scope='all', lead_days=21):
        self.need_one_currency()
        rows = []
        for (name, start, end), quota in self.ordered_quotas(scope):
            if end > as_of:
                continue
            figures = self.coverage(min(start + lead_days, end), scope, name, start, end, quota)
            outcome = figures['outcome']
            attained = self.won_amount(as_of, scope, name, start, end)
            rows.append({
                'name': name, 'period_start': text_of_day(start), 'period_end': text_of_day(end),
                'quota': money(quota), 'claimed_coverage': ratio(figures['claimed'], figures['remaining']),
                'real_coverage': ratio(figures['real'], figures['remaining']),
                'expected_amount': number_or_none(money(outcome.expected)), 'p10': money(outcome.p10),
                'p50': money(outcome.p50), 'p90': money(outcome.p90), 'hit_probability': outcome.hit,
                'attained_amount': money(attained), 'attainment': ratio(attained, quota), 'hit': int(attained >= quota),
                'within': None if outcome.p10 is None else int(outcome.p10 <= attained <= outcome.p90)})
        return rows

def coverage_verdict(remaining, claimed, real, unjudged, required):
    if remaining == 0:
        return 'hit'
    if required[1] == 0:
        return 'too_early'
    if Fraction(real, remaining) >= required[1]:
        return 'covered'
    if Fraction(real + unjudged, remaining) >= required[1]:
        return 'unknown'
    if Fraction(claimed, remaining) >= required[0]:
        return 'false_confidence'
    return 'short'
