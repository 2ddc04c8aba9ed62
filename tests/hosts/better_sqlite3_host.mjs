// Node with better-sqlite3. See protocol.py for what a host does.
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { load } from 'pipeline-health';

const crm = load(new Database(process.argv[2], { readonly: true }));
crm.exec("SELECT pipeline_connect('salesforce')");

for await (const line of createInterface({ input: process.stdin })) {
  const [sql, ...parameters] = line.split('\t');
  try {
    const statement = crm.prepare(sql);
    const answer = statement.reader ? statement.raw().all(...parameters) : statement.run(...parameters) && [];
    console.log(JSON.stringify(answer));
  } catch (problem) {
    console.log(JSON.stringify({ error: problem.message }));
  }
}
crm.close();
