"""Files that people have, as tables: CSV in any encoding and with any of the usual separators, XLSX."""

import csv
import dataclasses
import datetime
import io
import pathlib

import charset_normalizer

from .connection import Error

BYTE_ORDER_MARKS = ((b'\xef\xbb\xbf', 'utf-8-sig'), (b'\xff\xfe\x00\x00', 'utf-32'), (b'\xff\xfe', 'utf-16'), (b'\xfe\xff', 'utf-16'))
SEPARATORS = ',;\t|'


@dataclasses.dataclass
class Table:
    """One table of a file: unique column names, rows as long as the header, and what was decided or changed, as sentences."""

    name: str
    columns: list
    rows: list
    notes: list
    typed: bool = False  # cells are numbers where the file says so; else all is text


def decoded(content):
    """The text of a file, and the encoding it is in."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content.decode(encoding), encoding
    try:
        return content.decode('utf-8'), 'utf-8'
    except UnicodeDecodeError:
        found = charset_normalizer.from_bytes(content, cp_isolation=['cp1252', 'cp1250', 'cp1251', 'cp932', 'gb18030', 'mac_roman']).best()
        if found is None:
            raise Error('its encoding cannot be told: save it as UTF-8')
        # many texts are the same in several encodings: then it is called by the most frequent
        return str(found), 'cp1252' if 'cp1252' in found.could_be_from_charset else found.encoding


def separator_of(text):
    """The separator that gives the first lines the most columns, all lines the same number; and the text to be read with it."""
    first, _, rest = text.partition('\n')
    if first.strip().lower().startswith('sep=') and len(first.strip()) == 5:  # Excel's own first line
        return first.strip()[4], rest

    def columns(separator):
        counts = [len(row) for row, _ in zip(csv.reader(io.StringIO(text, newline=''), delimiter=separator), range(50)) if row]
        return sum(count == counts[0] for count in counts) / len(counts) * counts[0] if counts else 0
    return max(SEPARATORS, key=columns), text


def unique_columns(header, width, notes):
    """Names for the columns: none is empty, none occurs twice in any case."""
    columns, taken = [], set()
    for number in range(1, width + 1):
        given = str(header[number - 1] if number <= len(header) and header[number - 1] is not None else '').strip()
        name, copies = given or f'column_{number}', 1
        while name.lower() in taken:
            copies += 1
            name = f'{given or "column"}_{copies if given else number}'
        if name != given:
            notes.append(f'column {number} ({given or "without a name"}) is called {name}')
        taken.add(name.lower())
        columns.append(name)
    return columns


def as_table(name, records, notes):
    """The first record is the header; empty cells are NULL; longer and shorter rows are kept and counted."""
    filled = [[None if cell == '' else cell for cell in record] for record in records]
    rows = [row for row in filled if any(cell is not None for cell in row)]
    if not rows:
        raise Error('it has no rows')
    empty = len(filled) - len(rows)
    header, rows = rows[0], rows[1:]
    width = max(map(len, [header, *rows]))
    longer = sum(len(row) > len(header) for row in rows)
    shorter = sum(len(row) < len(header) for row in rows)
    if empty:
        notes.append(f'{empty:,} empty rows are left out')
    if longer:
        notes.append(f'{longer:,} rows have more cells than the header; these are in columns of their own')
    if shorter:
        notes.append(f'{shorter:,} rows have fewer cells than the header; what they lack is NULL')
    columns = unique_columns(header, width, notes)
    return Table(name, columns, [row + [None] * (width - len(row)) for row in rows], notes)


def read_csv(path):
    text, encoding = decoded(path.read_bytes())
    separator, text = separator_of(text)
    csv.field_size_limit(2**31 - 1)
    try:
        records = list(csv.reader(io.StringIO(text, newline=''), delimiter=separator, strict=True))
    except csv.Error as problem:
        raise Error(f'it cannot be read as CSV: {problem}')
    notes = [] if encoding.startswith('utf-8') else [f'read as {encoding}']
    if separator != ',':
        notes.append(f'separated by {"tabs" if separator == chr(9) else separator}')
    return [as_table(path.stem, records, notes)]


def cell_value(value):
    """A cell of a workbook: dates as ISO text, yes and no as 1 and 0."""
    if isinstance(value, datetime.datetime):
        return value.isoformat(' ') if value.time() != datetime.time() else value.date().isoformat()
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, bool):
        return int(value)
    return value if isinstance(value, (int, float, str, type(None))) else str(value)


def below_titles(records, notes):
    """The records from the header on: the first with half as many cells as the fullest. Reports put titles above it."""
    counts = [sum(cell not in (None, '') for cell in record) for record in records]
    header = next((i for i, count in enumerate(counts) if 2 * count >= max(counts)), 0)
    for record in records[:header]:
        if title := ' '.join(str(cell) for cell in record if cell not in (None, '')):
            notes.append(f'above the header, left out: {title}')
    return records[header:]


def read_xlsx(path):
    try:
        import openpyxl
    except ImportError:
        raise Error("XLSX needs openpyxl: pip install 'pipeline-health[xlsx]', or save the sheet as CSV")
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as problem:
        raise Error(f'it cannot be read as XLSX: {problem}')
    sheets = []
    for sheet in book.worksheets:
        sheet.reset_dimensions()
        records = [[cell_value(value) for value in record] for record in sheet.iter_rows(values_only=True)]
        width = max((i + 1 for record in records for i, cell in enumerate(record) if cell is not None), default=0)
        records = [record[:width] + [None] * (width - len(record)) for record in records]
        if any(cell is not None for record in records for cell in record):
            sheets.append((sheet.title, records))
    book.close()
    if not sheets:
        raise Error('it has no rows')
    tables = []
    for title, records in sheets:
        notes = [] if len(sheets) == 1 else [f'sheet {title}']
        tables.append(as_table(path.stem if len(sheets) == 1 else title, below_titles(records, notes), notes))
        tables[-1].typed = True
    return tables


def read(path):
    """The tables of a file: one of a CSV, one of each sheet with rows of a workbook. An error names the file."""
    path = pathlib.Path(path)
    try:
        return read_xlsx(path) if path.suffix.lower() in ('.xlsx', '.xlsm') else read_csv(path)
    except (Error, OSError) as problem:
        raise Error(f'{path}: {getattr(problem, "strerror", None) or problem}')
