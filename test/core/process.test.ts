import { expect, test } from 'vitest';
import { MillraceError } from '../../core/errors.ts';
import type { DeadLetterNotice } from '../../core/notice.ts';
import type { ItemKey, StateStore } from '../../core/ports/state-store.ts';
import { minutes, patient, tick } from './fold/events.ts';
import { record, recordsOf } from './folding.ts';
import { World } from './small-world.ts';

const throttled = new MillraceError('throttled', 'slow down');

/** A fault that hits the calls of some method until it has struck so often. */
function strikes(method: string, times: number, phase = 'before', error: unknown = throttled) {
  const fault = (called: string, when: string) => {
    if (called !== method || when !== phase || fault.left <= 0) return;
    fault.left -= 1;
    throw error;
  };
  fault.left = times;
  return fault;
}

const events = () => Array.from({ length: 30 }, (_, i) => tick(i, { who: `w${i % 7}` }));

test('a batch is committed to the journal of every pipeline, and acknowledged to its end', async () => {
  const world = new World([minutes, patient]);
  const outcome = await world.process(recordsOf(events()));
  expect(outcome).toEqual({ acknowledged: { position: 30n, line: 0 }, failures: [] });
  expect([await world.entries('0', 0), await world.entries('0', 1)]).toEqual([2, 2]);
});

test('a batch delivered again changes nothing', async () => {
  const world = new World([minutes]);
  const batch = recordsOf(events());
  await world.process(batch);
  const before = await world.answer('v');
  const outcome = await world.process(batch);
  expect(outcome.acknowledged).toEqual({ position: 30n, line: 0 });
  expect(await world.answer('v')).toBe(before);
  expect(await world.entries()).toBe(2);
});

test('an empty batch is acknowledged up to what is committed', async () => {
  const world = new World([minutes]);
  await world.process(recordsOf(events()));
  expect((await world.process([])).acknowledged).toEqual({ position: 30n, line: 0 });
});

test('a batch over the size of an entry is committed as several', async () => {
  const world = new World([minutes], { limits: { entryRowsMax: 3 } });
  const outcome = await world.process(recordsOf(events()));
  expect(outcome.failures).toEqual([]);
  expect(await world.entries()).toBeGreaterThan(8);
  const whole = new World([minutes]);
  await whole.process(recordsOf(events().map((event, i) => ({ ...event, id: `x${i}` }))));
  expect(await world.answer('v')).toBe(await whole.answer('v'));
});

test.each(['create', 'read', 'range'])('a passing failure of %s is retried', async (method) => {
  const world = new World([minutes], { storeFault: strikes(method, 3) });
  const outcome = await world.process(recordsOf(events()));
  expect(outcome).toEqual({ acknowledged: { position: 30n, line: 0 }, failures: [] });
  expect(world.clock.sleeps.length).toBeGreaterThanOrEqual(3);
});

test('a put whose answer was lost is found to be done, and nothing counts twice', async () => {
  const world = new World([minutes], {
    storeFault: strikes('create', 4, 'after', new Error('connection reset')),
  });
  const batch = recordsOf(events());
  const outcome = await world.process(batch);
  expect(outcome).toEqual({ acknowledged: { position: 30n, line: 0 }, failures: [] });
  const calm = new World([minutes]);
  await calm.process(batch);
  expect(await world.answer('v')).toBe(await calm.answer('v'));
});

test('an outage over the budget fails the batch from the first uncommitted record on', async () => {
  const fault = strikes('create', 0);
  const world = new World([minutes], { storeFault: fault, limits: { entryRowsMax: 3 } });
  const batch = recordsOf(events());
  await world.process(batch.slice(0, 5));
  fault.left = Number.POSITIVE_INFINITY;
  const deadline = world.clock.time + 60_000;
  const outcome = await world.process(batch);
  expect(outcome.acknowledged).toEqual({ position: 5n, line: 0 });
  expect(outcome.failures).toMatchObject([{ pipeline: 'minutes', error: { code: 'throttled' } }]);
  expect(world.clock.time).toBe(deadline);
  fault.left = 0;
  expect((await world.process(batch)).acknowledged).toEqual({ position: 30n, line: 0 });
});

test('what can not be cured by another try fails at once', async () => {
  const world = new World([minutes], {
    storeFault: strikes('create', 1, 'before', new MillraceError('too-large', 'x')),
  });
  const { failures } = await world.process(recordsOf(events()));
  expect(failures).toMatchObject([{ error: { code: 'too-large' } }]);
  expect(world.clock.sleeps).toEqual([]);
});

test('a deadline that has passed commits nothing more', async () => {
  const world = new World([minutes]);
  const batch = recordsOf(events());
  await world.process(batch.slice(0, 5));
  const by = world.processor();
  const late = await by.process({ partition: '0', records: batch }, world.clock.time - 1);
  expect(late.acknowledged).toEqual({ position: 5n, line: 0 });
  expect(late.failures).toMatchObject([{ error: { code: 'timeout' } }]);
  expect(await world.entries()).toBe(2);
});

test('a deadline that passes with the last commit fails nothing', async () => {
  const clock = { leap: 0 };
  let world: World | null = null;
  world = new World([minutes], {
    storeFault: (method, phase) => {
      if (method === 'create' && phase === 'after') world!.clock.time += clock.leap;
    },
  });
  const batch = recordsOf(events());
  await world.process(batch.slice(0, 1));
  clock.leap = 90_000;
  const outcome = await world.process(batch);
  expect(outcome).toEqual({ acknowledged: { position: 30n, line: 0 }, failures: [] });
});

test('a pipeline that fails does not hold back the others, but the acknowledgement', async () => {
  const world = new World([minutes, patient]);
  await world.process(recordsOf(events()).slice(0, 4));
  const broken = world.journals[0]!;
  const failing = {
    ...broken,
    compression: {
      ...broken.compression,
      compress: () => {
        throw new Error('broken');
      },
    },
  };
  const by = world.processor([failing, world.journals[1]!]);
  const outcome = await world.process(recordsOf(events()), '0', by);
  expect(outcome.failures).toMatchObject([{ pipeline: 'minutes', error: new Error('broken') }]);
  expect(outcome.acknowledged).toEqual({ position: 4n, line: 0 });
  expect([await world.entries('0', 0), await world.entries('0', 1)]).toEqual([2, 3]);
  const again = await world.process(recordsOf(events()));
  expect(again).toEqual({ acknowledged: { position: 30n, line: 0 }, failures: [] });
});

test('a journal of which nothing is known acknowledges nothing', async () => {
  const world = new World([minutes], { storeFault: strikes('read', Number.POSITIVE_INFINITY) });
  const { acknowledged, failures } = await world.process(recordsOf(events()));
  expect(acknowledged).toEqual({ position: 0n, line: 0 });
  expect(failures).toHaveLength(1);
});

test('three processors of one partition count every event once, whoever wins', async () => {
  const world = new World([minutes], { limits: { entryRowsMax: 4 } });
  const batch = recordsOf(events());
  const outcomes = await Promise.all(
    [30, 20, 30].map((to) => world.process(batch.slice(0, to), '0', world.processor())),
  );
  expect(outcomes.flatMap(({ failures }) => failures)).toEqual([]);
  expect(outcomes[0]!.acknowledged).toEqual({ position: 30n, line: 0 });
  expect(world.telemetry.total('process_conflicts')).toBeGreaterThan(0);
  const calm = new World([minutes]);
  await calm.process(batch);
  expect(await world.answer('v')).toBe(await calm.answer('v'));
});

test('a zombie with an old warm state loses, reloads and goes on', async () => {
  const world = new World([minutes]);
  const batch = recordsOf(events());
  const [zombie, owner] = [world.processor(), world.processor()];
  await world.process(batch.slice(0, 10), '0', zombie);
  await world.process(batch.slice(0, 20), '0', owner);
  const outcome = await world.process(batch.slice(5, 30), '0', zombie);
  expect(outcome).toEqual({ acknowledged: { position: 30n, line: 0 }, failures: [] });
  expect(world.telemetry.total('process_conflicts')).toBe(1);
  const calm = new World([minutes]);
  await calm.process(batch);
  expect(JSON.parse(await world.answer('v'))).toEqual(JSON.parse(await calm.answer('v')));
});

test('batches of one partition given to one processor at once are taken in turn', async () => {
  const world = new World([minutes]);
  const batch = recordsOf(events());
  const by = world.processor();
  await Promise.all(
    [0, 10, 20].map((from) => world.process(batch.slice(from, from + 10), '0', by)),
  );
  expect(world.telemetry.total('process_conflicts')).toBe(0);
  expect(await world.entries()).toBe(4);
});

test('dead letters are kept as an object the entry refers to, and a notice is sent', async () => {
  const world = new World([minutes]);
  await world.process([record(0, 'nonsense'), record(1, tick(0)), record(2, '[1,2]')]);
  const [message] = await world.queue.receive(10, 30);
  const { deadLetters: notice }: DeadLetterNotice = JSON.parse(message!.body);
  expect(notice).toMatchObject({ pipeline: 'minutes', partition: '0', entry: 1, count: 3 });
  const packed = await world.objects.get(notice.object);
  const lines = world.journals[0]!.compression.decompress(packed!, 1e6);
  const letters = new TextDecoder().decode(lines).trimEnd().split('\n');
  expect(letters.map((line) => JSON.parse(line).position)).toEqual(['0', '2', '2']);
});

test('a notice that can not be sent costs a count and nothing else', async () => {
  const world = new World([minutes], { queueFault: strikes('send', Number.POSITIVE_INFINITY) });
  const outcome = await world.process([record(0, 'nonsense')]);
  expect(outcome).toEqual({ acknowledged: { position: 1n, line: 0 }, failures: [] });
  expect(world.telemetry.total('process_notice_failures')).toBe(1);
});

test('no entry is committed whose dead letters could not be kept', async () => {
  const world = new World([minutes], { objectFault: strikes('put', Number.POSITIVE_INFINITY) });
  const { failures } = await world.process([record(0, 'nonsense')]);
  expect(failures).toMatchObject([{ error: { code: 'throttled' } }]);
  expect(await world.entries()).toBe(1);
});

test('a compaction that fails does not fail the batch, and is made up for', async () => {
  const fault = strikes('replace', 0);
  const world = new World([minutes], { storeFault: fault, limits: { compactEntries: 2 } });
  const by = world.processor();
  const batch = recordsOf(events());
  const upTo = async () => (await world.reader().partitions())[0]!.upTo;
  for (let i = 0; i < 4; i += 1) await world.process([batch[i]!], '0', by);
  expect(await upTo()).toBeGreaterThan(0);
  fault.left = Number.POSITIVE_INFINITY;
  const stuck = await upTo();
  for (let i = 4; i < 8; i += 1) {
    expect((await world.process([batch[i]!], '0', by)).failures).toEqual([]);
  }
  expect(await upTo()).toBe(stuck);
  expect(world.telemetry.total('compaction_retries')).toBeGreaterThan(0);
  fault.left = 0;
  await world.process([batch[8]!], '0', by);
  expect(await upTo()).toBe(9);
});

test('a warm state is not trusted for longer than its time', async () => {
  let reads = 0;
  const world = new World([minutes], {
    storeFault: (method, phase) => {
      if (method === 'range' && phase === 'before') reads += 1;
    },
  });
  const by = world.processor();
  const batch = recordsOf(events());
  await world.process(batch.slice(0, 1), '0', by);
  const cold = reads;
  world.clock.time += 600_000;
  await world.process(batch.slice(1, 2), '0', by);
  expect(reads).toBe(cold);
  world.clock.time += 600_001;
  await world.process(batch.slice(2, 3), '0', by);
  expect(reads).toBeGreaterThan(cold);
});

test('a pipeline whose store fails uses up no time of the others', async () => {
  const other = { ...minutes, name: 'other', plan: { ...minutes.plan, name: 'other' } };
  const world = new World([minutes, other as typeof minutes]);
  const down: StateStore = Object.assign(Object.create(world.store), {
    create: (key: ItemKey, body: Uint8Array) =>
      key.sort === 'e/00000000000000000001'
        ? Promise.reject(new MillraceError('unavailable', 'down'))
        : world.store.create(key, body),
  });
  const journals = [{ ...world.journals[0]!, store: down }, world.journals[1]!];
  const { failures } = await world.process(recordsOf([tick(0)]), '0', world.processor(journals));
  expect(failures).toMatchObject([{ pipeline: 'minutes', error: { code: 'unavailable' } }]);
  expect(await world.entries('0', 1)).toBe(2);
});
