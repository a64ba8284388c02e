import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocalDatabase } from '../adapters/local/local-database.ts';
import { LocalObjectStore } from '../adapters/local/local-object-store.ts';
import { LocalStateStore } from '../adapters/local/local-state-store.ts';
import { MemoryLog } from '../adapters/memory/memory-log.ts';
import { MemoryStreamReader } from '../adapters/memory/memory-stream-reader.ts';
import { SystemClock } from '../adapters/system-clock.ts';
import type { StreamRecord } from '../core/event.ts';
import { bucketOf } from '../core/hash.ts';
import { Reader } from '../core/query/reader.ts';
import type { PageContext } from '../core/view/page.ts';
import { clickTexts, hourly } from './clicks.ts';
import { recordsOf } from './core.ts';
import { atMost, type Figure, quantile } from './figure.ts';
import { feed, journalOf, processorOf } from './storage.ts';

const hour = { view: 'byHour', orderBy: '-clicks', limit: 20 } as const;

/** An hour of clicks on 10,000 keys, spread over partitions by key. */
async function fill(journal: PageContext, partitions: number, count: number): Promise<void> {
  const rate = count / 3_600;
  const parts: string[][] = Array.from({ length: partitions }, () => []);
  for (const text of clickTexts({ count, rate, keys: 10_000, seed: 4 })) {
    const page = (JSON.parse(text) as { page: string }).page;
    (parts[bucketOf(page, partitions)] as string[]).push(text);
  }
  const processor = processorOf(journal);
  for (const [partition, texts] of parts.entries()) {
    const records: StreamRecord[] = recordsOf(texts, 50);
    await feed(processor, String(partition), records, 5);
  }
}

/** Milliseconds of each of `times` runs of the query: one hour, 10,000 keys, top 20. */
async function timed(times: number, reader: () => Reader): Promise<number[]> {
  const all: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const one = reader();
    const from = performance.now();
    await one.queryJson(hour.view, { orderBy: hour.orderBy as never, limit: hour.limit });
    all.push(performance.now() - from);
  }
  return all;
}

async function withStore(
  partitions: number,
  events: number,
  run: (journal: PageContext, newReader: () => Reader) => Promise<Figure[]>,
): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const database = openLocalDatabase(join(folder, 'bench.db'));
  try {
    const store = new LocalStateStore(database);
    const journal = journalOf(hourly, store, new LocalObjectStore(join(folder, 'objects')));
    await fill(journal, partitions, events);
    const stream = new MemoryStreamReader(new MemoryLog(partitions));
    return await run(journal, () => new Reader(journal, stream, new SystemClock()));
  } finally {
    database.close();
    rmSync(folder, { recursive: true });
  }
}

/** The query over one hour, 10,000 keys, top 20, on the embedded store. */
export async function queryFigures(): Promise<Figure[]> {
  const few = await withStore(8, 200_000, async (_, newReader) => {
    const warm = newReader();
    await timed(20, () => warm);
    return [
      atMost('query-warm-p99', quantile(await timed(300, () => warm), 0.99), 'ms', 10),
      atMost('query-cold-p99', quantile(await timed(60, newReader), 0.99), 'ms', 150),
    ];
  });
  const figures = [...few];
  for (const [partitions, most] of [
    [256, 60],
    [1_024, 250],
  ] as const) {
    figures.push(
      ...(await withStore(partitions, 200_000, async (_, newReader) => {
        const warm = newReader();
        await timed(5, () => warm);
        const p99 = quantile(await timed(100, () => warm), 0.99);
        return [atMost(`query-warm-${partitions}-partitions-p99`, p99, 'ms', most)];
      })),
    );
  }
  return figures;
}
