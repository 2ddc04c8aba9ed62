"""The library for every platform, from one machine: what `make release` runs.

    release.py ZIG_PYTHON AMALGAMATION SQLITE_INCLUDE FOLDER [PLATFORM ...]

Compiles AMALGAMATION/pipeline_health.c with zig (PyPI's package ziglang in ZIG_PYTHON's environment) against the header of one
SQLite, so that the same sources give the same bytes on every machine. Writes FOLDER/PLATFORM/pipeline_health.so (.dylib, .dll)
and an archive FOLDER/pipeline_health-VERSION-PLATFORM.tar.gz (.zip for Windows). The platform stands in the archive's name alone:
SQLite finds the entry point by the name of the file.
"""

import collections
import concurrent.futures
import gzip
import io
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import zipfile

Platform = collections.namedtuple('Platform', 'target library wheel_tag')

# Name in archives: zig's target, the library's name, the tag of its Python wheel.
PLATFORMS = {
    'linux-x86_64': Platform('x86_64-linux-gnu.2.17', 'pipeline_health.so', 'manylinux_2_17_x86_64'),
    'linux-aarch64': Platform('aarch64-linux-gnu.2.17', 'pipeline_health.so', 'manylinux_2_17_aarch64'),
    'musl-x86_64': Platform('x86_64-linux-musl', 'pipeline_health.so', 'musllinux_1_2_x86_64'),
    'musl-aarch64': Platform('aarch64-linux-musl', 'pipeline_health.so', 'musllinux_1_2_aarch64'),
    'macos-x86_64': Platform('x86_64-macos.10.13', 'pipeline_health.dylib', 'macosx_10_13_x86_64'),
    'macos-arm64': Platform('aarch64-macos.11.0', 'pipeline_health.dylib', 'macosx_11_0_arm64'),
    'windows-x86_64': Platform('x86_64-windows-gnu', 'pipeline_health.dll', 'win_amd64'),
    'windows-arm64': Platform('aarch64-windows-gnu', 'pipeline_health.dll', 'win_arm64'),
}
FLAGS = ['-std=c11', '-O3', '-g0', '-s', '-shared', '-Wall', '-Wextra', '-Werror']
EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest day of a zip file


def compile_library(zig_python, source, include, folder, name):
    platform = PLATFORMS[name]
    library = folder / name / platform.library
    library.parent.mkdir(parents=True, exist_ok=True)
    system = [] if 'windows' in platform.target else ['-fPIC']
    if 'macos' in platform.target:  # the path of the build would be the library's name otherwise
        system += ['-undefined', 'dynamic_lookup', '-install_name', f'@rpath/{platform.library}']
    command = [zig_python, '-m', 'ziglang', 'cc', '-target', platform.target, *FLAGS, *system, f'-I{include}',
               '-o', str(library), str(source), '-lm']
    environment = dict(os.environ, ZIG_GLOBAL_CACHE_DIR=str(folder / 'zig-cache'), ZIG_LOCAL_CACHE_DIR=str(folder / 'zig-cache'))
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode != 0 or done.stderr:  # a warning of the linker ends the build, too
        sys.exit(f'release: {name}: {done.stderr}')
    for beside in library.parent.glob('*.lib'):  # an import library, which nobody links
        beside.unlink()
    return library


def archive(folder, name, version, files):
    """The files in one archive whose bytes depend on theirs alone."""
    stem = f'pipeline_health-{version}-{name}'
    if name.startswith('windows'):
        with zipfile.ZipFile(folder / f'{stem}.zip', 'w', zipfile.ZIP_DEFLATED) as target:
            for file in files:
                target.writestr(zipfile.ZipInfo(f'{stem}/{file.name}', EPOCH), file.read_bytes(), zipfile.ZIP_DEFLATED)
        return
    with open(folder / f'{stem}.tar.gz', 'wb') as raw, gzip.GzipFile('', 'wb', 9, raw, 0) as packed, \
            tarfile.open(fileobj=packed, mode='w') as target:
        for file in files:
            entry = tarfile.TarInfo(f'{stem}/{file.name}')
            content = file.read_bytes()
            entry.size, entry.mode = len(content), 0o755 if file.suffix in ('.so', '.dylib') else 0o644
            target.addfile(entry, io.BytesIO(content))


def main(zig_python, amalgamation, include, folder, *names):
    amalgamation, folder = pathlib.Path(amalgamation), pathlib.Path(folder).absolute()
    header = amalgamation / 'pipeline_health.h'
    version = re.search(r'PIPELINE_HEALTH_VERSION "(.*)"', header.read_text())[1]

    def one(name):
        library = compile_library(zig_python, amalgamation / 'pipeline_health.c', include, folder, name)
        archive(folder, name, version, [library, header, pathlib.Path('LICENSE')])
        print(f'  zig  {library} ({library.stat().st_size:,} bytes)', flush=True)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as workers:
        list(workers.map(one, names or PLATFORMS))


if __name__ == '__main__':
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
