'use strict';

// The extension of SQLite for Node: where the library of this platform is, and how a connection loads it.

const LIBRARIES = { linux: 'pipeline_health.so', darwin: 'pipeline_health.dylib', win32: 'pipeline_health.dll' };

function platformPackage() {
  const musl = process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime;
  return `pipeline-health-${process.platform}${musl ? 'musl' : ''}-${process.arch}`;
}

function getLoadablePath() {
  const name = platformPackage();
  try {
    return require.resolve(`${name}/${LIBRARIES[process.platform]}`);
  } catch {
    throw new Error(`the library of pipeline-health for this platform is the package ${name}, which is not installed: ` +
      'it is an optional dependency of pipeline-health, so npm must not omit those');
  }
}

function load(db) {
  const mustBeEnabled = typeof db.enableLoadExtension === 'function'; // node:sqlite; better-sqlite3 needs no such call
  if (mustBeEnabled) db.enableLoadExtension(true);
  try {
    db.loadExtension(getLoadablePath());
  } finally {
    if (mustBeEnabled) db.enableLoadExtension(false);
  }
  return db;
}

module.exports = { getLoadablePath, load };
