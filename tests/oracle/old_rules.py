"""The oracle by the rules before evidence: no day is unjudged, dates move with the zone, an unreadable quota is 0.

For compare.py --rules old, as long as a library of those rules is to be compared; nothing else uses it.
"""

import oracle
from values import FIRST_DAY, read_date, read_money


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
