/**
 * A thread for local-database.test.ts: holds the lock of a new database file, tells so, and, once
 * told to, writes for a while and lets go.
 */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

const { file } = workerData as { file: string };
const database = new DatabaseSync(file);
// With this kind of lock SQLite refuses the switch to WAL at once, without a wait.
database.exec('BEGIN IMMEDIATE; CREATE TABLE work (n INTEGER)');
parentPort!.once('message', () => {
  const insert = database.prepare('INSERT INTO work VALUES (?)');
  for (let n = 0; n < 50_000; n += 1) insert.run(n);
  database.exec('COMMIT');
  database.close();
  parentPort!.close();
});
parentPort!.postMessage('locked');
