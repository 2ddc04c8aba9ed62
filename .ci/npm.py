"""The npm packages of a release: what `make npm` runs.

    npm.py RELEASE_FOLDER FOLDER [PLATFORM ...]

Writes FOLDER/pipeline-health-VERSION.tgz, and beside it one package for each platform of the release, which holds the library and
is an optional dependency of the first. npm installs the one whose os, cpu and libc are those of the machine.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys

from release import PLATFORMS

# The words of npm for those of release.py.
SYSTEMS = {'linux': 'linux', 'musl': 'linux', 'macos': 'darwin', 'windows': 'win32'}
PROCESSORS = {'x86_64': 'x64', 'aarch64': 'arm64', 'arm64': 'arm64'}
LIBCS = {'linux': 'glibc', 'musl': 'musl'}


def platform_package(name, common):
    """The package.json of a platform, as process.platform and process.arch spell it in ext/node/index.cjs."""
    system, processor = name.split('-')
    package = {
        **{key: common[key] for key in ('license', 'version', 'engines')},
        'name': f"{common['name']}-{SYSTEMS[system]}{'musl' if system == 'musl' else ''}-{PROCESSORS[processor]}",
        'description': f"The library of {common['name']} for {name}",
        'os': [SYSTEMS[system]],
        'cpu': [PROCESSORS[processor]],
        'files': [PLATFORMS[name].library],
    }
    if system in LIBCS:
        package['libc'] = [LIBCS[system]]
    return package


def pack(folder, package, files):
    source = folder / package['name']
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    for file in files:
        shutil.copy(file, source)
    (source / 'package.json').write_text(json.dumps(package, indent=2) + '\n')
    subprocess.run(['npm', 'pack', '--silent', '--pack-destination', folder, source], check=True, stdout=subprocess.DEVNULL)


def main(release, folder, *names):
    folder = pathlib.Path(folder).absolute()
    shutil.rmtree(folder, ignore_errors=True)
    package = json.loads(pathlib.Path('ext/node/package.json').read_text())
    package['version'] = re.search(r'PIPELINE_HEALTH_VERSION "(.*)"', pathlib.Path('ext/pipeline_health.h').read_text())[1]
    platforms = {name: platform_package(name, package) for name in names or PLATFORMS}
    package['optionalDependencies'] = {other['name']: other['version'] for other in platforms.values()}
    for name, other in platforms.items():
        pack(folder, other, [pathlib.Path(release, name, PLATFORMS[name].library), 'LICENSE'])
    pack(folder, package, [file for file in pathlib.Path('ext/node').iterdir() if file.name != 'package.json'] + ['LICENSE'])
    for file in sorted(folder.glob('*.tgz')):
        print(f'  npm  {file} ({file.stat().st_size:,} bytes)')


if __name__ == '__main__':
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
