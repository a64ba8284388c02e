import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { onTestFinished } from 'vitest';
import {
  type LocalDatabaseOptions,
  openLocalDatabase,
} from '../../adapters/local/local-database.ts';

/** A new folder that goes when the running test ends. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * A connection to the folder's database that is closed when the running test ends, unless it was
 * before.
 */
export function connect(folder: string, options: LocalDatabaseOptions = {}): DatabaseSync {
  const database = openLocalDatabase(join(folder, 'millrace.db'), options);
  onTestFinished(() => {
    if (database.isOpen) database.close();
  });
  return database;
}
