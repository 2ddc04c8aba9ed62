"""Jupyter: a kernel that runs a cell for each question, as a notebook does."""

import json
import sys

import nbclient
import nbformat

import protocol

CONNECT = f'''
import json
import pipeline_health
crm = pipeline_health.connect({sys.argv[1]!r}, 'salesforce')
'''
notebook = nbformat.v4.new_notebook()
client = nbclient.NotebookClient(notebook, timeout=120, kernel_name='python3')


def run(source):
    """Appends a cell and runs it; what it prints."""
    notebook.cells.append(nbformat.v4.new_code_cell(source))
    outputs = client.execute_cell(notebook.cells[-1], len(notebook.cells) - 1).outputs
    return ''.join(output.text for output in outputs if output.output_type == 'stream')


with client.setup_kernel():
    run(CONNECT)
    protocol.serve(lambda sql, parameters: json.loads(run(f'print(json.dumps(crm.execute({sql!r}, {parameters!r}).fetchall()))')))
    run('crm.close()')
