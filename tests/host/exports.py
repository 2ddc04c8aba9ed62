"""Libraries of any platform, without running them: each shows sqlite3_pipelinehealth_init alone, needs no SQLite, and those for
Linux need no glibc above 2.17.

    exports.py LIBRARY ...

Reads ELF, Mach-O and PE files. Ends with `N passed, N failed`.
"""

import re
import struct
import sys

ENTRY = 'sqlite3_pipelinehealth_init'


def text_at(data, offset):
    return data[offset:data.index(b'\0', offset)].decode()


def elf(data):
    """Names of the defined dynamic symbols, and of the needed libraries."""
    table, = struct.unpack_from('<Q', data, 40)
    size, count = struct.unpack_from('<HH', data, 58)
    sections = [struct.unpack_from('<IIQQQQIIQQ', data, table + i * size) for i in range(count)]
    exported, needed = [], []
    for _, kind, _, _, offset, length, link, _, _, entry in sections:
        if kind == 11:  # dynamic symbols
            for at in range(offset, offset + length, entry):
                name, info, _, section = struct.unpack_from('<IBBH', data, at)
                if section != 0 and info >> 4 in (1, 2):
                    exported.append(text_at(data, sections[link][4] + name))
        elif kind == 6:  # the dynamic section
            for at in range(offset, offset + length, 16):
                tag, value = struct.unpack_from('<QQ', data, at)
                if tag == 1:
                    needed.append(text_at(data, sections[link][4] + value))
    return exported, needed


def mach_o(data):
    """Names of the external defined symbols, and of the needed libraries; a library for arm64 must be signed."""
    cpu, = struct.unpack_from('<I', data, 4)
    count, = struct.unpack_from('<I', data, 16)
    at, exported, needed, signed = 32, [], [], False
    for _ in range(count):
        command, size = struct.unpack_from('<II', data, at)
        if command == 0x2:  # symbol table
            symbols, number, strings, _ = struct.unpack_from('<IIII', data, at + 8)
            for i in range(number):
                name, kind = struct.unpack_from('<IB', data, symbols + i * 16)
                if kind & 0xE0 == 0 and kind & 1 and kind & 0x0E:
                    exported.append(text_at(data, strings + name)[1:])
        elif command in (0xC, 0x80000018):  # a library to load, also a weak one
            needed.append(text_at(data, at + struct.unpack_from('<I', data, at + 8)[0]))
        signed = signed or command == 0x1D
        at += size
    if cpu == 0x100000C and not signed:
        raise ValueError('not signed: macOS on arm64 would not load it')
    return exported, needed


def portable_executable(data):
    """Names of the exports, and of the imported libraries."""
    header, = struct.unpack_from('<I', data, 60)
    sections, _, _, _, optional = struct.unpack_from('<HIIIH', data, header + 6)
    directories = header + 24 + 112
    rows = [struct.unpack_from('<8sIIII', data, header + 24 + optional + i * 40) for i in range(sections)]

    def offset(address):
        return next(raw + address - start for _, length, start, _, raw in rows if start <= address < start + length)

    exports, imports = (struct.unpack_from('<I', data, directories + i * 8)[0] for i in range(2))
    names, = struct.unpack_from('<I', data, offset(exports) + 24)
    names_list, = struct.unpack_from('<I', data, offset(exports) + 32)
    exported = [text_at(data, offset(struct.unpack_from('<I', data, offset(names_list) + i * 4)[0])) for i in range(names)]
    needed, at = [], offset(imports)
    while name := struct.unpack_from('<I', data, at + 12)[0]:
        needed.append(text_at(data, offset(name)))
        at += 20
    return exported, needed


def complaints(path):
    with open(path, 'rb') as file:
        data = file.read()
    read = {b'\x7fELF': elf, b'\xcf\xfa\xed\xfe': mach_o}.get(data[:4], portable_executable)
    exported, needed = read(data)
    exported = [name for name in exported if not name.startswith('_')]  # those are the linker's own
    if exported != [ENTRY]:
        yield f'shows {exported}, not {ENTRY} alone'
    if any('sqlite' in name.lower() for name in needed):
        yield f'needs {needed}'
    newest = max((tuple(map(int, found)) for found in re.findall(rb'GLIBC_(\d+)\.(\d+)', data)), default=(0, 0))
    if newest > (2, 17):
        yield f'needs glibc {newest[0]}.{newest[1]}'
    print(f'{path}: needs {", ".join(needed) or "nothing"}')


def main(*paths):
    failed = 0
    for path in paths:
        found = list(complaints(path))
        failed += bool(found)
        for complaint in found:
            print(f'{path}: failed: {complaint}')
    print(f'{len(paths) - failed} passed, {failed} failed')
    return 1 if failed or not paths else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
