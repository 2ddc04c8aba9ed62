"""The forecast of a period (section 6): what earlier periods teach, their shared luck, and the distribution."""

import math

import gamma
from values import money, text_of_day, total

PRIOR = 0.04


class Point:
    """A group on a day of a period: what is open, and what came (of an earlier period)."""


class Luck:
    """What the earlier periods teach about one group; money in units."""


class Outcome:
    """The distribution of what a group will have won; money in units as floats."""

    p10 = p50 = p90 = hit = None


def distribution(outcome, luck, point, shock, quota):
    """Fill in the quantiles and the chance to reach the quota: nothing more comes, or a gamma."""
    won, mean = point.won, luck.mean
    if mean <= 0:
        outcome.p10 = outcome.p50 = outcome.p90 = float(won)
        outcome.hit = float(quota <= won)
        return
    variance = luck.variance + shock * mean * mean
    rate = luck.new_count - sum(math.log1p(-min(luck.bias * chance, 0.999)) for chance in point.chances)
    exponent = rate if shock < 1e-9 else math.log1p(shock * rate) / shock
    some = max(-math.expm1(-exponent), mean * mean / (variance + mean * mean))     # 1 - p0, without cancellation
    nothing = 1 - some
    something = mean / some
    spread = max((variance + mean * mean) / some - something * something, 1e-9 * something * something)
    shape, scale = something * something / spread, spread / something

    def at(share):
        if share <= nothing:
            return float(won)
        return won + scale * gamma.inverse(shape, (share - nothing) / some)
    outcome.p10, outcome.p50, outcome.p90 = at(0.1), at(0.5), at(0.9)
    outcome.hit = 1.0 if quota <= won else some * gamma.upper(shape, (quota - won) / scale)


class Forecasts:
    """Part of the Database."""

    def learned_periods(self, as_of, start, end):
        """The last lookback_periods before it that are over and count, in order, each with the day it is judged on."""
        result = []
        moved = 0
        while len(result) < self.policy['lookback_periods']:
            moved += 1
            period = self.moved_back(start, end, moved)
            if period is None or period[0] - self.first_created < period[1] - period[0] + 1:
                break
            if period[1] < start and period[1] <= as_of:
                result.append(period + (min(period[0] + as_of - start, period[1]),))
        return result[::-1]

    def point(self, scope, name, start, end, as_of):
        return self.remember(('point', scope, name, start, end, as_of),
                             lambda: self.find_point(scope, name, start, end, as_of))

    def find_point(self, scope, name, start, end, as_of):
        point = Point()
        point.open = []         # (assessment, chance or None)
        for deal in self.deals:
            if deal.open(as_of) and self.group(deal, as_of, scope) == name:
                point.open.append((self.assess(deal, as_of), self.chance_in(deal, as_of, start, end)))
        point.known = all(chance is not None for _, chance in point.open)
        self.set_moments(point, [(found, chance) for found, chance in point.open if chance is not None])
        came = [deal for deal in self.deals if deal.outcome == 'won' and deal.visible(deal.closing_day)
                and max(as_of, start - 1) < deal.closing_day <= end and self.group(deal, deal.closing_day, scope) == name]
        new = [self.closing_amount(deal) for deal in came if deal.created > as_of]
        point.came_open = sum(self.closing_amount(deal) for deal in came if deal.created <= as_of)
        point.came_new, point.count_new = sum(new), len(new)
        point.won = self.won_amount(as_of, scope, name, start, min(as_of, end))
        point.severity = self.severity(scope, name, as_of)
        return point

    def chance_in(self, deal, as_of, start, end):
        """The chance to be won in the rest of the period; of one that has not begun, not before it begins."""
        chance = self.chance(deal, as_of, end - as_of).chance
        if chance is None or start - 1 <= as_of:
            return chance
        return max(chance - self.chance(deal, as_of, start - 1 - as_of).chance, 0.0)

    @staticmethod
    def set_moments(point, chances):
        point.chances = [chance for _, chance in chances]
        point.mean = math.fsum(chance * found.amount for found, chance in chances)
        point.variance = math.fsum(chance * (1 - chance) * found.amount ** 2 for found, chance in chances)

    def severity(self, scope, name, as_of):
        """Σ A² / Σ A of the group's wins, of all where it has fewer than 10."""
        wins = [deal for deal in self.deals if deal.won(as_of)]
        own = [deal for deal in wins if self.group(deal, deal.closing_day, scope) == name]
        amounts = [self.closing_amount(deal) for deal in (own if len(own) >= 10 else wins)]
        return sum(amount * amount for amount in amounts) / sum(amounts) if sum(amounts) > 0 else 0.0

    def groups_of_period(self, scope, start, end):
        return [name for name, *period in self.quota_groups(scope) if period == [start, end]]

    def learn(self, scope, start, end, as_of):
        """{group: Luck} from the periods before this one."""
        return self.remember(('learn', scope, start, end, as_of), lambda: self.find_luck(scope, start, end, as_of))

    def find_luck(self, scope, start, end, as_of):
        groups = self.remember(('groups', scope, start, end), lambda: self.groups_of_period(scope, start, end))
        return self.luck_of(groups, scope, start, end, as_of)

    def luck_of(self, groups, scope, start, end, as_of):
        before = self.learned_periods(as_of, start, end)
        points = {name: [self.point(scope, name, *each) for each in before] for name in groups}
        every = [point for of_group in points.values() for point in of_group]
        expected = math.fsum(point.mean for point in every)
        bias = 1.0
        if expected > 0:
            weight = 2 * expected / len(before)
            bias = (sum(point.came_open for point in every) + weight) / (expected + weight)
        result = {}
        for name in groups:
            now = self.point(scope, name, start, end, as_of)
            luck = result[name] = Luck()
            luck.periods, luck.bias = len(before), bias
            luck.new = luck.new_count = luck.variance_new = 0.0
            if before:
                luck.new = sum(point.came_new for point in points[name]) / len(before)
                luck.new_count = sum(point.count_new for point in points[name]) / len(before)
                luck.variance_new = luck.new * now.severity * (1 + 1 / len(before))
            self.set_expectation(luck, now)
        return result

    @staticmethod
    def set_expectation(luck, point):
        luck.open = luck.bias * point.mean
        luck.mean = luck.open + luck.new
        luck.variance = max(luck.bias ** 2 * point.variance + luck.variance_new, 0.0)

    def shock(self, scope, start, end, as_of):
        """φ: how far whole periods went wrong together."""
        return self.remember(('shock', scope, start, end, as_of), lambda: self.find_shock(scope, start, end, as_of))

    def find_shock(self, scope, start, end, as_of):
        groups = self.groups_of_period(scope, start, end)
        excess, squares, judged = [], [], 0
        for period in self.learned_periods(as_of, start, end):
            if not self.learned_periods(period[2], *period[:2]):
                continue
            judged += 1
            for name, luck in self.luck_of(groups, scope, *period).items():
                point = self.point(scope, name, *period)
                excess.append((point.came_open + point.came_new - luck.mean) ** 2 - luck.variance)
                squares.append(luck.mean ** 2)
        if not judged or math.fsum(squares) <= 0:
            return 0.0
        prior = math.fsum(squares) / judged
        return max(0.0, (math.fsum(excess) + PRIOR * prior) / (math.fsum(squares) + prior)) * (1 + 2 / judged)

    def outcome(self, as_of, scope, name, start, end, quota, changed=None):
        """The Outcome of a group and period; `changed` gives other chances of the open deals."""
        result = Outcome()
        point = self.point(scope, name, start, end, as_of)
        luck = self.learn(scope, start, end, as_of)[name]
        result.won, result.periods = point.won, luck.periods
        if as_of >= end:
            result.open = result.new = 0.0
            result.expected = result.p10 = result.p50 = result.p90 = float(point.won)
            result.hit, result.bias, result.shock = float(quota <= point.won), 1.0, 0.0
            return result
        if changed is not None:
            other = Point()
            other.known, other.won = point.known, point.won
            self.set_moments(other, [
                (found, changed(found, chance)) for found, chance in point.open if chance is not None])
            before, luck, point = luck, Luck(), other
            luck.__dict__.update(before.__dict__)
            self.set_expectation(luck, point)
        result.bias, result.shock, result.new = luck.bias, self.shock(scope, start, end, as_of), luck.new
        result.open = luck.open if point.known else None
        result.expected = point.won + luck.mean if point.known else None
        if luck.periods >= 2 and point.known:
            distribution(result, luck, point, result.shock, quota)
        return result

    def pipeline_forecast(self, as_of, scope='all'):
        self.need_one_currency()
        rows = []
        for (name, start, end), quota in self.ordered_quotas(scope):
            if end >= as_of:
                found = self.outcome(as_of, scope, name, start, end, quota)
                rows.append({
                    'name': name, 'period_start': text_of_day(start), 'period_end': text_of_day(end),
                    'quota': money(quota), 'won_amount': money(total([found.won])),
                    'open_expected': money(found.open), 'new_expected': money(found.new),
                    'expected_amount': money(found.expected), 'p10': money(found.p10), 'p50': money(found.p50),
                    'p90': money(found.p90), 'hit_probability': found.hit, 'periods_learned': found.periods,
                    'bias_factor': found.bias, 'shock': found.shock})
        return rows
