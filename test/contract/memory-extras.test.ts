import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ManualClock } from '../../adapters/memory/manual-clock.ts';
import { MemoryEventPublisher } from '../../adapters/memory/memory-event-publisher.ts';
import { MemoryLog } from '../../adapters/memory/memory-log.ts';
import { MemoryStateStore } from '../../adapters/memory/memory-state-store.ts';
import { MemoryStreamReader } from '../../adapters/memory/memory-stream-reader.ts';
import { MemoryTelemetry } from '../../adapters/memory/memory-telemetry.ts';
import { compareUtf8 } from '../../adapters/utf8-order.ts';
import { bytes } from './subject.ts';

it('compares texts as their UTF-8 bytes compare, astral ones too', () => {
  const unit = fc.constantFrom('a', '\u00e9', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '🦉');
  fc.assert(
    fc.property(fc.string({ unit }), fc.string({ unit }), (a, b) => {
      const expected = Buffer.compare(Buffer.from(a), Buffer.from(b));
      expect(Math.sign(compareUtf8(a, b))).toBe(expected);
    }),
  );
  expect('\u{10000}' < '\ue000').toBe(true);
  expect(compareUtf8('\u{10000}', '\ue000')).toBeGreaterThan(0);
});

it('wakes sleepers at their own times while time advances, again and again', async () => {
  const clock = new ManualClock(1_000);
  const log: string[] = [];
  const loop = async (name: string, ms: number, rounds: number) => {
    for (let i = 0; i < rounds; i += 1) {
      await clock.sleep(ms);
      log.push(`${name}@${clock.now()}`);
    }
  };
  const loops = [loop('a', 30, 3), loop('b', 50, 2)];
  expect(clock.nextWake()).toBe(1_030);
  await clock.advance(29);
  expect(log).toEqual([]);
  await clock.advance(61);
  expect(log).toEqual(['a@1030', 'b@1050', 'a@1060', 'a@1090']);
  expect(clock.now()).toBe(1_090);
  clock.set(1_100);
  await Promise.all(loops);
  expect(log.at(-1)).toBe('b@1100');
  expect(clock.nextWake()).toBeNull();
});

it('sweeps and trims the memory as the local adapters do', async () => {
  const store = new MemoryStateStore();
  await store.create({ partition: 'p', sort: 'a' }, bytes('x'), 99);
  await store.create({ partition: 'p', sort: 'b' }, bytes('x'), 100);
  await store.create({ partition: 'p', sort: 'c' }, bytes('x'));
  expect(store.sweep(100)).toBe(1);
  expect((await store.range('p', '', '~', 10)).map((item) => item.sort)).toEqual(['b', 'c']);
  const [log, clock] = [new MemoryLog(1), new ManualClock()];
  const publisher = new MemoryEventPublisher(log, clock);
  const reader = new MemoryStreamReader(log);
  for (const time of [10, 20, 15, 30]) {
    clock.set(time);
    await publisher.publish([{ bucket: 0, bucketCount: 1, body: bytes('x') }]);
  }
  expect(log.trim(20)).toBe(1);
  expect(await reader.bounds('0')).toEqual({ earliest: 1n, latest: 3n });
  expect((await reader.read('0', 0n, 10)).records.map((r) => r.position)).toEqual([1n, 2n, 3n]);
  expect(log.trim(1_000)).toBe(3);
  expect(await reader.bounds('0')).toEqual({ earliest: 4n, latest: 3n });
  expect(await reader.read('0', 0n, 10)).toEqual({ records: [], caughtUp: true, ended: false });
});

it('does the work when only the answer is lost, and nothing when the call is', async () => {
  let phase: 'before' | 'after' = 'before';
  const store = new MemoryStateStore({
    fault: (method, now) => {
      if (method === 'create' && now === phase) throw new Error('the line is dead');
    },
  });
  const key = { partition: 'p', sort: 's' };
  const failed = { code: 'unavailable', cause: new Error('the line is dead') };
  await expect(store.create(key, bytes('x'))).rejects.toMatchObject(failed);
  expect(await store.read(key)).toBeNull();
  phase = 'after';
  await expect(store.create(key, bytes('x'))).rejects.toMatchObject(failed);
  expect((await store.read(key))?.body).toEqual(bytes('x'));
});

it('keeps counters, gauges and distributions by name and labels', () => {
  const telemetry = new MemoryTelemetry({ figuresMax: 4 });
  telemetry.count('events_total', 2, { pipeline: 'a', partition: '0' });
  telemetry.count('events_total', 3, { partition: '0', pipeline: 'a' });
  telemetry.count('events_total', 4, { pipeline: 'b', partition: '0' });
  telemetry.gauge('lag_seconds', 9, {});
  telemetry.gauge('lag_seconds', 4, {});
  for (const value of [5, 1, 3]) telemetry.record('commit_ms', value, {});
  telemetry.count('one_too_many', 1, {});
  expect(telemetry.value('events_total', { pipeline: 'a', partition: '0' })).toBe(5);
  expect(telemetry.total('events_total')).toBe(9);
  expect(telemetry.value('lag_seconds')).toBe(4);
  expect(telemetry.value('one_too_many')).toBeUndefined();
  expect(telemetry.figures().map((figure) => figure.name)).toEqual([
    'commit_ms',
    'events_total',
    'events_total',
    'lag_seconds',
  ]);
  expect(telemetry.figures()[0]).toMatchObject({ value: 9, values: 3, min: 1, max: 5 });
});
