"""sql/notebook.ipynb: kept without outputs, and every cell runs on the demo and shows what it says.

    notebook_test.py DEMO FOLDER

Writes FOLDER/notebook.ipynb with the outputs, and each plot as a PNG. Ends with `N passed, N failed`.
"""

import base64
import os
import pathlib
import sys

import nbclient
import nbformat

NOTEBOOK = pathlib.Path('sql/notebook.ipynb')
PLOTS = ['coverage', 'integrity', 'movement', 'forecast', 'backtest']
# What stands in the text of a cell's result, from the demo's known answers.
SHOWN = {'sources': 'missing amount', 'coverage': 'Enterprise East', 'integrity': '0.216', 'stalled': 'no_progress', 'soon': 'stalls_on',
         'forecast': 'Public Sector', 'opening': 'diagnosis', 'backtest': '0.468'}


def main(demo, folder):
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    faults = []
    nbformat.validate(notebook)
    if any(cell.get('outputs') or cell.get('execution_count') for cell in notebook.cells):
        faults.append('outputs are kept in the file')
    if len(notebook.cells) != 12:
        faults.append(f'expected twelve cells, got {len(notebook.cells)}')
    os.environ.update(DATABASE=str(pathlib.Path(demo).absolute()), AS_OF='2022-06-30')
    nbclient.NotebookClient(notebook, timeout=120, kernel_name='python3').execute()
    nbformat.write(notebook, folder / 'notebook.ipynb')
    checks = 2
    for cell in notebook.cells:
        data = [output.data for output in cell.get('outputs', []) if 'data' in output]
        if cell.id in PLOTS:
            checks += 1
            pictures = [base64.b64decode(one['image/png']) for one in data if 'image/png' in one]
            if len(pictures) == 1:
                (folder / f'{cell.id}.png').write_bytes(pictures[0])
            else:
                faults.append(f'{cell.id}: expected one plot, got {len(pictures)}')
        if cell.id in SHOWN:
            checks += 1
            text = '\n'.join(one.get('text/plain', '') for one in data)
            if SHOWN[cell.id] not in text:
                faults.append(f'{cell.id}: expected {SHOWN[cell.id]} in {text[:300]}')
    for fault in faults:
        print(f'notebook: failed: {fault}')
    print(f'{checks - len(faults)} passed, {len(faults)} failed')
    return 1 if faults else 0


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
