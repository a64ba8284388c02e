import { definePipeline, type Pipeline, type Rollup, tumbling } from 'millrace';
import { Type } from 'typebox';
import { MemoryLog } from '../adapters/memory/memory-log.ts';
import { MemoryObjectStore } from '../adapters/memory/memory-object-store.ts';
import { MemoryStateStore } from '../adapters/memory/memory-state-store.ts';
import { MemoryStreamReader } from '../adapters/memory/memory-stream-reader.ts';
import { SystemClock } from '../adapters/system-clock.ts';
import { Reader } from '../core/query/reader.ts';
import { compact } from '../core/view/compact.ts';
import { clickTexts } from './clicks.ts';
import { recordsOf } from './core.ts';
import { atMost, type Figure, quantile, reported } from './figure.ts';
import { feed, journalOf, Metered, processorOf } from './storage.ts';

/** Clicks of a page in ten seconds, rolled up as told. */
function tens(rollups: readonly Rollup[]): Pipeline {
  return definePipeline({
    name: 'tens',
    schema: Type.Object({
      id: Type.String(),
      at: Type.Integer(),
      page: Type.String(),
      price: Type.Number(),
    }),
    ...{ id: 'id', time: 'at', partitionKey: 'page', dedupe: 'off' },
    watermark: { outOfOrder: '30s', futureSkew: '30d' },
    views: (on) => ({
      byPage: on.view({
        ...{ key: ['page'], window: tumbling('10s'), lateness: '1m', rollups },
        measures: { clicks: on.count(), spent: on.sum('price', { scale: 2 }) },
      }),
    }),
  });
}

const all: readonly Rollup[] = [{ size: '1m' }, { size: '1h' }, { size: '1d' }];
/** A day and a half in 300 batches of 1,000 clicks, as they come at 2 a second. */
const clicks = { count: 300_000, rate: 2, keys: 100, seed: 6 } as const;

/** A store filled with the clicks, what it took to write per 1,000 of them, and the time of the query. */
async function measured(
  rollups: readonly Rollup[],
): Promise<{ readonly units: number; readonly ms: number; readonly rows: string }> {
  const store = new Metered(new MemoryStateStore());
  const journal = journalOf(tens(rollups), store, new MemoryObjectStore());
  await feed(processorOf(journal), '0', recordsOf([...clickTexts(clicks)], 100), 10);
  while ((await compact(journal, '0', 256)).entries > 0);
  const stream = new MemoryStreamReader(new MemoryLog(1));
  const times: number[] = [];
  let rows = '';
  for (let i = 0; i < 5; i += 1) {
    const reader = new Reader(journal, stream, new SystemClock());
    const from = performance.now();
    const text = await reader.queryJson('byPage', { grain: '1d', limit: 1_000 });
    times.push(performance.now() - from);
    // The token behind them names what was asked, which is another definition.
    rows = text.slice(text.indexOf('"rows":'), text.lastIndexOf(',"next":'));
  }
  const units = (store.commitUnits + store.compactionUnits) / (clicks.count / 1_000);
  return { units, ms: quantile(times, 0.5), rows };
}

/** Days of clicks that are stored by ten seconds: from rollups and without, and what the rollups cost to write. */
export async function rollupFigures(): Promise<Figure[]> {
  const without = await measured([]);
  const rolled = await measured(all);
  if (rolled.rows !== without.rows) throw new Error('a rollup answers something else');
  return [
    reported('query-days-of-tens', without.ms, 'ms'),
    reported('query-days-rolled-up', rolled.ms, 'ms'),
    atMost('query-rollup-ratio', rolled.ms / without.ms, 'x', 0.05),
    reported('write-units-tens-per-1000', without.units, 'units'),
    reported('write-units-rolled-up-per-1000', rolled.units, 'units'),
  ];
}
