"""What the tests of the Python package share: the demo, the program, Chromium."""

import html
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

DEMO = pathlib.Path(os.environ.get('DEMO', 'build/demo.db')).absolute()


@pytest.fixture
def demo():
    return DEMO


@pytest.fixture
def program():
    """Runs `pipeline-health`; the finished process."""
    def run(*arguments, **options):
        command = pathlib.Path(sys.executable).with_name('pipeline-health')
        return subprocess.run([command, *map(str, arguments)], capture_output=True, text=True, encoding='utf-8', **options)
    return run


class Browser:
    """Headless Chromium, with the page in frames of given widths: its window cannot be narrower than 500 pixels."""

    def __init__(self, folder):
        self.folder = folder
        self.executable = shutil.which('chromium') or shutil.which('chromium-browser') or shutil.which('google-chrome')
        assert self.executable, 'the page is tested in Chromium: make deps test-python installs it'

    def run(self, *arguments):
        return subprocess.run([self.executable, '--headless=new', '--no-sandbox', '--disable-gpu', '--hide-scrollbars',
                               f'--user-data-dir={self.folder / "profile"}', '--enable-logging=stderr', *map(str, arguments)],
                              capture_output=True, text=True, encoding='utf-8', timeout=120, check=True)

    def framed(self, page, widths):
        """A file that shows the page in a frame of each width."""
        content = html.escape(page.read_text(encoding='utf-8'))
        frames = '\n'.join(f'<iframe width="{width}" height="5000" frameborder="0" srcdoc="{content}"></iframe>' for width in widths)
        frame = self.folder / 'frames.html'
        frame.write_text('''<!DOCTYPE html><meta charset="utf-8"><link rel="icon" href="data:,"><style>body { margin: 0 } iframe { display: block }</style>
''' + frames + '''
<script>addEventListener('load', () => {
  document.body.dataset.measured = JSON.stringify([...document.querySelectorAll('iframe')].map(frame => {
    const page = frame.contentDocument, width = page.documentElement.clientWidth;
    return [page.documentElement.scrollWidth,
            [...page.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > width + 0.5).map(e => e.tagName)];
  }));
})</script>''', encoding='utf-8')
        return frame.as_uri()

    def measured(self, page, widths):
        """For each width of the window what the page takes and which elements reach beyond; and what the console says."""
        done = self.run('--dump-dom', '--window-size=1400,4000', self.framed(page, widths))
        measured = re.search(r'data-measured="([^"]*)"', done.stdout)[1]
        return json.loads(html.unescape(measured)), [line for line in done.stderr.splitlines() if ':CONSOLE' in line]

    def screenshot(self, page, width, target):
        target.parent.mkdir(parents=True, exist_ok=True)
        self.run(f'--window-size={max(width, 500)},2200', f'--screenshot={target}', self.framed(page, [width]))

    def sheets(self, page, target):
        """Prints the page; the number of sheets."""
        target.parent.mkdir(parents=True, exist_ok=True)
        self.run('--no-pdf-header-footer', f'--print-to-pdf={target}', page.as_uri())
        told = subprocess.run(['pdfinfo', target], capture_output=True, text=True, check=True).stdout
        assert 'A4' in told
        return int(re.search(r'Pages:\s+(\d+)', told)[1])


@pytest.fixture
def browser(tmp_path):
    return Browser(tmp_path)
