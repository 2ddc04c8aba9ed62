"""How far the verdicts of snapshots agree with those of the full history.

    snapshots_agreement.py LIBRARY DATABASE [CRM]

The open deals of every day, week or month of DATABASE are written down as an export would hold them, the history is derived from
these snapshots again by pipeline_connect('snapshots'), and the verdicts on the last days of the last twelve months are compared.
Without CRM the database has the relations itself. Prints a table, a row for each distance of the snapshots:

  open            open deals on these days in the full history
  missing, extra  of these the share that the snapshots do not have open; what they have open beside these, for they do not
                  know yet that it closed
  same verdict    of the deals that both have open the share with the same verdict
  stalled or not  likewise, where only that is asked: stalled and dead are one, the others are one
  dead seen       of the dead the share that the snapshots call dead or stalled
  alive seen      of the progressing and unproven the share that the snapshots call so
  unjudged        of all the share that the snapshots do not judge
"""
import sqlite3
import sys

STEPS = (('every day', 'day'), ('every week', 'week'), ('every month', 'month'))
TITLES = ('snapshots', 'columns', 'open', 'missing', 'extra', 'same verdict', 'stalled or not', 'dead seen', 'alive seen', 'unjudged')
FORMAT = '%-11s  %-12s  %5s  %7s  %7s  %12s  %14s  %9s  %10s  %8s'
STALLED, ALIVE = ('stalled', 'dead'), ('progressing', 'unproven')


def connect(library, path=':memory:'):
    connection = sqlite3.connect(path)
    connection.enable_load_extension(True)
    connection.load_extension(library)
    return connection


def verdicts(connection, days):
    return {(day, str(deal)): verdict for day in days
            for deal, verdict in connection.execute('SELECT deal_id, verdict FROM deal_stalled(?)', (day,))}


def thin(full, first, last, step, with_activity):
    """The open deals of the days, as a table of snapshots in a new database."""
    thinned = sqlite3.connect(':memory:')
    thinned.execute('CREATE TABLE snapshots(snapshot_day, deal_id, name, owner, team, pipeline, stage, amount, created_at, close_date%s)'
                    % (', last_activity' if with_activity else ''))
    columns = 'deal_id, name, owner, team, pipeline, stage, amount, created_at, close_date' + (', last_touch_at' if with_activity else '')
    days = [row[0] for row in full.execute('SELECT day FROM pipeline_calendar(?, ?, ?)', (first, last, step))]
    for day in days:
        rows = full.execute('SELECT ?, %s FROM deal_stalled(?)' % columns, (day, day)).fetchall()
        if rows:
            thinned.executemany('INSERT INTO snapshots VALUES (%s)' % ', '.join('?' * len(rows[0])), rows)
    stages = full.execute('SELECT DISTINCT stage, rank FROM pipeline_stage').fetchall()
    thinned.execute('CREATE TABLE stages(name, order_nr)')
    thinned.executemany('INSERT INTO stages VALUES (?, ?)', stages)
    thinned.commit()
    return thinned


def share(part, whole):
    return '%.1f %%' % (100 * part / whole) if whole else '-'


def compare(truth, seen):
    both = truth.keys() & seen.keys()
    dead = [key for key in both if truth[key] == 'dead']
    alive = [key for key in both if truth[key] in ALIVE]
    return (len(truth), share(len(truth) - len(both), len(truth)), share(len(seen) - len(both), len(truth)),
            share(sum(truth[key] == seen[key] for key in both), len(both)),
            share(sum((truth[key] in STALLED) == (seen[key] in STALLED) for key in both), len(both)),
            share(sum(seen[key] in STALLED for key in dead), len(dead)),
            share(sum(seen[key] in ALIVE for key in alive), len(alive)),
            share(sum(seen[key] == 'unjudged' for key in both), len(both)))


def main(library, path, crm=None):
    full = connect(library, path)
    if crm:
        full.execute('SELECT pipeline_connect(?)', (crm,))
    first, = full.execute('SELECT min(substr(created_at, 1, 10)) FROM pipeline_deal').fetchone()
    last, = full.execute("SELECT max(substr(at, 1, 10)) FROM pipeline_event WHERE at <= date('now')").fetchone()
    days = [row[0] for row in full.execute("SELECT day FROM pipeline_calendar(date(?, '-12 months'), ?, 'month')", (last, last))]
    truth = verdicts(full, days)
    print(FORMAT % TITLES)
    for with_activity in (False, True):
        for name, step in STEPS:
            thinned = thin(full, first, last, step, with_activity)
            thinned.enable_load_extension(True)
            thinned.load_extension(library)
            thinned.execute("SELECT pipeline_connect('snapshots')")
            row = compare(truth, verdicts(thinned, days))
            print(FORMAT % ((name, 'and activity' if with_activity else 'fields alone') + row))
            thinned.close()


if __name__ == '__main__':
    main(*sys.argv[1:])
