/**
 * A process for local-processes.test.ts: shares the data folder named by its argument with others,
 * writes for as many rounds as asked for (0: until it is killed), and tells every acknowledged
 * write on a line of its own.
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { openLocalDatabase } from '../../adapters/local/local-database.ts';
import { LocalEventPublisher } from '../../adapters/local/local-event-publisher.ts';
import { LocalLog } from '../../adapters/local/local-log.ts';
import { LocalStateStore } from '../../adapters/local/local-state-store.ts';
import { SystemClock } from '../../adapters/system-clock.ts';

const [folder, name, rounds] = process.argv.slice(2) as [string, string, string];
const database = openLocalDatabase(join(folder, 'millrace.db'), { busyTimeoutMs: 10_000 });
const store = new LocalStateStore(database);
const publisher = new LocalEventPublisher(new LocalLog(database, 2), new SystemClock());
const own = new TextEncoder().encode(name);

for (let round = 0; Number(rounds) === 0 || round < Number(rounds); round += 1) {
  const sort = `e/${String(round).padStart(20, '0')}`;
  const won = await store.create({ partition: 'p', sort }, own);
  if (won) writeSync(1, `won ${sort}\n`);
  const body = new TextEncoder().encode(`${name}:${round}`);
  await publisher.publish([{ bucket: round % 2, bucketCount: 2, body }]);
  writeSync(1, `published ${round}\n`);
}
database.close();
