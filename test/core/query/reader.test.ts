import { definePipeline, tumbling } from 'millrace';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import type { Fault } from '../../../adapters/memory/fault.ts';
import { MillraceError } from '../../../core/errors.ts';
import { endStream } from '../../../core/journal/partitions.ts';
import type { StreamReader } from '../../../core/ports/stream-reader.ts';
import type { AnyQuery } from '../../../core/query/query.ts';
import { Reader } from '../../../core/query/reader.ts';
import { minutes, patient, tick } from '../fold/events.ts';
import { noon, record, recordsOf } from '../folding.ts';
import { World } from '../small-world.ts';

const events = () => Array.from({ length: 12 }, (_, i) => tick(i * 20, { who: `w${i % 3}`, n: i }));

async function filled(options?: ConstructorParameters<typeof World>[1]) {
  const world = new World([minutes], options);
  await world.process(recordsOf(events()));
  return world;
}

test('before anything was seen, an answer is empty and says so', async () => {
  const world = new World([minutes]);
  expect(await world.reader().query(minutes, 'v')).toEqual({
    ...{ view: 'v', generation: 1, watermark: null, late: 0, deadLettered: 0, lagSeconds: 0 },
    ...{ grainSeconds: 60, keptFrom: null, rows: [], next: null },
  });
});

test('an answer has rows with their window, and the watermark of the slowest partition', async () => {
  const world = new World([minutes], { partitions: 2 });
  await world.process([record(0, tick(65, { n: 0.1 })), record(1, 'nonsense')], '0');
  await world.process([record(0, tick(300)), record(1, tick(0))], '1');
  const answer = await world.reader().query(minutes, 'v', { key: { who: 'a' }, limit: 1 });
  expect(answer).toMatchObject({
    watermark: '2001-01-01T12:00:55.000Z',
    ...{ late: 1, deadLettered: 1 },
    rows: [
      {
        ...{ view: 'v', key: { who: 'a' }, final: false, measures: { c: 1, s: 0.1 } },
        ...{ start: '2001-01-01T12:01:00.000Z', end: '2001-01-01T12:02:00.000Z' },
      },
    ],
  });
  expect(answer.next).not.toBeNull();
});

test('a partition that has seen nothing holds back the watermark of all', async () => {
  const world = await filled({ partitions: 2 });
  await world.process([], '1');
  expect((await world.reader().query(minutes, 'v')).watermark).toBeNull();
});

test('equal keys of several partitions meet in one row', async () => {
  const world = new World([minutes], { partitions: 3 });
  for (const partition of ['0', '1', '2']) {
    await world.process([record(0, tick(5, { n: 0.1 }))], partition);
  }
  await world.compact('1');
  const { rows } = await world.reader().query(minutes, 'v');
  expect(rows.map(({ measures }) => measures)).toEqual([{ c: 3, s: 0.3 }]);
});

test('rows are final once the stream has ended, and not before', async () => {
  const world = await filled();
  const finals = async () =>
    (await world.reader().query(minutes, 'v')).rows.every(({ final }) => final);
  expect(await finals()).toBe(false);
  await endStream(world.journals[0]!);
  expect(await finals()).toBe(true);
});

test('a range is half-open, in entries and in pages', async () => {
  const world = await filled();
  const starts = async (from: string, to: string) =>
    (await world.reader().query(minutes, 'v', { from, to })).rows.map(({ start }) =>
      start.slice(11, 16),
    );
  for (let round = 0; round < 2; round += 1) {
    const hour = '2001-01-01T12:';
    expect(new Set(await starts(`${hour}01:00Z`, `${hour}03:00Z`))).toEqual(
      new Set(['12:01', '12:02']),
    );
    expect(await starts(`${hour}01:00.001Z`, `${hour}02:00Z`)).toEqual([]);
    expect(await starts(`${hour}04:00Z`, `${hour}05:00Z`)).toEqual([]);
    expect(await starts('2001-01-01', '2001-01-01T13:00:00+01:00')).toEqual([]);
    await world.compact();
  }
});

test.each(['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:00Z', '9999-12-31'])(
  'a range to %s, the end of time, holds everything, in pages as well',
  async (to) => {
    const world = await filled();
    const count = async () => (await world.reader().query(minutes, 'v', { to })).rows.length;
    const before = await count();
    await world.compact();
    expect(await count()).toBe(before);
    expect(before).toBeGreaterThan(0);
  },
);

test('windows of the first and of the last year are found by range, in pages as well', async () => {
  const ends = definePipeline({
    name: 'ends',
    schema: Type.Object({ id: Type.String(), at: Type.String() }),
    ...{ id: 'id', time: 'at', partitionKey: 'id', dedupe: 'off' },
    watermark: { outOfOrder: '0s', futureSkew: '36500d' },
    views: (on) => ({
      v: on.view({
        key: [],
        window: tumbling('7d'),
        lateness: '36500d',
        measures: { c: on.count() },
      }),
    }),
  });
  const world = new World([ends]);
  const at = ['0000-01-01T00:00:00Z', '2001-01-01T00:00:00Z'];
  await world.process(recordsOf(at.map((time, i) => ({ id: `e${i}`, at: time }))));
  const ask = (query: AnyQuery) => world.answer('v', query);
  const queries = [{}, { from: '0000-01-01' }, { to: '0001-01-01' }, { to: '9999-12-31' }];
  const before = await Promise.all(queries.map(ask));
  await world.compact();
  expect(await Promise.all(queries.map(ask))).toEqual(before);
});

test.each<[AnyQuery, RegExp]>([
  [{ from: 'yesterday' }, /^from: 'yesterday' is no RFC 3339 time/],
  [{ to: '2001-02-30' }, /^to: '2001-02-30'/],
  [{ from: '2001-01-02', to: '2001-01-02' }, /^from must be before to$/],
  [{ limit: 0 }, /^limit: must be 1 to 10000$/],
  [{ limit: 10_001 }, /^limit: /],
  [{ limit: 1.5 }, /^limit: /],
  [{ limit: Number.NaN }, /^limit: /],
  [{ key: { whom: 'a' } }, /there is no key part 'whom'; there is who$/],
  [{ orderBy: '-n' } as AnyQuery, /there is no measure 'n'; there are c, s$/],
  [{ cursor: 'x' }, /^the cursor belongs to another query/],
])('%j is a bad request', async (query, problem) => {
  const world = await filled();
  await expect(world.reader().queryJson('v', query)).rejects.toMatchObject({
    code: 'request',
    problems: [expect.stringMatching(problem)],
  });
});

test('all that is wrong with a query is told at once', async () => {
  const world = await filled();
  const query = { from: 'x', to: 'y', limit: -1 };
  await expect(world.answer('v', query)).rejects.toMatchObject({
    problems: [/from/, /to/, /limit/].map((one) => expect.stringMatching(one)),
  });
});

test('a view that is not there is a bad request, with those that are', async () => {
  const world = await filled();
  for (const view of ['w', '', '__proto__', 'constructor']) {
    await expect(world.answer(view)).rejects.toMatchObject({
      code: 'request',
      problems: [`there is no view '${view}'; there are v`],
    });
  }
});

test('a query that reads too much is a bad request, in rows and in pages', async () => {
  const few = await filled({ limits: { queryRowsMax: 5 } });
  await expect(few.answer('v')).rejects.toMatchObject({ code: 'request' });
  const pages = await filled({ limits: { queryPagesMax: 2 } });
  await pages.compact();
  await expect(pages.answer('v')).rejects.toMatchObject({
    code: 'request',
    message: expect.stringMatching(/over 2 pages.*narrower range/),
  });
  const narrow = { from: '2001-01-01T12:01:00Z', to: '2001-01-01T12:03:00Z' };
  expect(JSON.parse(await pages.answer('v', narrow)).rows.length).toBeGreaterThan(0);
});

test('the lag is how long the first record that is not committed has waited, and 0 when none has', async () => {
  const world = new World([minutes]);
  const body = new TextEncoder().encode(JSON.stringify(tick(0)));
  for (let i = 0; i < 3; i += 1) world.log.append(0, 'k', noon + i * 1_000, body);
  const { records } = await world.stream.read('0', 0n, 10);
  const lag = async () => (await world.reader().query(minutes, 'v')).lagSeconds;
  world.clock.time = noon + 10_000;
  await world.process(records.slice(0, 2));
  expect(await lag()).toBe(8);
  await world.process(records);
  expect(await lag()).toBe(0);
});

test('JSON has every digit of a sum, and is the answer as a value otherwise', async () => {
  const world = new World([patient]);
  const most = 2 ** 53 - 1;
  await world.process(recordsOf([most, most, 1].map((n, i) => tick(0, { id: `${i}`, n }))));
  await world.process(recordsOf([1, 2, 3, 4].map((i) => tick(0, { id: `z${i}`, n: most }))));
  const json = await world.answer('patient');
  expect(json).toContain(`"key":{"who":"a","n":${most}}`);
  expect(json).toContain(`"s":${BigInt(most) * 3n}`);
  const value = await world.reader().query(patient, 'patient', { limit: 10_000 });
  const answer = JSON.parse(json);
  expect(answer).toEqual(JSON.parse(JSON.stringify(value)));
});

test('every partition can be seen as it stands', async () => {
  const world = await filled();
  const before = await world.reader().partitions();
  expect(before).toMatchObject([
    {
      partition: '0',
      index: 1,
      upTo: -1,
      next: { position: 12n, line: 0 },
      counts: { received: 12 },
    },
  ]);
  await world.compact();
  const [after] = await world.reader().partitions();
  expect(after).toEqual({ ...before[0], upTo: 1 });
});

test('a stream that can not be asked leaves an answer without its lag, and is left alone for a while', async () => {
  const world = new World([minutes]);
  await world.process(recordsOf([tick(0)]));
  let asked = 0;
  let down = true;
  const stream: StreamReader = Object.assign(Object.create(world.stream), {
    read: async () => {
      asked += 1;
      if (down) throw new MillraceError('unavailable', 'down');
      return { records: [], caughtUp: true, ended: false };
    },
  });
  const reader = new Reader(world.journals[0]!, stream, world.clock, {
    lagMs: 5_000,
    random: Math.random,
  });
  const lag = async () => (await reader.query(minutes, 'v')).lagSeconds;
  expect(await Promise.all([lag(), lag(), lag()])).toEqual([null, null, null]);
  expect([await lag(), asked]).toEqual([null, 1]);
  down = false;
  world.clock.time += 5_000;
  expect([await lag(), asked]).toEqual([0, 2]);
});

test('nothing waits in a partition that the stream has forgotten, and nobody knows where it may not be asked', async () => {
  const world = new World([minutes]);
  await world.process(recordsOf([tick(0)]));
  let forgotten = false;
  const stream: StreamReader = Object.assign(Object.create(world.stream), {
    read: async () => {
      throw new MillraceError('request', 'no such partition, or no right to read it');
    },
    partitions: async () => (forgotten ? [] : world.stream.partitions()),
  });
  const lag = async () =>
    (await new Reader(world.journals[0]!, stream, world.clock).query(minutes, 'v')).lagSeconds;
  expect(await lag()).toBeNull();
  forgotten = true;
  expect(await lag()).toBe(0);
});

test('a store that fails for a passing reason is asked again, for a while', async () => {
  let left = 0;
  const fault: Fault = (_, phase) => {
    if (phase === 'after' || left === 0) return;
    left -= 1;
    throw new MillraceError('unavailable', 'socket hang up', { retryAfterMs: 100 });
  };
  const world = await filled({ storeFault: fault, objectFault: fault });
  await world.compact();
  const before = await world.reader().query(minutes, 'v');
  const asked = async (ask: (reader: Reader) => Promise<unknown>) => {
    left = 3;
    const found = await ask(world.reader());
    expect(left).toBe(0);
    return found;
  };
  expect(await asked((reader) => reader.query(minutes, 'v'))).toEqual(before);
  expect(await asked((reader) => reader.listed())).toHaveLength(1);
  const [partition] = await world.reader().listed();
  expect(await asked((reader) => reader.partition(partition!))).toMatchObject({ upTo: 1 });
  const partitions = await world.reader().partitions();
  expect(await asked((reader) => reader.deadReasons(partitions))).toEqual({});
  expect(await asked((reader) => reader.used(partitions))).toBeDefined();
  expect(Math.min(...world.clock.sleeps)).toBeGreaterThan(100);
  left = Number.POSITIVE_INFINITY;
  const asking = world.clock.time;
  await expect(world.reader().query(minutes, 'v')).rejects.toThrow('socket hang up');
  expect(world.clock.time - asking).toBe(2_000);
});
