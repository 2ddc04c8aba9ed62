"""Opening and the conversation (section 8): conversation_effectiveness and pipeline_opening."""

import math
from fractions import Fraction

from values import (MEDIAN, SourceError, money, name_order, number_or_none, quantile, ratio, round_half_away,
                    text_of_day, total, wilson)


class Opening:
    """Part of the Database."""

    def conversation_effectiveness(self, from_day, to_day, scope='all'):
        self.need_one_currency()
        if from_day > to_day:
            raise SourceError('from_day is after to_day')
        groups = {None: []} if scope == 'all' else {}
        for deal in self.deals:
            if deal.visible(to_day) and deal.meeting_days and from_day <= deal.meeting_days[0] <= to_day:
                groups.setdefault(self.group(deal, deal.meeting_days[0], scope), []).append(deal)
        return [self.conversation_row(name, groups[name], to_day) for name in sorted(groups, key=name_order)]

    def conversation_row(self, name, deals, to_day):
        within = self.policy['second_meeting_days']
        days_to_second, pending = [], 0
        for deal in deals:
            first = deal.meeting_days[0]
            later = [day for day in deal.meeting_days[1:] if day <= to_day]
            if later and self.workdays(first, later[0], deal.team) <= within:
                days_to_second.append(later[0] - first)
            elif not later and self.workdays(first, to_day, deal.team) < within:
                pending += 1
        decided = len(deals) - pending
        rate = ratio(len(days_to_second), decided)
        low, high = wilson(rate, decided)
        won = [deal for deal in deals if deal.won(to_day)]
        return {'name': name, 'first_meetings': len(deals), 'second_meetings': len(days_to_second),
                'pending': pending, 'second_meeting_rate': rate, 'low': low, 'high': high,
                'median_days_to_second': number_or_none(quantile(days_to_second, MEDIAN)),
                'won_deals': len(won), 'lost_deals': len([deal for deal in deals if deal.lost(to_day)]),
                'won_amount': money(total(self.closing_amount(deal) for deal in won))}

    def group_so_far(self, deal, as_of, scope):
        """The group on as_of, of a closed deal that of its closing day."""
        return self.group(deal, deal.closing_day if deal.closed(as_of) else as_of, scope)

    def proven(self, deal):
        within = self.policy['second_meeting_days']
        return len([each for each in deal.meeting_days
                    if self.workdays(deal.created, each, deal.team) <= within]) >= self.policy['min_meetings']

    def deals_of_year(self, as_of, scope, name):
        """The group's deals created in the year whose deals have had second_meeting_days by as_of."""
        result = []
        for deal in self.deals:
            if self.group_so_far(deal, as_of, scope) == name:
                last = self.remember(('last of year', as_of, deal.team), lambda: self.day_before_workdays(
                    as_of, self.policy['second_meeting_days'], deal.team))
                if last - 365 < deal.created <= last:
                    result.append(deal)
        return result

    def proven_share(self, deals):
        return None if not deals else Fraction(len([deal for deal in deals if self.proven(deal)]), len(deals))

    def target_rate(self, as_of):
        if self.policy['target_second_meeting_rate'] is not None:
            return Fraction(self.policy['target_second_meeting_rate']).limit_denominator(10 ** 6)
        owners = {self.group_so_far(deal, as_of, 'owner') for deal in self.deals} - {None}
        deals = [self.deals_of_year(as_of, 'owner', owner) for owner in owners]
        return quantile([self.proven_share(each) for each in deals if len(each) >= 5], Fraction(3, 4))

    def pipeline_opening(self, as_of, scope='all'):
        self.need_one_currency()
        rows = []
        for (name, start, end), quota in self.ordered_quotas(scope):
            if start <= as_of <= end:
                figures = self.coverage(as_of, scope, name, start, end, quota)
                rows.append(self.opening_row(as_of, scope, name, start, end, figures))
        return rows

    def opening_figures(self, as_of, scope, name, start, end, figures, **given):
        """What is needed, exact and in units; `given` takes the place of what is measured."""
        expected = figures['open_expected']
        gap = None if expected is None else total([max(round_half_away(Fraction(figures['remaining'] - expected)), 0)])
        deals = self.deals_of_year(as_of, scope, name)
        shown = self.shows_meetings(as_of) or self.policy['min_meetings'] == 0
        closed = [deal for deal in deals if self.proven(deal) and deal.closed(as_of)]
        won = [deal for deal in closed if deal.won(as_of)]
        found = {'gap': gap, 'share': self.proven_share(deals) if shown else None,
                 'win_share': Fraction(len(won), len(closed)) if closed else None,
                 'average': Fraction(total(self.closing_amount(deal) for deal in won), len(won)) if won else None,
                 'cycle': quantile([deal.closing_day - deal.created for deal in won], MEDIAN)}
        found.update(given)
        found['needed'] = needed_deals(gap, found['share'], found['win_share'], found['average'])
        found['needed_per_week'] = None
        if found['needed'] is not None and found['cycle'] is not None:
            found['needed_per_week'] = found['needed'] / max(1, Fraction(end - found['cycle'] - as_of) / 7)
        return found

    def opening_row(self, as_of, scope, name, start, end, figures):
        found = self.opening_figures(as_of, scope, name, start, end, figures)
        gap, share, needed = found['gap'], found['share'], found['needed']
        opened = len([deal for deal in self.deals
                      if start <= deal.created <= as_of and self.group_so_far(deal, as_of, scope) == name])
        target = self.target_rate(as_of)
        better = share if share is None or target is None else max(share, target)
        needed_at_target = needed_deals(gap, better, found['win_share'], found['average'])
        opened_per_week = opened / max(1, Fraction(as_of - start + 1, 7))
        saved = None if needed is None or needed_at_target is None else needed - needed_at_target
        return {
            'name': name, 'period_start': text_of_day(start), 'period_end': text_of_day(end),
            'remaining': money(figures['remaining']),
            'expected_amount': number_or_none(money(figures['open_expected'])),
            'gap_amount': money(gap), 'opened_deals': opened, 'proven_share': number_or_none(share),
            'win_share': number_or_none(found['win_share']),
            'average_won_amount': number_or_none(money(found['average'])),
            'cycle_days': number_or_none(found['cycle']), 'needed_deals': needed,
            'needed_deals_at_target': needed_at_target, 'first_meetings_saved': saved,
            'needed_per_week': number_or_none(found['needed_per_week']), 'opened_per_week': float(opened_per_week),
            'diagnosis': diagnosis(gap, share, target, opened_per_week, found['needed_per_week'])}


def needed_deals(gap, share, win_share, average):
    if gap is None:
        return None
    if gap == 0:
        return 0
    if share is None or win_share is None or average is None or share * win_share * average <= 0:
        return None
    return total([math.ceil(gap / (share * win_share * average))])


def diagnosis(gap, share, target, opened_per_week, needed_per_week):
    if gap is not None and gap == 0:
        return 'on_track'
    if share is not None and target is not None and share < target:
        return 'effectiveness'
    if gap is None or needed_per_week is None:
        return None
    return 'opening' if opened_per_week < needed_per_week else 'on_track'
