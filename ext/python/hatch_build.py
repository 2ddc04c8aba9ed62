"""Puts a built library into the wheel and gives the wheel the tag of the library's platform.

PIPELINE_HEALTH_LIBRARY is the library's path, by default the one that `make` built; PIPELINE_HEALTH_TAG is the platform's tag, by
default this machine's.
"""

import os
import pathlib
import sysconfig

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class LibraryHook(BuildHookInterface):
    def initialize(self, version, build_data):
        built = pathlib.Path(self.root).parents[1] / 'build'
        given = os.environ.get('PIPELINE_HEALTH_LIBRARY')
        found = [pathlib.Path(given)] if given else sorted(
            path for path in built.glob('pipeline_health.*') if path.suffix in ('.so', '.dylib', '.dll'))
        if not found or not found[0].is_file():
            raise FileNotFoundError(f'no library {given or "pipeline_health below " + str(built)}: run make first')
        platform = os.environ.get('PIPELINE_HEALTH_TAG') or sysconfig.get_platform().replace('-', '_').replace('.', '_')
        build_data['tag'] = f'py3-none-{platform}'
        build_data['pure_python'] = False
        build_data['force_include'][str(found[0])] = f'pipeline_health/{found[0].name}'
