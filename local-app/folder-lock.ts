import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isBusy } from '../adapters/local/errors.ts';
import { MillraceError } from '../core/errors.ts';

/**
 * Keeps other processes from feeding the same data folder, until the function it gives is called or the process ends,
 * however it ends: the lock is one that the system holds for SQLite.
 *
 * @throws MillraceError `request` when another process holds it.
 */
export function lockFolder(folder: string): () => void {
  const database = new DatabaseSync(join(folder, 'lock.db'));
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw error;
    const text = `another process is at work on ${folder}: wait for its end, or stop it`;
    throw new MillraceError('request', text, { problems: [text] });
  }
  return () => database.close();
}
