import fc from 'fast-check';
import { definePipeline, spread, tumbling } from 'millrace';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { Reader, Writer } from '../../../core/bytes.ts';
import {
  addSamples,
  decodeSample,
  encodeSample,
  hotKeys,
  type KeySample,
  noSample,
} from '../../../core/journal/key-sample.ts';
import { Maintenance } from '../../../core/maintain.ts';
import { noon, recordsOf } from '../folding.ts';
import { World } from '../small-world.ts';

const schema = Type.Object({ id: Type.String(), at: Type.Number(), shop: Type.String() });
const views = (
  on: Parameters<Parameters<typeof definePipeline<'x', typeof schema, Visit>>[0]['views']>[0],
) => ({
  v: on.view({ key: [], window: tumbling('1m'), measures: { c: on.count() } }),
});
type Visit = { id: string; at: number; shop: string };
const base = {
  name: 'visits',
  schema,
  id: 'id',
  time: 'at',
  dedupe: { within: '1h' },
  views,
} as const;
const whole = definePipeline({ ...base, partitionKey: 'shop' });
const apart = definePipeline({ ...base, partitionKey: spread('shop', 8) });

/** Four of ten events are of one shop; the rest are of a thousand others. */
function visits(count: number, hot = 'hot', from = 0): Visit[] {
  return Array.from({ length: count }, (_, i) => {
    const shop = i % 10 < 4 ? hot : `s${i % 1_000}`;
    return { id: `v${from + i}`, at: noon, shop };
  });
}

/** A world into which events came, some to a record, the first half of the entries in pages. */
async function filled(pipeline: typeof whole | typeof apart, all: readonly Visit[], pack: number) {
  const world = new World([pipeline]);
  const bodies: Visit[][] = [];
  for (let i = 0; i < all.length; i += pack) bodies.push(all.slice(i, i + pack));
  const records = recordsOf(bodies);
  const size = Math.ceil(records.length / 4);
  for (let i = 0; i < records.length; i += size) {
    if (i === 2 * size) await world.compact();
    await world.process(records.slice(i, i + size));
  }
  return world;
}

async function foundIn(world: World) {
  const [status] = await world.reader().partitions();
  return status!.hotKeys;
}

test('a key with four tenths of the events is found, in pages and tail, packed or not', async () => {
  const one = await foundIn(await filled(whole, visits(6_000), 1));
  expect(one).toEqual([{ key: 'hot', share: expect.closeTo(0.4, 1) }]);
  expect(await foundIn(await filled(whole, visits(6_000), 100))).toEqual(one);
});

test('spread over eight sub-keys it is hot no more', async () => {
  expect(await foundIn(await filled(apart, visits(6_000), 10))).toEqual([]);
});

test('too few events say nothing', async () => {
  expect(await foundIn(await filled(whole, visits(1_000), 10))).toEqual([]);
});

test('duplicates, late and filtered events aside, the sample is of what was accepted', async () => {
  const again = [...visits(3_000), ...visits(3_000)];
  const [status] = await (await filled(whole, again, 10)).reader().partitions();
  const { sampled, keys } = status!.partitionKeys;
  expect(sampled).toBeGreaterThan(130);
  expect(sampled).toBeLessThan(250);
  expect(keys[0]!.count).toBeLessThan(sampled);
});

test('a key of more than 64 characters is cut off', async () => {
  const long = await foundIn(await filled(whole, visits(4_000, 'x'.repeat(900)), 10));
  expect(long.map(({ key }) => key)).toEqual([`${'x'.repeat(64)}…`]);
});

const sample = fc
  .uniqueArray(fc.tuple(fc.string({ maxLength: 3 }), fc.nat(300)), {
    maxLength: 5,
    selector: ([key]) => key,
  })
  .chain((keys) => {
    const all = keys.map(([key, count]) => ({ key, count }));
    const sum = all.reduce((total, { count }) => total + count, 0);
    return fc.nat(1_000).map((rest): KeySample => ({ sampled: sum + rest, keys: all }));
  });

test('counts never exceed the sample, and what is written is read', () => {
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 60 }), (samples) => {
      const all = samples.reduce(addSamples, noSample);
      expect(all.keys.length).toBeLessThanOrEqual(16);
      expect(all.sampled).toBeLessThanOrEqual(8_192);
      expect(all.keys.reduce((sum, { count }) => sum + count, 0)).toBeLessThanOrEqual(all.sampled);
      const out = new Writer();
      encodeSample(out, all);
      expect(decodeSample(new Reader(new Uint8Array(out.done()), 'x'))).toEqual(all);
    }),
  );
});

test('a key that was hot once is forgotten as others come', () => {
  const entry = (key: string): KeySample => ({ sampled: 500, keys: [{ key, count: 250 }] });
  let all = Array.from({ length: 40 }, () => entry('old')).reduce(addSamples, noSample);
  expect(hotKeys(all, 10)).toEqual([{ key: 'old', share: expect.closeTo(0.5, 1) }]);
  all = Array.from({ length: 80 }, () => entry('new')).reduce(addSamples, all);
  expect(hotKeys(all, 10)).toEqual([{ key: 'new', share: expect.closeTo(0.5, 1) }]);
});

test('a sample that counts more than it has is damaged', () => {
  const out = new Writer();
  encodeSample(out, { sampled: 3, keys: [{ key: 'a', count: 4 }] });
  const read = () => decodeSample(new Reader(new Uint8Array(out.done()), 'x'));
  expect(read).toThrow(expect.objectContaining({ code: 'damaged' }));
});

test('maintenance tells the largest share of each partition', async () => {
  const world = await filled(whole, visits(4_000), 10);
  const processor = world.processor();
  const parts = {
    ...{ journals: world.journals, readers: [world.reader()], processor },
    ...{ notices: world.queue, clock: world.clock, telemetry: world.telemetry },
    ...{ random: () => 0.5, stream: world.stream, retentionSeconds: 86_400, idle: 'hold' as const },
    sinks: new Map(),
  };
  await new Maintenance(parts).run(world.clock.time + 60_000);
  const gauge = world.telemetry.figures().find(({ name }) => name === 'hot_key_share');
  expect(gauge).toMatchObject({ kind: 'gauge', labels: { pipeline: 'visits', partition: '0' } });
  expect(gauge!.value).toBeCloseTo(0.4, 1);
});
