"""One C file out of all: what `make amalgamation` runs.

    amalgamate.py ext build/generated/embedded_sql.h LICENSE build/amalgamation

Writes pipeline_health.c (every header of ext once, in the order of their includes, then every source) and a copy of
pipeline_health.h.  The text is kept, comments too; only these change:

- what was included from outside and the macros that must stand before it go to the top, our own includes go;
- a name that a source keeps to itself (a function, variable, type, tag, enumeration constant or macro) and that another
  file uses, too, for whatever it may be, is written with the name of its source before it: `fill` of
  table_win_rate.c becomes ph_table_win_rate_fill.

A source is read as tokens, so comments, strings and members (behind `.` and `->`, and where a struct declares them)
keep their names.  No name at file scope is left that another file uses, so a place that were overlooked would not
compile.  What cannot be renamed so ends the program with a message, and nothing is written.
"""

import pathlib
import re
import sys

FLOORS = ('base', 'history', 'timeline', 'measure', 'sqlite', 'sqlite/tables', '.')
ENTRY_POINT = 'sqlite3_pipelinehealth_init'
PUBLIC_HEADER = 'pipeline_health.h'

DIRECTIVE = r'(?P<directive>^[ \t]*\#(?:\\\n|/\*.*?\*/|//[^\n]*|[^\n])*)|'
PIECE = r'''
    (?P<comment>/\*.*?\*/|//[^\n]*)
  | (?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
  | (?P<number>\.?[0-9](?:[eEpP][+-]|[\w.])*)
  | (?P<name>[A-Za-z_]\w*)
  | (?P<space>\s+)
  | (?P<sign>\.\.\.|->|\#\#|.)
'''
FLAGS = re.VERBOSE | re.DOTALL | re.MULTILINE
TOKENS_OF_FILE, TOKENS_OF_DIRECTIVE = re.compile(DIRECTIVE + PIECE, FLAGS), re.compile(PIECE, FLAGS)

INCLUDE = re.compile(r'\s*#\s*include\s*(?:"(?P<own>[^"]+)"|(?P<system><[^>]+>))')
DEFINE = re.compile(r'\s*#\s*define\s+(?P<name>\w+)(?P<parameters>\([^)]*\))?')
NO_DECLARATOR = {'sizeof', '_Alignas', '_Static_assert', '__attribute__', '__declspec'}

HEAD = '''/*
** pipeline_health {version}: sales-pipeline health in SQL, an extension of SQLite, in one file.
**
** Made from the sources below ext/ by `make amalgamation`; change those, not this file.
**
**     cc -shared -fPIC -O3 -ffp-contract=off pipeline_health.c -o pipeline_health.so -lm -pthread    to be loaded
**     cc -c -O3 -ffp-contract=off -DSQLITE_CORE pipeline_health.c                                    to be linked
**
{license}
*/
'''

HIDE = '''
/* The entry point alone is seen from outside: it was declared above. */
#if defined(__GNUC__) && !defined(_WIN32) && !defined(__CYGWIN__)
#pragma GCC visibility push(hidden)
#endif
'''

SHOW = '''
#if defined(__GNUC__) && !defined(_WIN32) && !defined(__CYGWIN__)
#pragma GCC visibility pop
#endif
'''


class Refusal(Exception):
    """Why there is no amalgamation."""


class Token:
    """A piece of a file: its kind (a group of the patterns above), its text, and whether it is the name of a member."""

    def __init__(self, kind, text):
        self.kind, self.text, self.member = kind, text, False


class Macro:
    """A macro of a file, with the tokens of its body and whether that makes names or texts of its arguments."""

    def __init__(self, directive):
        found = DEFINE.match(directive)
        self.name = found['name']
        self.parameters = set(re.findall(r'\w+', found['parameters'] or ''))
        self.body = code_of(tokens_of(directive[found.end():], TOKENS_OF_DIRECTIVE))
        self.pastes = any(token.text in ('#', '##') for token in self.body)


class File:
    """A file of ext: its tokens and what is declared in it."""

    def __init__(self, path, shown):
        self.path, self.shown = path, shown
        self.is_header = path.suffix == '.h'
        self.tokens = tokens_of(path.read_text())
        directives = [token.text for token in self.tokens if token.kind == 'directive']
        self.macros = [Macro(text) for text in directives if DEFINE.match(text)]
        self.own_includes = [path.parent / found['own'] for found in map(INCLUDE.match, directives)
                             if found and found['own']]
        self.code = code_of(self.tokens)
        mark_members(self.code)
        self.local, self.common = declared_names(self.code, {macro.name for macro in self.macros})
        self.includes = list(self.outside_includes())

    def outside_includes(self):
        """What it includes with < >, each with the condition that it stands under; '' for none."""
        conditions = []
        for token in self.tokens:
            text = token.text.strip() if token.kind == 'directive' else ''
            found = INCLUDE.match(text)
            if re.match(r'#\s*if', text):
                conditions.append(text)
            elif re.match(r'#\s*el', text):
                conditions[-1] = None
            elif re.match(r'#\s*endif', text):
                conditions.pop()
            elif found:
                within = conditions[1:] if self.is_header else conditions  # the guard of a header is no matter
                if len(within) > 1 or None in within or (within and found['own']):
                    raise Refusal(f'{self.shown}: {text}: such an include cannot be moved to the top')
                if found['system']:
                    yield found['system'], within[0] if within else ''

    def private_names(self):
        """What only this source may see; ph_ is the prefix of what all share, such as a struct that a header names."""
        return ({name for name in self.local if not name.startswith('ph_')}
                | {macro.name for macro in self.macros if not macro.name.startswith('_')})

    def names_in_use(self):
        """Every name but those of members; in a directive no name is known to be one."""
        pieces = list(self.code)
        for token in self.tokens:
            if token.kind == 'directive' and not INCLUDE.match(token.text):
                pieces += tokens_of(token.text, TOKENS_OF_DIRECTIVE)
        return {token.text for token in pieces if token.kind == 'name' and not token.member}

    def member_names(self):
        return {token.text for token in self.code if token.member}


# -------------------------------------------------------------------------------------------------------- reading C

def tokens_of(text, pattern=TOKENS_OF_FILE):
    return [Token(found.lastgroup, found.group()) for found in pattern.finditer(text)]


def code_of(tokens):
    return [token for token in tokens if token.kind not in ('directive', 'comment', 'space')]


def closing(code, at):
    """Where the bracket that opens at this place closes."""
    depth = 0
    for place in range(at, len(code)):
        depth += code[place].text in ('(', '[', '{')
        depth -= code[place].text in (')', ']', '}')
        if depth == 0:
            return place
    raise Refusal(f'a bracket does not close: {code[at].text}')


def body_of(code, at, words):
    """Where the body opens of the struct, union or enumeration that begins at this place; None when it is none."""
    if code[at].text not in words or at + 2 >= len(code):
        return None
    after = at + 2 if code[at + 1].kind == 'name' else at + 1
    return after if code[after].text == '{' else None


def mark_members(code):
    """Marks the names of members: behind `.` and `->`, and what stands as a declarator in a struct."""
    for before, token in zip(code, code[1:]):
        if token.kind == 'name' and before.text in ('.', '->'):
            token.member = True
    for at in range(len(code)):
        opening = body_of(code, at, ('struct', 'union'))
        if opening is None:
            continue
        place, end = opening + 1, closing(code, opening)
        while place < end:
            token, after = code[place], code[place + 1].text
            constants = body_of(code, place, ('enum',))
            if token.kind == 'name' and code[place - 1].text != ':' and after in (',', ';', '[', ':', ')'):
                token.member = True
            if constants is not None or token.text == '[':
                place = closing(code, constants or place)
            place += 1


def external_declarations(code):
    """The declarations and definitions at file scope, each as a list of tokens; bodies of functions are left out."""
    start = at = 0
    while at < len(code):
        text = code[at].text
        if text == ';':
            yield code[start:at + 1]
            start = at + 1
        elif text in ('(', '[', '{'):
            end = closing(code, at)
            if text == '{' and code[at - 1].text == ')':
                yield code[start:at + 1]
                start = end + 1
            at = end
        at += 1


def declarators(declaration, macros):
    """The names that a declaration declares, without those in its parameters, bodies and initialisers."""
    at, expected = 0, True
    while at < len(declaration) - 1:
        token, after = declaration[at], declaration[at + 1]
        if token.kind == 'name' and after.text == '(' and (token.text in macros or token.text in NO_DECLARATOR):
            at = closing(declaration, at + 1)
        elif expected and token.text == '(' and after.text == '*':
            yield next(inner.text for inner in declaration[at:] if inner.kind == 'name')
            expected = False
            at = closing(declaration, at)
        elif expected and token.kind == 'name' and after.text in ('(', '[', '=', ',', ';'):
            if after.text != '(' or declaration[at + 2].text != '*':  # else the type before (*name)
                yield token.text
                expected = False
        elif token.text == ',':
            expected = True
        elif token.text in ('(', '[', '{'):
            at = closing(declaration, at)
        at += 1


def tags_and_constants(declaration):
    """Tags that are defined here, and the constants of enumerations."""
    for at in range(len(declaration)):
        opening = body_of(declaration, at, ('struct', 'union', 'enum'))
        if opening is None:
            continue
        if opening == at + 2:
            yield declaration[at + 1].text
        if declaration[at].text != 'enum':
            continue
        place, end = opening, closing(declaration, opening)
        while place < end:
            if declaration[place].text in ('{', ',') and declaration[place + 1].kind == 'name':
                yield declaration[place + 1].text
            place = closing(declaration, place) if declaration[place].text in ('(', '[') else place
            place += 1


def declared_names(code, macros):
    """What is declared at file scope: the names that stay in the file, and those that all files share."""
    local, common = set(), set()
    for declaration in external_declarations(code):
        words = {token.text for token in declaration}
        if declaration[-1].text == '{':  # a function; the brace itself has no end here
            declaration = declaration[:-1] + [Token('sign', ';')]
        local.update(tags_and_constants(declaration))
        found = set(declarators(declaration, macros))
        if 'static' in words or 'typedef' in words:
            local.update(found)
            if not found:
                raise Refusal('no name found in: ' + ' '.join(token.text for token in declaration))
        elif 'extern' not in words:
            common.update(found)
    return local, common


# --------------------------------------------------------------------------------------------------------- renaming

def check_shared_names(files):
    """What several files see must carry the prefix, or it could mean something else in one of them."""
    for file in files:
        shared = file.common | (file.private_names() if file.is_header else set())
        for name in sorted(shared):
            if not re.match('ph_|PH_|PIPELINE_HEALTH_', name) and name != ENTRY_POINT:
                raise Refusal(f'{file.shown}: {name} is seen by other files and lacks the prefix ph_ or PH_')


def new_names(files):
    """For each file, its private names that another file uses, and what they are called in the one file."""
    in_use = {file: file.names_in_use() for file in files}
    members = {file: file.member_names() for file in files}
    taken = set().union(*in_use.values(), *members.values())
    result = {}
    for file in files:
        others = set().union(*(in_use[other] for other in files if other is not file))
        others_members = set().union(*(members[other] for other in files if other is not file))
        macros = {macro.name for macro in file.macros}
        result[file] = {}
        if file.is_header:
            continue
        for name in sorted(file.private_names()):
            if name in others or (name in macros and name in others_members):
                new = f'ph_{file.path.stem}_{name}'
                new = new.upper() if name.isupper() else new
                while new in taken:
                    new += '_'
                taken.add(new)
                result[file][name] = new
    return result


def check_pasting(file, renamed, common_macros):
    """Where a file sees a macro that makes names or texts of its arguments, no argument of a macro may be renamed: what
    is made of it would change."""
    seen = file.macros + common_macros
    if not any(macro.pastes for macro in seen):
        return
    macros = {macro.name for macro in seen}
    places = [(file.code, macros)] + [(macro.body, macros | macro.parameters) for macro in file.macros]
    for code, callable_names in places:
        for at, token in enumerate(code[:-1]):
            arguments = []
            if token.text in callable_names and code[at + 1].text == '(':
                arguments = code[at + 1:closing(code, at + 1)]
            elif token.text in ('#', '##'):
                arguments = code[max(at - 1, 0):at + 2]
            for argument in arguments:
                if argument.text in renamed:
                    raise Refusal(f'{file.shown}: {argument.text} stands where a macro with # or ## may take it for a '
                                  'name or text: give it a name that no other file uses')


def renamed_directive(text, renamed):
    return ''.join(renamed.get(token.text, token.text) if token.kind == 'name' else token.text
                   for token in tokens_of(text, TOKENS_OF_DIRECTIVE))


def body_text(file, renamed):
    """A file's text without its includes and with its new names."""
    pieces = []
    for token in file.tokens:
        if token.kind == 'directive':
            moved = INCLUDE.match(token.text) or is_feature_macro(token.text)
            pieces.append('' if moved else renamed_directive(token.text, renamed))
        elif token.kind == 'name' and not token.member:
            pieces.append(renamed.get(token.text, token.text))
        else:
            pieces.append(token.text)
    return re.sub(r'\n{3,}', '\n\n', ''.join(pieces)).strip() + '\n'


# ---------------------------------------------------------------------------------------------------------- writing

def is_feature_macro(directive):
    """What tells the system's headers which of their parts to declare, and so stands before them."""
    found = DEFINE.match(directive)
    return bool(found) and found['name'].startswith('_')


def in_order(files):
    """Headers before what includes them, then the sources from the lowest floor up."""
    by_path = {file.path.resolve(): file for file in files}
    headers = []

    def visit(file):
        for path in file.own_includes:
            included = by_path.get(path.resolve())
            if included is not None and included not in headers:
                visit(included)
        if file.is_header and file not in headers:
            headers.append(file)

    sources = [file for file in files if not file.is_header]
    for file in sources:
        visit(file)
    unused = [file.shown for file in files if file.is_header and file not in headers]
    if unused:
        raise Refusal(f'no source includes {", ".join(unused)}')
    return headers, sources


def directives_for_the_top(files):
    """The feature macros and the includes from outside, each once; those under a condition behind the others."""
    known = {file.path.name for file in files}
    features, own, system = [], set(), {}
    for file in files:
        for include, condition in file.includes:
            system.setdefault(condition, set()).add(f'#include {include}')
        for token in file.tokens:
            found = token.kind == 'directive' and INCLUDE.match(token.text)
            if token.kind == 'directive' and is_feature_macro(token.text):
                features.append(token.text.strip())
            elif found and found['own'] and pathlib.Path(found['own']).name not in known:
                own.add(f'#include "{found["own"]}"')
    includes = sorted(own) + sorted(system.pop('', ()))
    for condition, lines in sorted(system.items()):
        includes += [condition] + sorted(lines) + ['#endif']
    return features, includes


def banner(shown):
    line = f'/* {shown} '
    return f'\n{line}{"-" * (107 - len(line))} */\n\n'


def amalgamate(root, generated, license_text):
    """The text of pipeline_health.c."""
    paths = [path for floor in FLOORS for path in sorted((root / floor).glob('*.[ch]'))]
    left_out = set(root.rglob('*.[ch]')) - set(paths)
    if left_out:
        raise Refusal(f'in no known folder: {", ".join(sorted(map(str, left_out)))}')
    files = [File(path, f'{root.name}/{path.relative_to(root)}') for path in paths]
    embedded = File(generated, generated.name)
    files.append(embedded)
    for file in files:  # the one header that the build makes lies elsewhere
        file.own_includes = [generated if path.name == generated.name else path for path in file.own_includes]
    check_shared_names(files)
    renamed = new_names(files)
    common_macros = [macro for file in files if file.is_header for macro in file.macros]
    for file in files:
        check_pasting(file, renamed[file], common_macros)
    headers, sources = in_order(files)
    public = next(file for file in headers if file.path.name == PUBLIC_HEADER)
    headers.remove(public)  # before all others: the entry point is declared while everything can be seen
    features, includes = directives_for_the_top(files)
    version = re.search(r'define PIPELINE_HEALTH_VERSION "(.*)"', public.path.read_text())[1]
    license_lines = '\n'.join(f'** {line}'.rstrip() for line in license_text.strip().split('\n'))
    parts = [HEAD.format(version=version, license=license_lines)]
    parts += [f'{line}\n' for line in features + [''] + includes]
    parts += [banner(public.shown), body_text(public, {}), HIDE]
    for file in headers + sources:
        parts += [banner(file.shown), body_text(file, renamed[file])]
    return ''.join(parts) + SHOW


def main(root, generated, license_file, target):
    root, target = pathlib.Path(root), pathlib.Path(target)
    try:
        text = amalgamate(root, pathlib.Path(generated), pathlib.Path(license_file).read_text())
    except Refusal as reason:
        sys.exit(f'amalgamate: {reason}')
    target.mkdir(parents=True, exist_ok=True)
    (target / PUBLIC_HEADER).write_text((root / PUBLIC_HEADER).read_text())
    (target / 'pipeline_health.c').write_text(text)


if __name__ == '__main__':
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
