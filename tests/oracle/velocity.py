"""stage_velocity: the visits of deals in stages."""

from values import (MEDIAN, P90, name_order, number_or_none, quantile, ratio)


class Velocity:
    """Part of the Database."""

    def stage_velocity(self, as_of):
        visits, gaps = {}, {}
        for deal in self.deals:
            if not deal.visible(as_of):
                continue
            for stage, days, end in self.visits(deal, as_of):
                visits.setdefault((deal.pipeline, stage), []).append((days, end))
            if deal.won(as_of):
                days = [day for day in deal.progress_days if day <= deal.closing_day]
                for earlier, later in zip(days, days[1:]):
                    stage = deal.value('stage', earlier)
                    if all(deal.value('stage', day) == stage for day in range(earlier, later)):
                        gaps.setdefault((deal.pipeline, stage), []).append(later - earlier)
        rows = []
        for pipeline, stage in visits:
            rank = self.rank_in_pipeline(pipeline, stage)
            rows.append(velocity_row(pipeline, stage, rank, visits[pipeline, stage], gaps.get((pipeline, stage), [])))

        def order(row):
            return (name_order(row['pipeline']), row['rank'] is None, row['rank'] or 0, name_order(row['stage']))
        return sorted(rows, key=order)

    def rank_in_pipeline(self, pipeline, stage):
        row = self.stages.get((stage, pipeline)) or self.stages.get((stage, None))
        return row[0] if row else None

    def visits(self, deal, as_of):
        """(stage, days or None, how it ended) of each visit known on as_of."""
        changes = deal.changes['stage']
        known = [event for event in changes if event.day <= as_of
                 and (deal.closing_day is None or event.day < deal.closing_day)]
        stage = deal.initial('stage')
        entered = deal.created
        been_in = {stage}
        result = []
        for event in known:
            if event.new_value == stage:
                continue
            if stage is not None:
                end = 'moved_forward' if self.moves_forward(deal, stage, event.new_value, been_in) else 'moved_back'
                result.append((stage, max(event.day - entered, 0), end))
            stage, entered = event.new_value, event.day
            been_in.add(stage)
        if stage is not None:
            if deal.closed(as_of):
                result.append((stage, max(deal.closing_day - entered, 0), deal.outcome))
            else:
                result.append((stage, None, 'still_in'))
        return result

    def moves_forward(self, deal, old_stage, new_stage, been_in):
        old_rank, new_rank = self.stage_row(deal, old_stage)[0], self.stage_row(deal, new_stage)[0]
        if old_rank is not None and new_rank is not None:
            return new_rank > old_rank
        return new_stage is not None and new_stage not in been_in


def velocity_row(pipeline, stage, rank, visits, gaps):
    ends = [end for days, end in visits]
    finished = [days for days, end in visits if end != 'still_in']
    row = {'pipeline': pipeline, 'stage': stage, 'rank': rank, 'entered': len(visits)}
    for end in ('moved_forward', 'moved_back', 'won', 'lost', 'still_in'):
        row[end] = ends.count(end)
    row['forward_share'] = ratio(row['moved_forward'] + row['won'], len(finished))
    row['median_days'] = number_or_none(quantile(finished, MEDIAN))
    row['p90_days'] = number_or_none(quantile(finished, P90))
    row['progress_gap_p90_days'] = number_or_none(quantile(gaps, P90))
    return row
