/** A connection of better-sqlite3, of node:sqlite, or of any other driver that has `loadExtension(path)`. */
export interface LoadsExtensions {
  loadExtension(path: string): unknown;
  enableLoadExtension?(allow: boolean): void;
}

/** The path of this platform's library. Throws where the platform's package is not installed. */
export declare function getLoadablePath(): string;

/**
 * Loads the extension into an open connection and returns the connection. One of node:sqlite must have been opened with
 * `{ allowExtension: true }`, and loads no further extensions afterwards until it is told to.
 */
export declare function load<Connection extends LoadsExtensions>(db: Connection): Connection;
