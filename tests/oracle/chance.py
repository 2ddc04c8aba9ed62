"""Win rates and the chance of a deal (section 6): classes, the ladder and its factors, counted over every deal-day."""

import math
from fractions import Fraction

from values import UNIT, money, name_order, wilson

VERDICTS = ('progressing', 'unproven', 'stalled', 'dead', 'unjudged')
WEIGHT = 50         # κ, the deals that a factor is worth before anything was counted
CLIP = 1e-6
RUNGS = 6
FACTORS = ('amount', 'owner', 'activity')


def band(count):
    """0 | 1 | 2-3 | 4-7 | ..."""
    return 0 if count <= 0 else count.bit_length()


def amount_band(units):
    """The floor of log2 of the amount, + 1; 0 for none; the amount is below 1 where it is negative."""
    if units <= 0:
        return 0
    result = 1
    amount = Fraction(units, UNIT)
    while amount >= 2:
        amount, result = amount / 2, result + 1
    while amount < 1:
        amount, result = amount * 2, result - 1
    return result


def odds(share):
    return share / (1 - share)


class Ladder:
    """What was counted on a day for a horizon."""

    def __init__(self, deals_needed):
        self.deals_needed = deals_needed
        self.cells = {}         # prefix of a key: [deal-days, won days, deals]
        self.bands = {}         # (factor, band): [deal-days, won days, deals, sum of chances]
        self.combined = {}      # (key, bands): [deal-days, won days, set of deals]

    def count(self, deal_id, key, bands, days, won):
        count = self.combined.setdefault((key, bands), [0, 0, set()])
        count[0] += days
        count[1] += won
        count[2].add(deal_id)

    def finish(self):
        for (key, _), (days, won, deals) in self.combined.items():
            for rungs in range(RUNGS + 1):
                add(self.cells, key[:rungs], days, won, deals)
        for (key, bands), (days, won, deals) in self.combined.items():
            expected = self.climb(key)[0] * days
            for factor, of_factor in zip(FACTORS, bands):
                add(self.bands, (factor, of_factor), days, won, deals)[3].append(expected)

    def climb(self, key):
        """(chance, class chance after two rungs, deals of the last rung), None without any deal-day."""
        if () not in self.cells:
            return None, None, 0
        days, won, deals = self.cells[()][:3]
        chance = of_class = won / days
        found = len(deals)
        for rungs in range(1, len(key) + 1):
            if key[:rungs] not in self.cells:
                break
            days, won, deals = self.cells[key[:rungs]][:3]
            found = len(deals)
            chance = (found * won / days + self.deals_needed * chance) / (found + self.deals_needed)
            if rungs <= 2:
                of_class = chance
        return chance, of_class, found

    def factor(self, factor, of_deal):
        if (factor, of_deal) not in self.bands:
            return 1.0
        days, won, deals, expected = self.bands[factor, of_deal]
        base = self.cells[()][1] / self.cells[()][0]
        if base in (0, 1):
            return 1.0
        rate = (len(deals) * won / days + WEIGHT * base) / (len(deals) + WEIGHT)
        ladder = (len(deals) * math.fsum(expected) / days + WEIGHT * base) / (len(deals) + WEIGHT)
        return odds(rate) / odds(ladder)


def add(cells, key, days, won, deals):
    cell = cells.setdefault(key, [0, 0, set(), []])
    cell[0] += days
    cell[1] += won
    cell[2] |= deals
    return cell


class Chance:
    """A deal's chance and what it is made of."""

    def __init__(self, ladder, key, bands):
        self.base, self.of_class, self.deals = ladder.climb(key)
        self.factors = [ladder.factor(factor, each) for factor, each in zip(FACTORS, bands)]
        self.chance = None
        if self.base is not None:
            result = odds(min(max(self.base, CLIP), 1 - CLIP))
            for factor in self.factors:
                result *= factor
            self.chance = result / (1 + result)


class Chances:
    """Part of the Database."""

    def went_back(self, deal, day):
        stage = deal.value('stage', day)
        rank = self.stage_row(deal, stage)[0]
        had = deal.stages_had(day)
        if rank is not None:
            ranks = [self.stage_row(deal, each)[0] for each in had]
            return int(any(each > rank for each in ranks if each is not None))
        left = [each for each, following in zip(had, had[1:]) if each != following]
        return int(stage is not None and stage in left)

    def features(self, deal, day):
        """(key of the ladder, bands of the factors) of an open deal."""
        return self.remember(('features', deal.deal_id, day), lambda: self.find_features(deal, day))

    def find_features(self, deal, day):
        found = self.assess(deal, day)
        entered = [event.day for event in deal.changes['stage'] if event.day <= day]
        key = (found.verdict, found.stage, self.went_back(deal, day), band(day - deal.created),
               band(day - found.last_progress), band(day - (entered[-1] if entered else deal.created)))
        activities = len([each for each in deal.activity_days if each <= day])
        return key, (amount_band(found.amount), found.owner, band(activities))

    def ladder(self, as_of, horizon):
        return self.remember(('ladder', as_of, horizon), lambda: self.count_ladder(as_of, horizon))

    def count_ladder(self, as_of, horizon):
        ladder = Ladder(self.policy['min_class_deals'])
        for deal in self.deals:
            days = {}
            for day in range(deal.created, as_of - horizon + 1):
                if not deal.open(day):
                    break
                won = deal.outcome == 'won' and day < deal.closing_day <= day + horizon
                count = days.setdefault(self.features(deal, day), [0, 0])
                count[0] += 1
                count[1] += won
            for (key, bands), (count, won) in days.items():
                ladder.count(deal.deal_id, key, bands, count, won)
        ladder.finish()
        return ladder

    def chance(self, deal, as_of, horizon):
        return self.remember(('chance', deal.deal_id, as_of, horizon),
                             lambda: Chance(self.ladder(as_of, horizon), *self.features(deal, as_of)))

    def deal_chance(self, as_of, horizon=90):
        rows = []
        for deal in self.deals:
            if deal.open(as_of):
                found, chance = self.assess(deal, as_of), self.chance(deal, as_of, horizon)
                expected = None if chance.chance is None else chance.chance * money(found.amount)
                rows.append({
                    'deal_id': deal.deal_id, 'name': deal.name, 'owner': found.owner, 'team': deal.team,
                    'stage': found.stage, 'verdict': found.verdict, 'amount': money(found.amount),
                    'chance': chance.chance, 'expected_amount': expected, 'class_chance': chance.of_class,
                    'deals': chance.deals, 'amount_factor': chance.factors[0], 'owner_factor': chance.factors[1],
                    'activity_factor': chance.factors[2]})
        return rows

    def class_counts(self, as_of, horizon):
        return self.remember(('classes', as_of, horizon), lambda: self.count_classes(as_of, horizon))

    def count_classes(self, as_of, horizon):
        """{class: [set of deals, deal days, won days]} walking every day of every deal."""
        counts = {}
        for deal in self.deals:
            for day in range(deal.created, as_of - horizon + 1):
                if not deal.open(day):
                    break
                won = deal.outcome == 'won' and day < deal.closing_day <= day + horizon
                found = self.assess(deal, day)
                for key in (('stage_verdict', found.stage, found.verdict), ('verdict', None, found.verdict),
                            ('all', None, None)):
                    count = counts.setdefault(key, [set(), 0, 0])
                    count[0].add(deal.deal_id)
                    count[1] += 1
                    count[2] += won
        return counts

    def win_rate(self, as_of, horizon=90):
        def order(key):
            kind, stage, verdict = key
            return (('stage_verdict', 'verdict', 'all').index(kind), name_order(stage),
                    VERDICTS.index(verdict) if verdict else 0)
        counts = self.class_counts(as_of, horizon)
        rows = []
        for key in sorted(counts, key=order):
            deals, deal_days, won_days = counts[key]
            low, high = wilson(won_days / deal_days, len(deals))
            rows.append({'class': key[0], 'stage': key[1], 'verdict': key[2], 'deals': len(deals),
                         'deal_days': deal_days, 'won_days': won_days, 'win_rate': won_days / deal_days,
                         'low': low, 'high': high, 'enough': int(len(deals) >= self.policy['min_class_deals'])})
        return rows
