import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compression } from '../../../adapters/compression.ts';
import { ManualClock } from '../../../adapters/memory/manual-clock.ts';
import { MillraceError } from '../../../core/errors.ts';
import type { OutgoingRecord, PublishOutcome } from '../../../core/ports/event-publisher.ts';
import { PackingPublisher } from '../../../core/publish/packing-publisher.ts';
import { ScriptedPublisher } from './scripted-publisher.ts';

interface Sent {
  readonly key: string;
  readonly n: number;
  outcome: 'open' | 'taken' | string;
}

/** Random numbers of a seed: mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A stream that fails in every way the port allows; what is `unavailable` or thrown may have been taken. */
function flakyStream(clock: ManualClock, random: () => number, failures: number) {
  const take = (record: OutgoingRecord) => stream.taken.push(record);
  const script = (records: readonly OutgoingRecord[]) => {
    const fate = random();
    if (fate < failures / 4) return new MillraceError('throttled', 'none of them');
    if (fate < failures / 2) {
      for (const record of records) if (random() < 0.5) take(record);
      return new MillraceError('unavailable', 'nobody knows');
    }
    return records.map((record): PublishOutcome => {
      const own = random();
      if (own < failures / 3) return 'throttled';
      if (own > failures) return 'accepted';
      if (own < failures / 2) take(record);
      return 'unavailable';
    });
  };
  const stream = new ScriptedPublisher(clock, script, () => Math.floor(random() * 40));
  return stream;
}

interface Run {
  readonly seed: number;
  readonly failures: number;
  readonly bufferBytesMax: number;
  readonly publishMsMax: number;
}

async function run({ seed, failures, bufferBytesMax, publishMsMax }: Run) {
  const random = randomOf(seed);
  const clock = new ManualClock(1_000);
  const stream = flakyStream(clock, random, failures);
  const publisher = new PackingPublisher(
    { publisher: stream, clock, compression, random },
    { bucketCount: 5, packEventsMax: 7, packLingerMs: 20, bufferBytesMax, publishMsMax },
  );
  const sent: Sent[] = [];
  let highest = 0;
  for (let n = 0; n < 120; n++) {
    const one: Sent = { key: `k${Math.floor(random() * 12)}`, n, outcome: 'open' };
    sent.push(one);
    publisher
      .send(one.key, JSON.stringify({ key: one.key, n, pad: 'x'.repeat(random() * 200) }))
      .then(
        () => {
          one.outcome = 'taken';
        },
        (error: MillraceError) => {
          one.outcome = error.code;
        },
      );
    highest = Math.max(highest, publisher.bufferedBytes);
    if (random() < 0.1) await clock.advance(random() * 30);
    if (random() < 0.02) void publisher.flush();
    highest = Math.max(highest, publisher.bufferedBytes);
  }
  let closed = false;
  void publisher.close().then(() => {
    closed = true;
  });
  for (let i = 0; i < 2_000 && !closed; i++) {
    await clock.advance(5_000);
    highest = Math.max(highest, publisher.bufferedBytes);
  }
  return { sent, stream, publisher, closed, highest };
}

/** Per key, what the stream holds, each event where it came first. */
function firstSeen(stream: ScriptedPublisher): Map<string, number[]> {
  const byKey = new Map<string, Set<number>>();
  for (const { key, n } of stream.eventsOf() as { key: string; n: number }[]) {
    const seen = byKey.get(key) ?? new Set();
    byKey.set(key, seen.add(n));
  }
  return new Map([...byKey].map(([key, seen]) => [key, [...seen]]));
}

test('under random failures all sends settle, none is lost, keys keep order, the buffer its bound', async () => {
  const runs = fc.record({
    seed: fc.integer(),
    failures: fc.constantFrom(0, 0.1, 0.5, 0.9),
    bufferBytesMax: fc.constantFrom(700, 5_000, 1_000_000),
    publishMsMax: fc.constantFrom(0, 500, 60_000),
  });
  await fc.assert(
    fc.asyncProperty(runs, async (options) => {
      const { sent, stream, publisher, closed, highest } = await run(options);
      expect(closed).toBe(true);
      expect(publisher.bufferedBytes).toBe(0);
      expect(highest).toBeLessThanOrEqual(options.bufferBytesMax);
      expect(stream.overlapped).toBe(false);
      const seen = firstSeen(stream);
      for (const [key, order] of seen) {
        expect(order, key).toEqual([...order].sort((a, b) => a - b));
      }
      for (const { key, n, outcome } of sent) {
        expect(['taken', 'throttled', 'unavailable']).toContain(outcome);
        if (outcome === 'taken') expect(seen.get(key)).toContain(n);
      }
      if (options.failures === 0) {
        expect(sent.every(({ outcome }) => outcome === 'taken')).toBe(true);
        expect(stream.eventsOf()).toHaveLength(sent.length);
      }
      if (options.failures <= 0.5 && options.publishMsMax === 60_000) {
        expect(sent.every(({ outcome }) => outcome === 'taken')).toBe(true);
      }
    }),
    { numRuns: 100 },
  );
});

test('the same seed gives the same calls', async () => {
  const options = { seed: 7, failures: 0.5, bufferBytesMax: 5_000, publishMsMax: 60_000 };
  const callsOf = async () =>
    (await run(options)).stream.calls.map((call) => call.map((r) => r.body));
  expect(await callsOf()).toEqual(await callsOf());
});
