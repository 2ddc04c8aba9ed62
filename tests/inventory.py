"""Whether the READMEs say what the extension has: nothing is left out, nothing is there that does not exist.

    inventory.py build/pipeline_health.so README.md sql/README.md ...

The extension is asked for its tables, columns, arguments, functions and policies; event kinds, reasons, verdicts and
problems come from the C tables that define them.

- ext/sqlite/tables/README.md has a row for every table, whose link goes to a section `## table_name` of a page of that folder.
  The section has the name and the arguments in code (`table_name(argument, ...)`), every visible column in a table whose first
  header is `column`, and an executed example that reads the table.
- ext/sqlite/README.md has a section `## function(arguments)` for every function, with as many arguments as it takes.
- ext/history/README.md has a row for every policy with its default, range and meaning, for every problem with its
  source, severity and meaning, and for every event kind.
- ext/timeline/README.md has a row for every reason and verdict.
- README.md has under 300 lines, names every table, reason and verdict; the policies that it shows are the same.
- Every page names only links, headings, make targets, files and names that exist, and has at most 750 lines.

What is wrong is printed, a line each; the exit code is 1 then.
"""

import os
import re
import shlex
import sqlite3
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# The names that are not for use: what keeps rows apart, what rows are read through, and what looks at the cells of an export.
ROW_KEY = 'row_key'
READING_FUNCTIONS = ('pipeline_health_read', 'pipeline_health_read_row', 'pipeline_health_wants_row',
                     'pipeline_health_look', 'pipeline_health_repeats', 'pipeline_health_counts', 'pipeline_health_stored')


# ------------------------------------------------------------------------------------------------------ the extension

def open_database(library):
    connection = sqlite3.connect(':memory:')
    connection.enable_load_extension(True)
    names = ('SELECT name FROM pragma_module_list', 'SELECT name, narg FROM pragma_function_list')
    for sql in names:
        connection.execute(sql).fetchall()  # the pragmas' own modules are there from here on
    before = [set(connection.execute(sql)) for sql in names]
    connection.load_extension(os.path.abspath(library))
    modules, functions = (set(connection.execute(sql)) - known for sql, known in zip(names, before))
    return connection, sorted(name for name, in modules), sorted(functions)


def table_columns(connection, table):
    """The visible columns of a table, and its arguments."""
    columns = connection.execute('SELECT name, hidden, pk FROM pragma_table_xinfo(?)', (table,)).fetchall()
    return ([name for name, hidden, pk in columns if not hidden or (pk == 0 and name != ROW_KEY)],
            [name for name, hidden, pk in columns if pk > 0 and name != ROW_KEY])


def function_arities(functions):
    arities = {}
    for name, count in functions:
        if name not in READING_FUNCTIONS:
            arities.setdefault(name, set()).add(count)
    return arities


def policies(connection):
    """name -> (default, range, meaning) as texts; the range is what the error about a bad value says."""
    found = {}
    for name, default, meaning in connection.execute('SELECT name, default_value, meaning FROM pipeline_settings').fetchall():
        connection.execute('CREATE TEMP TABLE pipeline_policy AS SELECT ? AS name, ? AS value', (name, 'no such value'))
        try:
            connection.execute('SELECT * FROM pipeline_settings').fetchall()
            expected = 'any'
        except sqlite3.Error as error:
            expected = re.search(r'\(expected (.*)\)', str(error)).group(1)
        connection.execute('DROP TABLE temp.pipeline_policy')
        shown = 'NULL' if default is None else repr(default) if isinstance(default, str) else str(default)
        found[name] = (shown, re.sub(r'^a (whole )?number from ', '', expected), meaning)
    return found


def c_table(path, start):
    """The text of one initializer in a C file."""
    with open(os.path.join(ROOT, path), encoding='utf-8') as file:
        text = file.read()
    begin = text.index('= {', text.index(start)) + 3
    return text[begin:text.index('\n};', begin)]


def names_in(path, start):
    """The first text of each designated element."""
    text = c_table(path, start)
    names = re.findall(r'\[PH_\w+\]\s*=\s*(?:\{NAME\()?"(\w+)"', text)
    assert len(names) == len(re.findall(r'\[PH_\w+\]\s*=', text)) > 0, path
    return names


def problems():
    """(source, name) -> (severity, meaning)."""
    text = c_table('ext/history/problem.c', 'ph_problem_descriptors[')
    found = {}
    for source, name, severity, meaning in re.findall(
            r'\[PH_\w+\]\s*=\s*\{(\w+),\s*"([^"]*)",\s*PH_SEVERITY_(\w+),((?:\s*"(?:[^"\\]|\\.)*"|\s*PH_\w+)*)\s*\}', text):
        words = ''.join(re.findall(r'"((?:[^"\\]|\\.)*)"', meaning))
        found['pipeline_' + source.lower(), name] = (severity.lower(), words.removesuffix('; '))
    assert len(found) == len(re.findall(r'\[PH_\w+\]\s*=', text)) > 0
    return found


# ----------------------------------------------------------------------------------------------------------- the page

class Block:
    """A fenced block: its language, lines, first line number, whether it is run."""

    def __init__(self, language, line, skipped):
        self.language, self.line, self.skipped, self.lines = language, line, skipped, []


class Section:
    """From a heading to the next of the same or a higher level."""

    def __init__(self, level, title, line):
        self.level, self.title, self.line = level, title, line
        self.end = None


def cells_of(line):
    parts = re.split(r'(?<!\\)\|', line.strip().strip('|'))
    return [part.strip().replace('\\|', '|') for part in parts]


def code_spans(text):
    return [re.sub(r'\s+', ' ', span) for span in re.findall(r'`([^`]+)`', text)]


def plain(cell):
    """A cell without its code marks and emphasis."""
    return re.sub(r'\s+', ' ', cell.replace('`', '').replace('**', '')).strip()


def slug(title):
    return re.sub(r'[^\w\- ]', '', title.lower().replace('`', '')).replace(' ', '-')


class Page:
    def __init__(self, path):
        self.path = path
        with open(path, encoding='utf-8') as file:
            self.lines = file.read().split('\n')
        self.folder = os.path.dirname(os.path.abspath(path))
        self.prose = list(self.lines)  # fenced lines are empty here
        self.blocks, self.sections = [], []
        self.read_blocks()
        self.read_sections()

    def read_blocks(self):
        block, skipped = None, False
        for number, line in enumerate(self.lines):
            fence = re.match(r'\s*```(\w*)\s*$', line)
            if fence and block is None:
                block = Block(fence.group(1), number, skipped)
                self.blocks.append(block)
                skipped = False
            elif fence:
                block = None
            elif block is not None:
                block.lines.append(line)
            elif '<!-- test: skip' in line:
                skipped = True
            if fence or block is not None:
                self.prose[number] = ''

    def read_sections(self):
        for number, line in enumerate(self.prose):
            heading = re.match(r'(#+) (.*\S)\s*$', line)
            if heading:
                level = len(heading.group(1))
                for section in self.sections:
                    if section.end is None and section.level >= level:
                        section.end = number
                self.sections.append(Section(level, heading.group(2), number))
        for section in self.sections:
            section.end = section.end or len(self.lines)

    def anchors(self):
        found, seen = set(), {}
        for section in self.sections:
            name = slug(section.title)
            count = seen.get(name, 0)
            seen[name] = count + 1
            found.add(name if count == 0 else f'{name}-{count}')
        return found

    def text(self, section=None):
        return '\n'.join(self.prose[section.line:section.end] if section else self.prose)

    def rows(self, header, section=None):
        """The rows of the tables whose first header is `header`, each with its table's headers before it."""
        first, last = (section.line, section.end) if section else (0, len(self.prose))
        headers, found = None, []
        for line in self.prose[first:last]:
            if not line.strip().startswith('|'):
                headers = None
            elif headers is None:
                headers = [plain(cell) for cell in cells_of(line)]
            elif not re.match(r'[\s|:-]+$', line) and re.search(header, headers[0]):
                found.append((headers, cells_of(line)))
        return found


# ---------------------------------------------------------------------------------------------------------- the checks

class Report:
    def __init__(self):
        self.checked, self.wrong = 0, []

    def expect(self, holds, message):
        self.checked += 1
        if not holds:
            self.wrong.append(message)

    def same_names(self, what, there, documented):
        for name in sorted(there):
            self.expect(name in documented, f'{what} {name} is not documented')
        for name in sorted(documented):
            self.expect(name in there, f'{what} {name} is documented and does not exist')


def sections_of_tables(page):
    """The sections that have columns, by the name of their table."""
    return {section.title: section for section in page.sections
            if section.level == 2 and re.match(r'\w+$', section.title) and page.rows('^column$', section)}


def check_table(page, report, connection, table, section):
    columns, arguments = table_columns(connection, table)
    documented = [name for _, cells in page.rows('^column$', section) for name in code_spans(cells[0])]
    report.same_names(f'{table}: column', columns, documented)
    signature = f'{table}({", ".join(arguments)})' if arguments else table
    report.expect(signature in code_spans(page.text(section)), f'{table}: its section does not have `{signature}`')
    examples = [block for block in page.blocks
                if section.line < block.line < section.end and block.language == 'sql' and not block.skipped]
    report.expect(any(re.search(rf'\b{table}\b', '\n'.join(block.lines)) for block in examples),
                  f'{table}: its section has no example that is run and reads it')


def check_functions(page, report, arities):
    documented = {}
    for section in page.sections:
        heading = re.match(r'(\w+)\(([^()]*)\)$', section.title.replace('`', ''))
        if section.level == 2 and heading:
            required, _, optional = heading.group(2).partition('[')
            least = len(re.findall(r'\w+', required))
            any_number = '…' in heading.group(2)
            documented[heading.group(1)] = {-1} if any_number else set(range(least, least + len(re.findall(r'\w+', optional)) + 1))
    report.same_names('function', arities, documented)
    for name in sorted(set(arities) & set(documented)):
        report.expect(arities[name] == documented[name],
                      f'function {name} takes {sorted(arities[name])} arguments, its heading has {sorted(documented[name])}')


def check_policies(page, report, found, all_of_them=True):
    rows = {}
    for _, cells in page.rows('^policy$'):
        rows.update((name, cells) for name in code_spans(cells[0]))
    report.same_names('policy', found if all_of_them else set(found) & set(rows), rows)
    for name in sorted(set(found) & set(rows)):
        shown = tuple(plain(cell) for cell in rows[name][1:4])
        for what, expected, got in zip(('default', 'range', 'meaning'), found[name], shown + ('',) * 3):
            report.expect(got == expected, f'policy {name}: its {what} is {expected!r}, the page says {got!r}')


def check_problems(page, report, found):
    rows = {}
    for headers, cells in page.rows('problem$'):
        source = headers[0].partition(':')[0]
        rows[source, plain(cells[0])] = tuple(plain(cell) for cell in cells[1:3])
    report.same_names('problem', {': '.join(key) for key in found}, {': '.join(key) for key in rows})
    for key in sorted(set(found) & set(rows)):
        report.expect(rows[key] == found[key], f'problem {": ".join(key)}: {found[key]}, the page says {rows[key]}')


def check_first_cells(page, report, what, there):
    report.same_names(what, there, {name for _, cells in page.rows(f'^{what}$') for name in code_spans(cells[0])})


def make_targets():
    with open(os.path.join(ROOT, 'Makefile'), encoding='utf-8') as file:
        return set(re.findall(r'^([a-z][\w-]*)\s*:(?!=)', file.read(), re.MULTILINE))


def check_make(page, report):
    commands = [span for span in code_spans(page.text()) if span == 'make' or span.startswith('make ')]
    for block in page.blocks:
        if block.language == 'sh':
            commands += [line.strip() for line in block.lines if line.strip().startswith('make')]
    targets = make_targets()
    for command in commands:
        for word in shlex.split(command, comments=True)[1:]:
            if not word.startswith('-') and '=' not in word:
                report.expect(word in targets, f'`{command}`: the Makefile has no target {word}')


def check_links(page, report):
    for target in re.findall(r'\]\(([^()\s]+)\)', page.text()):
        if re.match(r'[a-z]+:', target):
            continue
        path, _, anchor = target.partition('#')
        path = os.path.normpath(os.path.join(page.folder, path)) if path else page.path
        report.expect(os.path.exists(path), f'link {target}: there is no such file')
        if anchor and os.path.exists(path):
            report.expect(anchor in Page(path).anchors(), f'link {target}: there is no such heading')
    for span in code_spans(page.text()):
        if re.match(r'(ext|sql|tests)/[\w./-]+$', span):
            report.expect(os.path.exists(os.path.join(ROOT, span)), f'`{span}`: there is no such file')


def check_examples(page, report):
    examples = os.listdir(os.path.join(ROOT, 'sql/examples'))
    named = [span for span in code_spans(page.text()) if re.match(r'\d\d_\w+\.sql$', span)]
    report.same_names('example', [name for name in examples if name.endswith('.sql')], named)


def check_tables_pages(index, report, connection, tables):
    """The page that lists the tables, and those beside it, which describe them."""
    listed = {target for _, cells in index.rows('^table$') for target in re.findall(r'\]\(([^()\s]+)\)', cells[0])}
    described = []
    for name in sorted(os.listdir(index.folder)):
        if not name.endswith('.md') or name == 'README.md':
            continue
        page = Page(os.path.join(index.folder, name))
        report.expect(name in listed, f'page {name} is not listed')
        for table, section in sections_of_tables(page).items():
            described.append(table)
            report.expect(f'{name}#{table}' in listed, f'table {table} is not listed with a link to {name}#{table}')
            if table in tables:
                check_table(page, report, connection, table, section)
    report.same_names('table', tables, described)
    report.expect(len(described) == len(set(described)), 'a table is described twice')


def check_sources_page(page, report, connection):
    check_policies(page, report, policies(connection))
    check_problems(page, report, problems())
    check_first_cells(page, report, 'kind', names_in('ext/history/event_kind.c', 'ph_kind_descriptors['))


def check_verdict_page(page, report):
    check_first_cells(page, report, 'reason', names_in('ext/timeline/verdict.c', 'ph_reason_names['))
    check_first_cells(page, report, 'verdict', names_in('ext/timeline/verdict.c', 'ph_verdict_names['))


def check_first_page(page, report, connection, tables):
    check_verdict_page(page, report)
    check_policies(page, report, policies(connection), all_of_them=False)
    named = {re.match(r'\w+', span).group() for _, cells in page.rows('^table$') for span in code_spans(cells[0])}
    report.same_names('table', tables, named)


def check_page(page, report, library, place):
    connection, tables, functions = open_database(library)
    report.expect(tables, 'the extension has no tables')
    special = {
        'README.md': lambda: check_first_page(page, report, connection, tables),
        'sql/README.md': lambda: check_examples(page, report),
        'ext/sqlite/tables/README.md': lambda: check_tables_pages(page, report, connection, tables),
        'ext/sqlite/README.md': lambda: check_functions(page, report, function_arities(functions)),
        'ext/history/README.md': lambda: check_sources_page(page, report, connection),
        'ext/timeline/README.md': lambda: check_verdict_page(page, report),
    }
    special.get(place, lambda: None)()
    most = 300 if place == 'README.md' else 751
    report.expect(len(page.lines) - 1 < most, f'{len(page.lines) - 1} lines (expected fewer than {most})')
    check_make(page, report)
    check_links(page, report)
    return place in special


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    library, paths = sys.argv[1], sys.argv[2:]
    if not hasattr(sqlite3.Connection, 'enable_load_extension'):
        sys.exit(f'{sys.executable} cannot load extensions: use another one (make test-inventory PYTHON=...)')
    checked, wrong, special = 0, 0, 0
    for path in paths:
        report = Report()
        special += check_page(Page(path), report, library, os.path.relpath(path, ROOT))
        for message in report.wrong:
            print(f'{path}: {message}')
        checked, wrong = checked + report.checked, wrong + len(report.wrong)
    if special != 6:
        sys.exit('the six pages with contents of their own are not among these: name every README.md')
    print(f'{checked - wrong} passed, {wrong} failed')
    sys.exit(1 if wrong else 0)


if __name__ == '__main__':
    main()
