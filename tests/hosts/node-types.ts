// The types of the npm package fit those of better-sqlite3 and node:sqlite: compiled, not run.
import Database from 'better-sqlite3';
import { DatabaseSync } from 'node:sqlite';
import { getLoadablePath, load } from 'pipeline-health';

const path: string = getLoadablePath();
const crm: Database.Database = load(new Database(':memory:'));
const own: DatabaseSync = load(new DatabaseSync(':memory:', { allowExtension: true }));
// @ts-expect-error: a text loads nothing
load('crm.db');
console.log(path, crm.open, own.isOpen);
