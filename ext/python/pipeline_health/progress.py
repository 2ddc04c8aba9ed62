"""A line on stderr about what takes longer than a second, and none about what does not."""

import sys
import threading
import time


class Progress:
    """`with Progress('reading crm.db') as progress: ...`; progress.done = 4000 adds the number of rows so far.

    On a terminal one line counts on; into a file goes a line after a second and then one every ten.
    """

    def __init__(self, what):
        self.what, self.done = what, None
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.tell, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def tell(self):
        began, terminal, wait, told = time.monotonic(), sys.stderr.isatty(), 1, False
        while not self.over.wait(wait):
            rows = '' if self.done is None else f', {self.done:,} rows'
            line = f'{self.what}: {time.monotonic() - began:.0f} s{rows}'
            print(f'\r{line}' if terminal else line, end='' if terminal else '\n', file=sys.stderr, flush=True)
            wait, told = 1 if terminal else 10, True
        if told and terminal:
            print(file=sys.stderr)
