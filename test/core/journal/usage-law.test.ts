import { describe, expect, test } from 'vitest';
import { MemoryStateStore } from '../../../adapters/memory/memory-state-store.ts';
import { usageRules } from '../../../adapters/usage-rules.ts';
import { MillraceError } from '../../../core/errors.ts';
import { MeteredStore } from '../../../core/journal/metered-store.ts';
import { ObservedStore } from '../../../core/journal/observed-store.ts';
import { Tally } from '../../../core/journal/tally.ts';
import { addUsage, noUsage, type Usage } from '../../../core/journal/usage.ts';
import { Maintenance } from '../../../core/maintain.ts';
import type { StateStore } from '../../../core/ports/state-store.ts';
import { Reader } from '../../../core/query/reader.ts';
import { Random } from '../../../testing/simulation/random.ts';
import { minutes, tick } from '../fold/events.ts';
import { record } from '../folding.ts';
import { World } from '../small-world.ts';

/** Loses answers of writes, by chance: the work is done, and who asked hears of trouble. */
class Lossy extends ObservedStore {
  private readonly loses: () => boolean;

  constructor(inner: StateStore, loses: () => boolean) {
    super(inner);
    this.loses = loses;
  }

  protected override wrote(): void {
    if (this.loses()) throw new MillraceError('unavailable', 'the answer is lost');
  }

  protected override wasRead(): void {}
  protected override removed(): void {}
}

/** Processes over one store, below which everything that it does is counted. */
function processes(random: Random, lossRate: number) {
  const world = new World([minutes], { limits: { compactEntries: 5, entryRowsMax: 3 } });
  const whole = new Tally(usageRules);
  const counted = new MeteredStore(new MemoryStateStore(), whole);
  const lossy = new Lossy(counted, () => random.chance(lossRate));
  const start = () => {
    const tally = new Tally(usageRules);
    const journal = { ...world.journal(minutes), store: new MeteredStore(lossy, tally), tally };
    const processor = world.processor([journal]);
    const maintenance = new Maintenance({
      ...{ journals: [journal], readers: [new Reader(journal, world.stream, world.clock)] },
      ...{ processor, stream: world.stream, sinks: new Map(), clock: world.clock },
      ...{ telemetry: world.telemetry, notices: world.queue, random: () => 0.5 },
      ...{ retentionSeconds: 86_400, idle: 'hold' as const },
    });
    return { tally, journal, processor, maintenance };
  };
  /** What is written down, read past all counters. */
  const written = async (): Promise<Usage> => {
    const journal = { ...world.journal(minutes), store: counted.inner };
    const reader = new Reader(journal, world.stream, world.clock);
    return reader.used(await reader.partitions());
  };
  return { world, whole, start, written };
}

const stored = ['reads', 'writes', 'readUnits', 'writeUnits', 'requestMilliunits'] as const;

/** Calls of the store and what they cost. */
function callsOf(usage: Usage): number[] {
  return stored.map((name) => usage[name]);
}

const records = Array.from({ length: 40 }, (_, i) =>
  record(i, [tick(i * 3, { id: `a${i}`, who: `w${i % 5}` }), tick(i * 3, { id: `b${i}` })]),
);

/** Deliveries, compactions and maintenance by several processes, some at once; gives what must add up. */
async function lived(seed: number, { lossRate = 0, crashes = false } = {}) {
  const random = new Random(seed);
  const { world, whole, start, written } = processes(random, lossRate);
  const living = [start(), start()];
  let gone = noUsage;
  let deliveries = 0;
  let sure = 0;
  const act = async (by: (typeof living)[number], to: number): Promise<void> => {
    const kind = random.int(0, 5);
    if (kind === 0) await by.maintenance.run(world.clock.time + 60_000);
    else if (kind === 1) await world.compact('0', random.int(1, 9), by.journal).catch(() => {});
    else {
      deliveries += 1;
      const from = Math.max(0, Math.min(sure, to - 1) - random.int(0, 3));
      const { failures } = await world.process(records.slice(from, to), '0', by.processor);
      if (failures.length === 0) sure = Math.max(sure, to);
    }
    world.clock.time += random.int(0, 40_000);
  };
  for (let to = 1; to <= records.length; to += random.int(0, 2)) {
    const [one, other] = living as [(typeof living)[0], (typeof living)[0]];
    if (random.chance(0.3)) await Promise.all([act(one, to), act(other, to)]);
    else await act(random.pick(living), to);
    if (crashes && random.chance(0.1)) {
      gone = addUsage(gone, one.tally.unwritten);
      living[0] = start();
    }
  }
  deliveries += 1;
  await world.process(records, '0', living[1]!.processor);
  const down = await written();
  const all = [down, gone, ...living.map(({ tally }) => tally.unwritten)].reduce(addUsage, noUsage);
  return { all, down, whole: whole.unwritten, deliveries };
}

const seeds = Array.from({ length: 25 }, (_, i) => i + 1);

describe('what is written down and what is not yet', () => {
  test('is all that was used, however it was split, compacted and raced for', async () => {
    for (const seed of seeds) {
      const { all, whole, deliveries } = await lived(seed);
      expect(callsOf(all), `seed ${seed}`).toEqual(callsOf(whole));
      expect(all.batches, `seed ${seed}`).toBe(deliveries);
    }
  });

  test('lacks what died with a process, and nothing else', async () => {
    for (const seed of seeds) {
      const { all, whole } = await lived(seed, { crashes: true });
      expect(callsOf(all), `seed ${seed}`).toEqual(callsOf(whole));
    }
  });

  test('is never more than was used, where answers are lost', async () => {
    let less = 0;
    for (const seed of seeds) {
      const { all, whole } = await lived(seed, { lossRate: 0.1, crashes: true });
      for (const name of stored) {
        expect(all[name], `seed ${seed}, ${name}`).toBeLessThanOrEqual(whole[name]);
      }
      if (all.reads < whole.reads) less += 1;
    }
    expect(less).toBeGreaterThan(0);
  });

  test('has every record once, whatever was lost', async () => {
    const bytes = records.reduce((sum, { body }) => sum + body.length, 0);
    for (const seed of seeds) {
      const { down } = await lived(seed, { lossRate: 0.1, crashes: true });
      expect(down, `seed ${seed}`).toMatchObject({ records: 40, recordBytes: bytes });
      expect(down).toMatchObject({ payloadUnits: 40, ingressUnits: 40 });
    }
  });
});
