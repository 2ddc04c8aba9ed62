// Node with its own node:sqlite. See protocol.py for what a host does.
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { load } from 'pipeline-health';

const crm = load(new DatabaseSync(process.argv[2], { readOnly: true, allowExtension: true }));
crm.exec("SELECT pipeline_connect('salesforce')");

for await (const line of createInterface({ input: process.stdin })) {
  const [sql, ...parameters] = line.split('\t');
  try {
    console.log(JSON.stringify(crm.prepare(sql).all(...parameters).map(row => Object.values(row))));
  } catch (problem) {
    console.log(JSON.stringify({ error: problem.message }));
  }
}
crm.close();
