import { definePipeline, reference, tumbling } from 'millrace';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { compression } from '../../adapters/compression.ts';
import { decodeEntryHead } from '../../core/journal/entry-codec.ts';
import { entrySort, entrySortEnd } from '../../core/journal/keys.ts';
import { defaultLimits } from '../../core/limits.ts';
import { referenceName, referenceObjects } from '../../core/references/references.ts';
import { noon, recordsOf } from './folding.ts';
import { World } from './small-world.ts';

const flights = definePipeline({
  name: 'trips',
  schema: Type.Object({ id: Type.String(), at: Type.Number(), from: Type.String() }),
  ...{ id: 'id', time: 'at', partitionKey: 'from' },
  references: {
    airports: reference({
      key: 'iata',
      schema: Type.Object({
        iata: Type.String(),
        city: Type.String(),
        near: Type.Array(Type.String()),
      }),
    }),
  },
  transform: (trip, { airports }) => ({ city: airports.get(trip.from)?.city ?? 'nowhere' }),
  views: (on) => ({
    byCity: on.view({
      key: ['city'],
      window: tumbling('1h'),
      measures: { trips: on.count() },
    }),
  }),
});
const [plan] = flights.plan.references;

const airport = (iata: unknown, city: unknown) => ({ iata, city, near: ['a', 'b'] });

async function put(world: World, rows: readonly object[]): Promise<string> {
  const all = rows.map((value, i) => ({ row: i + 1, value: value as never }));
  const given = { compression, limits: defaultLimits };
  const [table, current] = referenceObjects('trips', plan!, all, given);
  await world.objects.put(table.name, table.bytes);
  await world.objects.put(current.name, current.bytes);
  return table.name.split('/').at(-1) as string;
}

const trips = (from: number, ...airports: string[]) =>
  recordsOf(airports.map((iata, i) => ({ id: `t${from + i}`, at: noon, from: iata }))).map(
    (one, i) => ({ ...one, position: BigInt(from + i) }),
  );

async function counted(world: World): Promise<Record<string, number>> {
  const { rows } = JSON.parse(await world.answer('byCity'));
  return Object.fromEntries(
    rows.map((row: { key: { city: string }; measures: { trips: number } }) => [
      row.key.city,
      row.measures.trips,
    ]),
  );
}

/** The versions in each entry behind the genesis. */
async function versionsOf(world: World): Promise<unknown[]> {
  const [journal] = world.journals;
  const items = await world.store.range('trips/1/0', entrySort(1), entrySortEnd, 100);
  return items.map(({ sort, body }) => {
    return decodeEntryHead({ partition: 'trips/1/0', sort }, body, journal!).references;
  });
}

test('a transform looks up what the table in force says, and the entry names its version', async () => {
  const world = new World([flights]);
  const version = await put(world, [
    airport('SFO', 'San Francisco'),
    airport('LAX', 'Los Angeles'),
  ]);
  await world.process(trips(0, 'SFO', 'LAX', 'SFO', 'XXX'));
  expect(await counted(world)).toEqual({ 'San Francisco': 2, 'Los Angeles': 1, nowhere: 1 });
  expect(await versionsOf(world)).toEqual([{ airports: version }]);
  await world.compact();
  const [status] = await world.reader().partitions();
  expect(status?.references).toEqual({ airports: version });
});

test('without its table no event is folded, and once it is there all of them are', async () => {
  const world = new World([flights]);
  const processor = world.processor();
  const { failures, acknowledged } = await world.process(trips(0, 'SFO'), '0', processor);
  expect(failures).toMatchObject([{ pipeline: 'trips', error: { code: 'missing' } }]);
  expect(String(failures[0]?.error)).toContain(
    "references/trips/airports/current: reference 'airports' has no table",
  );
  expect(acknowledged.position).toBe(0n);
  expect(world.telemetry.total('process_failures')).toBe(1);
  expect(world.clock.sleeps).toEqual([]);
  await put(world, [airport('SFO', 'San Francisco')]);
  expect((await world.process(trips(0, 'SFO'), '0', processor)).failures).toEqual([]);
  expect(await counted(world)).toEqual({ 'San Francisco': 1 });
});

test('a new version is taken between batches, at most a minute later, by warm and cold alike', async () => {
  const world = new World([flights]);
  const processor = world.processor();
  const first = await put(world, [airport('SFO', 'old')]);
  await world.process(trips(0, 'SFO'), '0', processor);
  const second = await put(world, [airport('SFO', 'new')]);
  world.clock.time += 59_999;
  await world.process(trips(1, 'SFO'), '0', processor);
  world.clock.time += 1;
  await world.process(trips(2, 'SFO'), '0', processor);
  await world.process(trips(3, 'SFO'));
  expect(await counted(world)).toEqual({ old: 2, new: 2 });
  const versions = [first, first, second, second];
  expect(await versionsOf(world)).toEqual(versions.map((airports) => ({ airports })));
});

test('an unchanged version costs one small get a minute', async () => {
  const got: string[] = [];
  const world = new World([flights]);
  const { get } = world.objects;
  world.objects.get = (name) => {
    got.push(name.split('/').at(-1) as string);
    return get.call(world.objects, name);
  };
  const version = await put(world, [airport('SFO', 'a')]);
  const processor = world.processor();
  for (let i = 0; i < 6; i += 1) {
    await world.process(trips(i, 'SFO'), '0', processor);
    world.clock.time += 30_000;
  }
  expect(got).toEqual(['current', version, 'current', 'current']);
});

test('a batch that comes again after its entry was lost is folded whole with one version', async () => {
  let lose = false;
  const storeFault = (method: string): void => {
    if (lose && method === 'create') throw new Error('killed');
  };
  const world = new World([flights], { storeFault });
  await put(world, [airport('SFO', 'old')]);
  await world.process(trips(0, 'SFO'));
  lose = true;
  expect((await world.process(trips(1, 'SFO', 'SFO'))).failures).toHaveLength(1);
  lose = false;
  await put(world, [airport('SFO', 'new')]);
  await world.process(trips(0, 'SFO', 'SFO', 'SFO'));
  expect(await counted(world)).toEqual({ old: 1, new: 2 });
});

test('a table that is damaged, half there, or not what the definition says stops the fold', async () => {
  const world = new World([flights]);
  const version = await put(world, [airport('SFO', 'a')]);
  const table = referenceName('trips', 'airports', version);
  const bytes = (await world.objects.get(table)) as Uint8Array;
  const failing = async () => (await world.process(trips(0, 'SFO'))).failures[0]?.error;
  await world.objects.put(table, compression.compress(new TextEncoder().encode('{}\n')));
  expect(await failing()).toMatchObject({ code: 'damaged' });
  await world.objects.put(table, bytes.subarray(0, 9));
  expect(await failing()).toMatchObject({ code: 'damaged' });
  await world.objects.remove(table);
  expect(await failing()).toMatchObject({ code: 'missing' });
  await world.objects.put(referenceName('trips', 'airports', 'current'), bytes);
  expect(await failing()).toMatchObject({ code: 'damaged' });
  const wrong = { ...plan!, check: () => true };
  const given = { compression, limits: defaultLimits };
  const rows = [{ row: 1, value: { iata: 'SFO', city: 7 } }];
  for (const { name, bytes: of } of referenceObjects('trips', wrong, rows, given)) {
    await world.objects.put(name, of);
  }
  expect(await failing()).toMatchObject({
    code: 'request',
    problems: [expect.stringContaining('row 1: /')],
  });
  expect(await counted(world)).toEqual({});
});

test('rows that are wrong are refused when they are put, each with its number', () => {
  const refuse = (rows: readonly unknown[], limits = {}) => {
    const all = rows.map((value, i) => ({ row: i + 1, value: value as never }));
    return () =>
      referenceObjects('trips', plan!, all, {
        compression,
        limits: { ...defaultLimits, ...limits },
      });
  };
  const good = airport('SFO', 'a');
  expect(refuse([good, airport('LAX', 7), undefined, good])).toThrow(
    expect.objectContaining({
      code: 'request',
      message: `the table of reference 'airports' is refused:
  - row 2: /city must be string
  - row 3: no object
  - row 4: iata "SFO" is that of row 1 too`,
    }),
  );
  expect(refuse(Array.from({ length: 13 }, () => 1))).toThrow('\n  - and 3 more');
  expect(refuse([good, airport('b', 'b')], { referenceRowsMax: 1 })).toThrow('2 rows, over 1');
  expect(refuse([good], { referenceBytesMax: 10 })).toThrow(
    expect.objectContaining({ code: 'too-large' }),
  );
});

test('a row can not be changed by a transform', async () => {
  const meddling = definePipeline({
    ...{ name: 'trips', id: 'id', time: 'at', partitionKey: 'from' },
    schema: Type.Object({ id: Type.String(), at: Type.Number(), from: Type.String() }),
    references: { airports: reference({ key: 'iata', schema: plan!.schema as never }) },
    transform: (trip, { airports }) => {
      (airports.get(trip.from as never) as unknown as { near: string[] }).near.push('c');
      return trip;
    },
    views: (on) => ({
      byCity: on.view({ key: ['from'], window: tumbling('1h'), measures: { c: on.count() } }),
    }),
  });
  const world = new World([meddling]);
  await put(world, [airport('SFO', 'a')]);
  await world.process(trips(0, 'SFO'));
  const [status] = await world.reader().partitions();
  expect(status?.counts).toMatchObject({ received: 1, deadLettered: 1 });
});

test('a definition whose references are wrong is refused', () => {
  const define = (references: unknown) =>
    definePipeline({
      ...{ name: 'x', id: 'id', time: 'at', partitionKey: 'id', references: references as never },
      schema: Type.Object({ id: Type.String(), at: Type.Number() }),
      views: (on) => ({
        v: on.view({ key: [], window: tumbling('1h'), measures: { c: on.count() } }),
      }),
    });
  const schema = Type.Object({ a: Type.String() });
  expect(() => define({ 'a/b': { key: 'a', schema } })).toThrow(
    "reference 'a/b': its name must be",
  );
  expect(() => define({ t: { key: 'b', schema } })).toThrow("reference 't': key: no field 'b'");
  expect(() => define({ t: { key: 'a' } })).toThrow("reference 't': schema: must be a JSON Schema");
  expect(() => define({ t: { key: 'a', schema, ttl: 1 } })).toThrow("'ttl' is not an option of a");
  expect(() => define([])).not.toThrow();
  expect(() => define('x')).toThrow('references: must be { name: reference({ … }) }');
});
