"""A Python wheel for each library of a release: what `make wheels` runs.

    wheels.py PYTHON RELEASE_FOLDER FOLDER

PYTHON has hatchling and build. The tags stand in release.py.
"""

import os
import pathlib
import subprocess
import sys

from release import PLATFORMS


def main(python, release, folder):
    for name, platform in PLATFORMS.items():
        library = pathlib.Path(release, name, platform.library).absolute()
        environment = dict(os.environ, PIPELINE_HEALTH_LIBRARY=str(library), PIPELINE_HEALTH_TAG=platform.wheel_tag)
        subprocess.run([python, '-m', 'build', '--wheel', '--no-isolation', '--outdir', folder, 'ext/python'],
                       env=environment, check=True, stdout=subprocess.DEVNULL)
    for wheel in sorted(pathlib.Path(folder).glob('*.whl')):
        print(f'  whl  {wheel} ({wheel.stat().st_size:,} bytes)')


if __name__ == '__main__':
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
