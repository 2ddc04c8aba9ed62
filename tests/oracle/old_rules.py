"""The oracle by the rules before evidence: no day is unjudged, dates move with the zone, an unreadable quota is 0.

For compare.py --rules old, as long as a library of those rules is to be compared; nothing else uses it.
"""

from fractions import Fraction

import oracle
from values import FIRST_DAY, read_date, read_money


class Outcome:
    expected = hit = open = p10 = p50 = p90 = None


class OldRules(oracle.Database):
    def __init__(self, connection):
        self.first_meeting_day = None
        super().__init__(connection)

    def day(self, value, is_date=False):
        return super().day(value)

    def is_bad(self, value, is_date=False):
        return super().is_bad(value)

    def read_event(self, row):
        at = read_date(row['at'], self.zone)
        if at is not None and (self.text(row['kind']) or '').lower() == 'meeting':
            self.first_meeting_day = at[1] if self.first_meeting_day is None else min(self.first_meeting_day, at[1])
        return super().read_event(row)

    def read_deal(self, row, taken, events):
        if super().is_bad(row['closed_at']):
            return None
        return super().read_deal(row, taken, events)

    def find_data_until(self, usable):
        return None

    def own_stage_of_closed(self, row):
        return False

    def rows(self, relation):
        result = super().rows(relation)
        if relation == 'pipeline_quota':
            for row in result:
                row['amount'] = row['amount'] if read_money(row['amount']) is not None else 0
        return result

    def set_evidence(self):
        self.touches_since = self.progress_since = FIRST_DAY
        self.meetings_since = self.first_meeting_day
        self.shows_pushes = self.shows_reaching = self.shows_forecasts = True

    def lacks_meetings(self, deal, found):
        return self.shows_meetings(found.day) and found.meetings < self.policy['min_meetings']

    def untouched(self, deal, day, found):
        return day - found.last_touch >= self.policy['untouched_days']

    def no_progress(self, deal, day, found):
        return day - found.last_progress > found.idle_limit

    def deal_stalled_row(self, deal, as_of, found):
        return dict(super().deal_stalled_row(deal, as_of, found), meetings=found.meetings)

    def coverage_row(self, name, start, end, quota, figures, required):
        row = super().coverage_row(name, start, end, quota, figures, required)
        if row['verdict'] == 'too_early':
            row['verdict'] = 'covered'
        return row

    def expectation(self, as_of, claimed, remaining, horizon):
        """(expected amount in units, probability to reach remaining), exact and float; None when not known."""
        chances = []
        for found in claimed:
            rate = self.deal_win_rate(found, as_of, horizon)
            if rate is None:
                return None, None
            chances.append((found.amount, rate))
        return sum((amount * rate for amount, rate in chances), Fraction(0)), hit_probability(chances, remaining)

    def outcome(self, *arguments):
        return Outcome()

    def coverage(self, as_of, scope, name, start, end, quota):
        figures = super().coverage(as_of, scope, name, start, end, quota)
        figures['expected'], figures['hit_probability'] = self.expectation(
            as_of, self.claimed(as_of, scope, name, start, end), figures['remaining'], end - as_of)
        figures['open_expected'] = figures['expected']
        figures['outcome'].hit = figures['hit_probability']
        return figures

    def deal_win_rate(self, found, as_of, horizon):
        counts = self.class_counts(as_of, horizon)
        own = counts.get(('stage_verdict', found.stage, found.verdict))
        if own is not None and len(own[0]) >= self.policy['min_class_deals']:
            return Fraction(own[2], own[1])
        for key in (('verdict', None, found.verdict), ('all', None, None)):
            if key in counts:
                return Fraction(counts[key][2], counts[key][1])
        return None


def sum_distribution(chances):
    """{sum of the won amounts: probability}"""
    distribution = {0: 1.0}
    for amount, rate in chances:
        following = {}
        for reached, probability in distribution.items():
            for gained, chance in ((amount, float(rate)), (0, 1 - float(rate))):
                if chance > 0:
                    following[reached + gained] = following.get(reached + gained, 0.0) + probability * chance
        distribution = following
    return distribution


def hit_probability(chances, remaining):
    """The probability that the won amounts reach remaining: every subset of each half, then every pair of sums."""
    half = len(chances) // 2
    first = sorted(sum_distribution(chances[:half]).items())
    second = sorted(sum_distribution(chances[half:]).items(), reverse=True)
    result = at_least = 0.0
    place = 0
    for reached, probability in first:
        while place < len(second) and reached + second[place][0] >= remaining:
            at_least += second[place][1]
            place += 1
        result += probability * at_least
    return result
