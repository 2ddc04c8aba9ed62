"""The tables about single changes, forecast categories, deals opened together, and what-if questions."""

from fractions import Fraction

from values import (UNIT, SourceError, money, name_order, number_or_none, periods_of, ratio,
                    text_of_day, total, wilson)

CHANGES = ('created', 'won', 'lost', 'stage', 'amount', 'close_date', 'owner', 'forecast', 'became_stalled',
           'recovered')
CATEGORIES = ('omitted', 'pipeline', 'best_case', 'most_likely', 'commit')
AGES = (30, 60, 90, 180, None)


def folded(category):
    """One of CATEGORIES, None for no category and for another text."""
    letters = ''.join(each for each in (category or '').lower() if each not in ' _-')
    if letters == 'forecast':
        return 'commit'
    return next((each for each in CATEGORIES if each.replace('_', '') == letters), None)


def category_order(category):
    return -1 if category is None else CATEGORIES.index(category)


class Movement:
    """Part of the Database."""

    # -- pipeline_changes ---------------------------------------------------------------------------------------------

    def pipeline_changes(self, from_day, to_day):
        if from_day > to_day:
            raise SourceError('from_day is after to_day')
        rows = []
        for day in range(from_day + 1, to_day + 1):
            for deal in self.deals:
                if deal.visible(day):
                    rows += [self.change_row(deal, day, *change) for change in self.changes_on(deal, day)]
        return rows

    def changes_on(self, deal, day):
        """(change, old value, new value) of a deal on a day, in the order of CHANGES."""
        result = []
        if day == deal.created:
            result.append(('created', None, None))
        if deal.closing_day is not None and day == max(deal.closing_day, deal.created):
            result.append((deal.outcome, None, None))
        if deal.closing_day is None or day <= deal.closing_day:
            for field in CHANGES[3:8]:
                result += self.field_changes(deal, field, day)
        if deal.open(day):
            verdict, stalled = self.assess(deal, day).verdict, self.assess(deal, day).stalled
            before = self.assess(deal, day - 1) if deal.open(day - 1) else None
            was_stalled = before is not None and before.stalled
            old = None if before is None else before.verdict
            if stalled and not was_stalled:
                result.append(('became_stalled', old, verdict))
            if was_stalled and not stalled:
                result.append(('recovered', old, verdict))
        return result

    def field_changes(self, deal, field, day):
        result = []
        held = deal.initial(field)
        for event in deal.changes[field]:
            if event.day == day and event.new_value != held:
                values = (held, event.new_value)
                if field == 'amount':
                    values = tuple(money(self.converted(deal, units, day)) for units in values)
                elif field == 'close_date':
                    values = tuple(text_of_day(each) for each in values)
                result.append((field,) + values)
            held = event.new_value
        return result

    def change_row(self, deal, day, change, old_value, new_value):
        found = self.assess(deal, day)
        return {'day': text_of_day(day), 'deal_id': deal.deal_id, 'name': deal.name, 'owner': found.owner,
                'team': deal.team, 'change': change, 'old_value': old_value, 'new_value': new_value,
                'amount': money(found.amount), 'verdict': found.verdict if deal.open(day) else None}

    # -- forecast categories ------------------------------------------------------------------------------------------

    def by_category(self, assessments):
        groups = {}
        for found in assessments:
            groups.setdefault(folded(found.forecast), []).append(found)
        return groups

    def pipeline_commit(self, as_of, scope='all'):
        self.need_one_currency()
        rows = []
        for name, start, end in (key for key, _ in self.ordered_quotas(scope)):
            if end < as_of:
                continue
            groups = self.by_category(self.claimed(as_of, scope, name, start, end))
            for category in sorted(groups, key=category_order):
                rows.append(self.commit_row(as_of, name, start, end, category, groups[category]))
        return rows

    def commit_row(self, as_of, name, start, end, category, claimed):
        row = {'name': name, 'period_start': text_of_day(start), 'period_end': text_of_day(end), 'category': category,
               'deals': len(claimed), 'amount': money(total(each.amount for each in claimed)),
               'real_amount': money(total(each.amount for each in claimed if each.real))}
        for verdict in ('unproven', 'stalled', 'dead', 'unjudged'):
            row[verdict + '_amount'] = money(total(each.amount for each in claimed if each.verdict == verdict))
        row['overdue_amount'] = money(total(each.amount for each in claimed if each.close_date < as_of))
        row['at_risk_amount'] = money(total(each.amount for each in claimed if each.stalled))
        chances = [(each.amount, self.chance(each.deal, as_of, end - as_of).chance) for each in claimed]
        known = all(chance is not None for _, chance in chances)
        row['expected_amount'] = money(sum(amount * chance for amount, chance in chances)) if known else None
        return row

    def commit_backtest(self, as_of, scope='all', lead_days=21):
        self.need_one_currency()
        if not self.shows_forecasts:
            return []
        rows = []
        for name, start, end in (key for key, _ in self.ordered_quotas(scope)):
            if end > as_of:
                continue
            day = min(start + lead_days, end)
            claimed = self.claimed(day, scope, name, start, end)
            groups = self.by_category(claimed)
            bluebirds = self.bluebirds(day, scope, name, start, end)
            if bluebirds:
                groups.setdefault(None, [])
            for category in sorted(groups, key=category_order):
                row = self.commit_backtest_row(name, start, end, category, groups[category])
                if category is None:
                    row['bluebird_amount'] = money(total(self.closing_amount(deal) for deal in bluebirds))
                rows.append(row)
        return rows

    def bluebirds(self, day, scope, name, start, end):
        """Deals won after the day in the period that nobody claimed for it."""
        result = []
        for deal in self.deals:
            if deal.outcome != 'won' or not deal.visible(end) or not day < deal.closing_day <= end:
                continue
            if self.group(deal, deal.closing_day, scope) != name:
                continue
            if not deal.open(day) or not self.is_claimed(self.assess(deal, day), day, start, end):
                result.append(deal)
        return result

    def commit_backtest_row(self, name, start, end, category, claimed):
        won = [each for each in claimed if each.deal.won(end)]
        lost = [each for each in claimed if each.deal.lost(end)]
        slipped = [each for each in claimed if each.deal.open(end)]
        conversion = ratio(len(won), len(claimed))
        low, high = wilson(conversion, len(claimed))
        return {'name': name, 'period_start': text_of_day(start), 'period_end': text_of_day(end), 'category': category,
                'deals': len(claimed), 'amount': money(total(each.amount for each in claimed)),
                'won_deals': len(won), 'won_amount': money(total(self.closing_amount(each.deal) for each in won)),
                'slipped_deals': len(slipped), 'slipped_amount': money(total(each.amount for each in slipped)),
                'lost_deals': len(lost), 'lost_amount': money(total(each.amount for each in lost)),
                'conversion': conversion, 'low': low, 'high': high, 'bluebird_amount': None}

    # -- pipeline_cohort ----------------------------------------------------------------------------------------------

    def pipeline_cohort(self, from_day, to_day, step='month', scope='all'):
        self.need_one_currency()
        if from_day > to_day:
            raise SourceError('from_day is after to_day')
        groups = {}
        for start, end, _ in periods_of(from_day, to_day, step, self.policy['fiscal_year_start_month']):
            for deal in self.deals:
                if max(start, from_day) <= deal.created <= min(end, to_day):
                    groups.setdefault((self.group(deal, deal.created, scope), start, end), []).append(deal)
        rows = []
        for key in sorted(groups, key=lambda key: (name_order(key[0]), key[1])):
            rows += [self.cohort_row(key, groups[key], age, to_day) for age in AGES]
        return rows

    def cohort_row(self, key, deals, age, to_day):
        def last(deal):
            return to_day if age is None else min(deal.created + age, to_day)
        pending = [deal for deal in deals if age is not None and to_day - deal.created < age and deal.open(to_day)]
        won = [deal for deal in deals if deal.won(last(deal))]
        lost = [deal for deal in deals if deal.lost(last(deal))]
        met = [deal for deal in deals if len([day for day in deal.meeting_days if day <= last(deal)]) >= 2]
        return {'name': key[0], 'period_start': text_of_day(key[1]), 'period_end': text_of_day(key[2]),
                'within_days': age, 'created_deals': len(deals),
                'created_amount': money(total(self.amount(deal, deal.created) for deal in deals)),
                'pending_deals': len(pending), 'second_meeting_deals': len(met), 'won_deals': len(won),
                'lost_deals': len(lost), 'open_deals': len(deals) - len(won) - len(lost) - len(pending)}

    # -- pipeline_what_if ---------------------------------------------------------------------------------------------

    def pipeline_what_if(self, as_of, scope='all', second_meeting_rate=None, win_share=None, average_amount=None,
                         cycle_days=None, revived_share=None):
        self.need_one_currency()
        given = {'share': fraction(second_meeting_rate), 'win_share': fraction(win_share),
                 'average': None if average_amount is None else fraction(average_amount) * UNIT,
                 'cycle': fraction(cycle_days)}
        given = {name: value for name, value in given.items() if value is not None}
        rows = []
        for (name, start, end), quota in self.ordered_quotas(scope):
            if start <= as_of <= end:
                figures = self.coverage(as_of, scope, name, start, end, quota)
                measured = self.opening_figures(as_of, scope, name, start, end, figures)
                now = self.outcome(as_of, scope, name, start, end, quota)
                then = now if revived_share is None else self.outcome(
                    as_of, scope, name, start, end, quota, self.revived(revived_share, as_of, end))
                changed = self.opening_figures(as_of, scope, name, start, end, dict(figures, open_expected=then.open),
                                               **given)
                rows.append(what_if_row(name, start, end, measured, changed, now, then))
        return rows

    def revived(self, share, as_of, end):
        """The chances with that share of the stalled given the class chance of progressing deals of their stage."""
        ladder = self.ladder(as_of, end - as_of)

        def changed(found, chance):
            if not found.stalled:
                return chance
            return (1 - share) * chance + share * ladder.climb(('progressing', found.stage))[1]
        return changed


def fraction(value):
    return None if value is None else Fraction(value).limit_denominator(10 ** 6)


def what_if_row(name, start, end, measured, changed, now, then):
    needed, needed_then = measured['needed'], changed['needed']
    return {'name': name, 'period_start': text_of_day(start), 'period_end': text_of_day(end),
            'needed_deals': needed, 'needed_deals_then': needed_then,
            'needed_per_week': number_or_none(measured['needed_per_week']),
            'needed_per_week_then': number_or_none(changed['needed_per_week']),
            'expected_amount': money(now.expected), 'expected_amount_then': money(then.expected),
            'hit_probability': now.hit, 'hit_probability_then': then.hit,
            'first_meetings_saved': None if needed is None or needed_then is None else needed - needed_then}


