"""The charts, as SVG that is read in black and white and at the width of a telephone."""

import re

import altair
import vl_convert

WIDTH = 330  # pixels; two stand side by side on a sheet
LABEL_SHARE = 0.12  # of the width, which a figure beside a bar takes
WEEKS_OF_DAYS = 13  # up to which the axis has days, not months
DARK, LIGHT, INK = '#17405f', '#d9dee3', '#222222'


def svg(chart, description):
    """The chart as SVG with a text for those who do not see it."""
    styled = chart.properties(width=WIDTH, autosize=altair.AutoSizeParams(type='fit', contains='padding')).configure(
        font='Helvetica, Arial, sans-serif', padding=2).configure_view(stroke=None).configure_axis(
        labelColor=INK, titleColor=INK, labelFontSize=11, labelLimit=150, domainColor='#888888', gridColor='#e6e6e6')
    text = vl_convert.vegalite_to_svg(styled.to_dict())
    text = re.sub(r' (aria-[a-z]+|role)="[^"]*"', '', text)
    escaped = description.replace('&', '&amp;').replace('<', '&lt;').replace('"', '&quot;')
    return text.replace('<svg ', f'<svg role="img" aria-label="{escaped}" ', 1)


def coverage(groups):
    """Claimed and real coverage of each group, and what is needed."""
    bars, ticks = [], []
    for row in groups:
        name = row['name'] or '(nobody)'
        bars.append({'group': name, 'what': 'claimed', 'times': row['claimed_coverage'] or 0, 'end': row['claimed_coverage'] or 0})
        bars.append({'group': name, 'what': 'real', 'times': row['real_coverage'] or 0})
        ticks.append({'group': name, 'what': 'real', 'times': row['required_real_coverage'] or 0})
    widest = max([1, *(row['times'] for row in bars + ticks)])
    for row, tick in zip(bars[1::2], ticks):  # a label stands at its bar's end, or behind a mark that is there
        row['end'] = tick['times'] if 0 <= tick['times'] - row['times'] < LABEL_SHARE * widest else row['times']
    for row in bars:
        row['text'] = f'{row["times"]:.1f}'
    order = [row['name'] or '(nobody)' for row in groups]
    y = altair.Y('group:N', sort=order, title=None, axis=altair.Axis(domain=False, ticks=False, minExtent=min(150, 7 * max(map(len, order)))))  # fonts differ in width
    offset = altair.YOffset('what:N', sort=['claimed', 'real'])
    x = altair.X('times:Q', title=None, axis=altair.Axis(tickCount=4, domain=False, ticks=False, format='d'),
                 scale=altair.Scale(domainMin=0, domainMax=1.12 * widest))
    base = altair.Chart(altair.Data(values=bars)).encode(y=y, yOffset=offset, x=x)
    fill = altair.Color('what:N', scale=altair.Scale(domain=['claimed', 'real'], range=[LIGHT, DARK]), legend=None)
    layers = [
        base.mark_bar(stroke='#555555', strokeWidth=0.6).encode(color=fill),
        base.mark_text(align='left', dx=5, fontSize=10, color=INK).encode(text='text:N', x=altair.X('end:Q')),
        altair.Chart(altair.Data(values=ticks)).mark_tick(color='#c2410c', thickness=3, size=13).encode(y=y, yOffset=offset, x=x),
    ]
    said = '; '.join(f'{row["name"] or "nobody"}: claimed {row["claimed_coverage"] or 0:.1f}, real {row["real_coverage"] or 0:.1f}, '
                     f'needed {row["required_real_coverage"] or 0:.1f}' for row in groups)
    return svg(altair.layer(*layers).properties(height=30 * len(groups) + 20), f'Coverage as a multiple of the quota that is left. {said}.')


def integrity(weeks):
    """The share of the open amount that is real, week by week."""
    rows = [{'day': week['day'], 'share': week['integrity']} for week in weeks if week['integrity'] is not None]
    if not rows:
        return None
    top = min(1, 1.35 * max(row['share'] for row in rows) or 1)
    is_long = len(rows) > WEEKS_OF_DAYS
    axis = altair.Axis(format='%b %Y' if is_long else '%-d %b', tickCount={'interval': 'month', 'step': 2} if is_long else 4,
                       grid=False, labelFlush=True)
    x = altair.X('day:T', title=None, axis=axis)
    y = altair.Y('share:Q', title=None, axis=altair.Axis(format='.0%', tickCount=4, domain=False, ticks=False),
                 scale=altair.Scale(domain=[0, top]))
    base = altair.Chart(altair.Data(values=rows)).encode(x=x, y=y)
    layers = [base.mark_area(color=LIGHT), base.mark_line(color=DARK, strokeWidth=2.5)]
    for row, align, dx in ((rows[0], 'left', 2), (rows[-1], 'right', 2)):
        end = altair.Chart(altair.Data(values=[dict(row, text=f'{100 * row["share"]:.0f} %')])).encode(x=x, y=y)
        layers += [end.mark_point(color=DARK, filled=True, size=50, opacity=1),
                   end.mark_text(align=align, dx=dx, dy=-13, fontSize=12, fontWeight='bold', color=INK).encode(text='text:N')]
    said = ', '.join(f'{week["day"]} {100 * week["share"]:.0f} %' for week in rows[::5] + rows[-1:])
    return svg(altair.layer(*layers).properties(height=200), f'Share of the open amount that is real: {said}.')
