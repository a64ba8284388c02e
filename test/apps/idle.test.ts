import { afterEach, expect, test } from 'vitest';
import { timeMin } from '../../core/event.ts';
import { entrySort, partitionKeyOf } from '../../core/journal/keys.ts';
import { load } from '../../core/journal/load.ts';
import { stillNeeded } from '../../core/journal/needed.ts';
import { compose } from '../../local-app/composition.ts';
import { localConfig } from '../../local-app/config.ts';
import { Pump } from '../../local-app/pump.ts';
import { flights } from '../../pipelines/flights.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const day = 86_400_000;

test('a Millrace that was off for a month finds the entries and records it goes on from', async () => {
  const app = compose(localConfig({ pipelines: [flights], partitions: 1, packLingerMs: 0 }));
  closing.push(() => app.close());
  const event = {
    date: '2001-01-01T10:00:00Z',
    delay: 0,
    distance: 1,
    origin: 'A',
    destination: 'B',
  };
  const pump = new Pump(app);
  await app.publisher.send('A', JSON.stringify({ id: '1', ...event }));
  await pump.drain();
  await app.publisher.send('A', JSON.stringify({ id: '2', ...event }));
  const { journal } = app.served.get('flights') ?? expect.fail('not served');
  const needed = await stillNeeded([journal]);
  const key = partitionKeyOf(journal.scope, '0');
  // Entry 1 is compacted, but its ids are live; the second record is not folded yet.
  expect(needed.item(key, entrySort(1))).toBe(true);
  expect(needed.item(key, entrySort(0))).toBe(false);
  expect(needed.record('0')).toBe(1n);

  const now = app.clock.now;
  app.clock.now = () => now.call(app.clock) + 30 * day;
  await app.sweep();
  expect((await load(journal, '0')).state.seen.size).toBe(1);
  expect((await load(journal, '0')).state.watermark).toBeGreaterThan(timeMin);
  await app.publisher.send('A', JSON.stringify({ id: '1', ...event }));
  await new Pump(app).drain();
  const { rows } = await app.served.get('flights')!.reader.query(flights, 'byOrigin');
  expect(rows.map((row) => row.measures.flights)).toEqual([2]);
});
