import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compression } from '../adapters/compression.ts';
import { openLocalDatabase } from '../adapters/local/local-database.ts';
import { LocalObjectStore } from '../adapters/local/local-object-store.ts';
import { LocalStateStore } from '../adapters/local/local-state-store.ts';
import { MemoryLog } from '../adapters/memory/memory-log.ts';
import { MemoryMessageQueue } from '../adapters/memory/memory-message-queue.ts';
import { MemoryStreamReader } from '../adapters/memory/memory-stream-reader.ts';
import { MemoryTelemetry } from '../adapters/memory/memory-telemetry.ts';
import { SystemClock } from '../adapters/system-clock.ts';
import { usageRules } from '../adapters/usage-rules.ts';
import { Seen } from '../core/dedupe/seen.ts';
import type { StreamRecord } from '../core/event.ts';
import { load } from '../core/journal/load.ts';
import { MeteredStore } from '../core/journal/metered-store.ts';
import { ObservedStore } from '../core/journal/observed-store.ts';
import { Tally } from '../core/journal/tally.ts';
import { defaultLimits } from '../core/limits.ts';
import type { Pipeline } from '../core/pipeline.ts';
import type { ObjectStore } from '../core/ports/object-store.ts';
import type { ItemKey, StateStore } from '../core/ports/state-store.ts';
import { Processor } from '../core/process.ts';
import type { PageContext } from '../core/view/page.ts';
import { clicks, clickTexts, random } from './clicks.ts';
import { recordsOf } from './core.ts';
import { atMost, type Figure, quantile, reported } from './figure.ts';

const eventsPerBatch = 1_000;
const batches = 600;

/** Counts write units as DynamoDB rounds them: 1 KiB each, keys included. */
export class Metered extends ObservedStore {
  commitUnits = 0;
  compactionUnits = 0;

  protected override wrote(
    _kind: 'create' | 'replace',
    { partition, sort }: ItemKey,
    body: Uint8Array,
  ): void {
    const units = Math.ceil((partition.length + sort.length + body.length + 32) / 1024);
    if (sort.startsWith('e/')) this.commitUnits += units;
    else this.compactionUnits += units;
  }

  protected override wasRead(): void {}

  protected override removed(): void {}
}

/** A journal of a pipeline, its use counted as in the apps. */
export function journalOf(
  pipeline: Pipeline,
  store: StateStore,
  objects: ObjectStore,
): PageContext {
  const scope = { pipeline: pipeline.name, generation: 1 };
  const tally = new Tally(usageRules);
  return {
    ...{ objects, scope, tally, plan: pipeline.plan, limits: defaultLimits, compression },
    store: new MeteredStore(store, tally),
  };
}

/** A processor of one journal. */
export function processorOf(journal: PageContext): Processor {
  const clock = new SystemClock();
  return new Processor({
    journals: [journal],
    notices: new MemoryMessageQueue(clock),
    clock,
    telemetry: new MemoryTelemetry(),
    random: Math.random,
    stream: new MemoryStreamReader(new MemoryLog(1_024)),
    retentionSeconds: 86_400,
  });
}

/** Runs records through a processor in batches; fails if the processor does. */
export async function feed(
  processor: Processor,
  partition: string,
  records: readonly StreamRecord[],
  batch: number,
): Promise<void> {
  for (let i = 0; i < records.length; i += batch) {
    const part = { partition, records: records.slice(i, i + batch) };
    const { failures } = await processor.process(part, Date.now() + 60_000);
    if (failures[0]) throw failures[0].error;
  }
}

/** Write units, and the load of a cold partition, on the embedded store. */
export async function storageFigures(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const database = openLocalDatabase(join(folder, 'bench.db'));
  try {
    const store = new Metered(new LocalStateStore(database));
    const journal = journalOf(clicks, store, new LocalObjectStore(join(folder, 'objects')));
    const options = { count: eventsPerBatch * batches, rate: 1_000, keys: 10_000, seed: 2 };
    await feed(
      processorOf(journal),
      '0',
      recordsOf([...clickTexts(options)], 100),
      eventsPerBatch / 100,
    );
    const loads: number[] = [];
    let ids = 0;
    for (let i = 0; i < 9; i += 1) {
      const from = performance.now();
      ids = (await load(journal, '0')).state.seen.size;
      loads.push(performance.now() - from);
    }
    const commits = store.commitUnits / batches;
    return [
      atMost('write-units-per-1000', commits, 'units', 15),
      atMost(
        'write-units-compacted-per-1000',
        commits + store.compactionUnits / batches,
        'units',
        22,
      ),
      atMost('cold-load', quantile(loads, 0.5), 'ms', 300),
      reported('cold-load-ids', ids, 'ids'),
    ];
  } finally {
    database.close();
    rmSync(folder, { recursive: true });
  }
}

/** Memory of a warm partition per id in its horizon, at 600,000 ids and at its worst between 300,000 and 600,000. */
export function memoryFigures(): Figure[] {
  const { horizon, bucketSize } = clicks.plan;
  const seen = new Seen(horizon, bucketSize);
  const next = random(3);
  let worst = 0;
  for (let i = 0; i < 600_000; i += 1) {
    const bucket = Math.floor(i / 75_000);
    seen.add(Math.floor(next() * 2 ** 32), Math.floor(next() * 2 ** 32), bucket, 0);
    if (i > 300_000) worst = Math.max(worst, seen.bytes / seen.size);
  }
  return [
    atMost('memory-per-id', seen.bytes / seen.size, 'bytes', 20),
    atMost('memory-per-id-worst', worst, 'bytes', 20),
  ];
}
