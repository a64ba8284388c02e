import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isBusy, sqlite } from '../adapters/local/errors.ts';
import { MillraceError } from '../core/errors.ts';
import { databaseFile } from './composition.ts';

/** A data folder that nobody else may start on until it is released, or this process ends, however suddenly. */
export interface Held {
  release(): void;
}

const lockFile = 'millrace.lock';

/**
 * Takes a data folder for this process, and makes it if there is none. The lock is one that the operating system
 * lets go of when the process ends, so a killed one leaves nothing to clean up.
 *
 * @throws MillraceError `unavailable` while another process has it.
 */
export function holdFolder(folder: string): Held {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    const { message } = cause as Error;
    throw new MillraceError('unavailable', `can't use ${folder}: ${message}`, { cause });
  }
  const database = sqlite(`lock the data folder ${folder}`, () => {
    return new DatabaseSync(join(folder, lockFile), { timeout: 0 });
  });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    const text = isBusy(cause)
      ? `the data folder ${folder} is in use by another Millrace: stop that one, or choose ` +
        'another folder with --data'
      : `can't lock the data folder ${folder}: ${(cause as Error).message}`;
    throw new MillraceError('unavailable', text, { cause });
  }
  return { release: () => database.close() };
}

/**
 * Removes the data of a folder that this process holds, and nothing else in it.
 *
 * @throws MillraceError `request` for a folder that is not one of Millrace's.
 */
export function emptyFolder(folder: string): void {
  const names = readdirSync(folder).filter((name) => name !== lockFile);
  if (names.length === 0) return;
  checkDataFolder(folder);
  // The database goes last: a removal that was cut off can be taken up again.
  const others = [`${databaseFile}-wal`, `${databaseFile}-shm`, 'objects'];
  for (const name of [...others, databaseFile]) {
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/**
 * Refuses a folder that holds other things than Millrace's: one that is missing or empty will do.
 *
 * @throws MillraceError `request`.
 */
export function checkDataFolder(folder: string): void {
  if (!existsSync(folder) || existsSync(join(folder, databaseFile))) return;
  if (!statSync(folder).isDirectory()) {
    throw new MillraceError('request', `${folder} is a file, not a folder for data`);
  }
  const others = readdirSync(folder).filter((name) => name !== lockFile);
  if (others.length === 0) return;
  const text = `${folder} is no data folder of Millrace (it has no ${databaseFile}): left as it is`;
  throw new MillraceError('request', text);
}
