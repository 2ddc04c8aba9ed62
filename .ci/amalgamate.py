"""One C file out of all: what `make amalgamation` runs.

    amalgamate.py ext build/generated/embedded_sql.h LICENSE build/amalgamation

Writes pipeline_health.c and a copy of pipeline_health.h. Every source is taken in from the lowest layer up, and a header
where it is included first. Two things change: what is included from outside goes to the top, and a name that a source
keeps to itself while another file uses it too is written with the name of its source before it: `fill` of
win_rate.c becomes ph_win_rate__fill.

The sources keep clang-format's layout, so what stands at the beginning of a line is at file scope. A member of a struct
keeps its name where a header has that name. A place that is overlooked does not compile.
"""

import pathlib
import re
import sys

LAYERS = ('base', 'history', 'timeline', 'probability', 'measure', 'store', 'sqlite', 'sqlite/tables', '.')
PUBLIC_HEADER = 'pipeline_health.h'

INCLUDE = re.compile(r'^# *include "([^"]+)"\n', re.MULTILINE)
SYSTEM_INCLUDE = re.compile(r'^# *include <[^>]+>\n', re.MULTILINE)
TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|(?P<member>(?:\.|->) *)?\b(?P<name>[A-Za-z_]\w*)',
                   re.DOTALL)
AT_FILE_SCOPE = (
    r'^static [^;{=()]*?\b(\w+)(?= *[(\[=;])',          # a function or variable
    r'^static [^;{=()]*\(\*(?:const )?(\w+)',           # a variable that points to functions
    r'^(?:typedef )?(?:struct|union|enum) (\w+) \{',    # a tag
    r'^\} (\w+);|^typedef [^{;]*?\b(\w+);|^typedef enum \{[^}]*\} (\w+);',  # a type
    r'^ *# *define (?!_)(\w+)',                         # a macro
)

HEAD = '''/*
** pipeline_health {version}: sales-pipeline health in SQL, an extension of SQLite, in one file.
**
** Made from the sources below ext/ by `make amalgamation`; change those, not this file.
**
**     cc -shared -fPIC -O3 pipeline_health.c -o pipeline_health.so -lm    to be loaded
**     cc -c -O3 -DSQLITE_CORE pipeline_health.c                           to be linked
**
{license}
*/
#if !defined(_POSIX_C_SOURCE) && !defined(_WIN32) && !defined(__APPLE__)
#define _POSIX_C_SOURCE 200809L
#endif

{includes}
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


def names_in(text):
    return {found['name'] for found in TOKEN.finditer(text) if found['name']}


def private_names(source):
    """What a source declares for itself; ph_ is the prefix of what all share."""
    code = re.sub(r'/\*.*?\*/', '', source, flags=re.DOTALL)
    found = {name for pattern in AT_FILE_SCOPE for names in re.findall(pattern, code, re.MULTILINE)
             for name in ([names] if isinstance(names, str) else names)}
    for constants in re.findall(r'^(?:typedef )?enum \w* ?\{(.*?)\}', code, re.MULTILINE | re.DOTALL):
        found.update(re.findall(r'(?:^|,)\s*(\w+)', constants))
    return {name for name in found if name and not name.startswith('ph_')}


def renamed(source, names, stem, members):
    structs = [found.span() for found in re.finditer(r'^(?:typedef )?(?:struct|union) \w* ?\{.*?^\}', source, re.M | re.S)]

    def is_member(found):
        declared = source[found.end():found.end() + 1] in ';,[' and any(a < found.start() < b for a, b in structs)
        return found['name'] in members and (found['member'] or declared)

    def new_text(found):
        name = found['name']
        if name not in names or is_member(found):
            return found.group()
        new = f'ph_{stem}__{name}'
        return (found['member'] or '') + (new.upper() if name.isupper() else new)
    return TOKEN.sub(new_text, source)


class Amalgamation:
    def __init__(self, root, generated):
        self.root = root
        self.sources = [path for layer in LAYERS for path in sorted((root / layer).glob('*.c'))]
        headers = sorted(root.rglob('*.h')) + [generated]
        left_out = set(root.rglob('*.c')) - set(self.sources)
        if left_out:
            sys.exit(f'amalgamate: in no known folder: {", ".join(sorted(map(str, left_out)))}')
        self.headers = {path.name: path for path in headers}
        if len(self.headers) < len(headers):
            sys.exit('amalgamate: two headers have the same name')
        self.texts = {path: path.read_text() for path in self.sources + headers}
        self.names = {path: names_in(text) for path, text in self.texts.items()}
        self.members = set().union(*(self.names[path] for path in headers))
        self.taken = set()

    def in_place(self, include):
        """A header's text where it is included first, else nothing; one that is not ours is left to the top."""
        path = self.headers.get(pathlib.Path(include[1]).name)
        if path is None or path in self.taken:
            return ''
        self.taken.add(path)
        return f'/* {path.name} */\n' + self.expanded(self.texts[path])

    def expanded(self, text):
        return INCLUDE.sub(self.in_place, SYSTEM_INCLUDE.sub('', text))

    def source(self, path):
        others = set().union(*(names for other, names in self.names.items() if other != path))
        names = private_names(self.texts[path]) & others
        text = renamed(self.texts[path], names, path.stem, self.members)
        line = f'/* {path.relative_to(self.root)} '
        return f'\n{line}{"-" * (107 - len(line))} */\n\n' + self.expanded(text)

    def text(self, license_text):
        public = self.headers[PUBLIC_HEADER]
        whole = '\n'.join(self.texts.values())
        foreign = {found.group() for found in INCLUDE.finditer(whole)
                   if pathlib.Path(found[1]).name not in self.headers}
        system = {line for line in SYSTEM_INCLUDE.findall(whole) if PUBLIC_HEADER not in line}
        head = HEAD.format(
            version=re.search(r'define PIPELINE_HEALTH_VERSION "(.*)"', self.texts[public])[1],
            license='\n'.join(f'** {line}'.rstrip() for line in license_text.strip().split('\n')),
            includes=''.join(sorted(foreign) + sorted(system)))
        self.taken.add(public)
        parts = [head, self.expanded(self.texts[public]), HIDE] + [self.source(path) for path in self.sources] + [SHOW]
        return re.sub(r'\n{3,}', '\n\n', ''.join(parts))


def main(root, generated, license_file, target):
    root, target = pathlib.Path(root), pathlib.Path(target)
    text = Amalgamation(root, pathlib.Path(generated)).text(pathlib.Path(license_file).read_text())
    target.mkdir(parents=True, exist_ok=True)
    (target / PUBLIC_HEADER).write_text((root / PUBLIC_HEADER).read_text())
    (target / 'pipeline_health.c').write_text(text)


if __name__ == '__main__':
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
