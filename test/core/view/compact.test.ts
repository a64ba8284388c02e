import { expect, test } from 'vitest';
import { MillraceError } from '../../../core/errors.ts';
import { partitionKeyOf } from '../../../core/journal/keys.ts';
import { decodeKept } from '../../../core/view/kept-refs.ts';
import { minutes, patient, tick } from '../fold/events.ts';
import { noon, record } from '../folding.ts';
import { World } from '../small-world.ts';

/** Ten records, each an entry of its own: three keys in four minutes, some late, some dead. */
function records() {
  return Array.from({ length: 10 }, (_, i) =>
    record(i, [
      tick(i * 25, { id: `a${i}`, who: `w${i % 3}`, n: i / 4 }),
      tick(0, { id: `b${i}`, n: i }),
      ...(i % 4 === 0 ? [{ broken: i }] : []),
    ]),
  );
}

async function filled(world: World, batch = records()): Promise<World> {
  const by = world.processor();
  for (const one of batch) await world.process([one], '0', by);
  return world;
}

async function answers(world: World): Promise<unknown[]> {
  const { views } = world.journals[0]!.plan;
  return Promise.all(views.map(async ({ name }) => JSON.parse(await world.answer(name))));
}

const objectsOf = (world: World, prefix: string) => world.objects.list(prefix, '', 1_000);
const pageObjects = (world: World) => objectsOf(world, 'pages/');

test('nothing to compact is no work', async () => {
  const world = new World([minutes]);
  expect(await world.compact()).toEqual({ upTo: -1, entries: 0, pages: 0, lost: false });
  await filled(world);
  await world.compact();
  expect(await world.compact()).toMatchObject({ upTo: 10, entries: 0, pages: 0 });
});

test.each([1, 2, 3, 100])(
  'rows are the same before and after, %i entries at a time',
  async (most) => {
    const world = await filled(new World([patient]));
    const before = await answers(world);
    let entries = 0;
    for (let done = 1; done > 0; ) {
      const compacted = await world.compact('0', most);
      done = compacted.entries;
      entries += done;
      expect(compacted.lost).toBe(false);
      expect(await answers(world)).toEqual(before);
    }
    expect(entries).toBe(11);
  },
);

test('rows that come after a compaction join those of the pages', async () => {
  const world = new World([patient]);
  const by = world.processor();
  for (const one of records()) {
    await world.process([one], '0', by);
    await world.compact();
  }
  const never = await filled(new World([patient]));
  expect(await answers(world)).toEqual(await answers(never));
});

test('three compactions at once merge every entry once', async () => {
  const world = await filled(new World([patient]));
  const before = await answers(world);
  const compactions = await Promise.all([3, 7, 100].map((most) => world.compact('0', most)));
  expect(compactions.filter(({ lost }) => !lost)).toHaveLength(1);
  expect(await answers(world)).toEqual(before);
  await world.compact();
  expect(await answers(world)).toEqual(before);
});

test('a compaction that was cut off anywhere is done over without counting twice', async () => {
  for (let writes = 0; ; writes += 1) {
    let left = Number.POSITIVE_INFINITY;
    const world = await filled(
      new World([patient], {
        storeFault: (method, phase) => {
          if (phase !== 'before' || (method !== 'create' && method !== 'replace')) return;
          left -= 1;
          if (left < 0) throw new MillraceError('unavailable', 'gone');
        },
      }),
    );
    const before = await answers(world);
    left = writes;
    const error = await world.compact().then(
      () => null,
      (thrown: unknown) => thrown,
    );
    left = Number.POSITIVE_INFINITY;
    expect(await answers(world)).toEqual(before);
    await world.compact();
    expect(await answers(world)).toEqual(before);
    if (error === null) {
      expect(writes).toBeGreaterThan(5);
      return;
    }
    expect(error).toMatchObject({ code: 'unavailable' });
  }
});

/** Keys that do not compress, so that a page of them outgrows an item of 6,000 bytes. */
function wide(from: number) {
  let seed = from + 1;
  const letter = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 16).toString(36).slice(-2);
  };
  const key = () => Array.from({ length: 50 }, letter).join('');
  return Array.from({ length: 12 }, (_, i) =>
    record(
      from + i,
      Array.from({ length: 10 }, (_, second) => tick(second, { who: key() })),
    ),
  );
}

test('a page over the item limit lies in the object store, and only its newest object', async () => {
  const world = new World([minutes], { itemBytesMax: 6_000 });
  await filled(world, wide(0));
  const before = await answers(world);
  await world.compact();
  expect(await answers(world)).toEqual(before);
  const first = await pageObjects(world);
  expect(first).toHaveLength(1);
  await filled(world, wide(12));
  const larger = await answers(world);
  await world.compact();
  expect(await answers(world)).toEqual(larger);
  const second = await pageObjects(world);
  expect(second).toHaveLength(1);
  expect(second).not.toEqual(first);
});

test('a page that outgrows its item while others compact it too keeps every row', async () => {
  const world = new World([minutes], { itemBytesMax: 6_000 });
  await filled(world, [...wide(0), ...wide(12)]);
  const before = await answers(world);
  await Promise.all([5, 9, 100].map((most) => world.compact('0', most)));
  expect(await answers(world)).toEqual(before);
  await world.compact();
  expect(await answers(world)).toEqual(before);
});

test('a page whose object is gone ends compaction and reads with an error that says so', async () => {
  const world = new World([minutes], { itemBytesMax: 6_000 });
  await filled(world, wide(0));
  await world.compact();
  for (const name of await pageObjects(world)) await world.objects.remove(name);
  await filled(world, wide(12));
  await expect(world.compact()).rejects.toMatchObject({ code: 'unavailable' });
  await expect(world.answer('v')).rejects.toMatchObject({ code: 'unavailable' });
});

test('a page whose object is damaged is an error that names the object', async () => {
  const world = new World([minutes], { itemBytesMax: 6_000 });
  await filled(world, wide(0));
  await world.compact();
  const [name] = await pageObjects(world);
  const bytes = (await world.objects.get(name!))!;
  for (const at of [0, 5, 10, bytes.length - 1]) {
    const broken = new Uint8Array(bytes);
    broken[at]! ^= 1;
    await world.objects.put(name!, broken);
    await expect(world.answer('v')).rejects.toMatchObject({
      code: 'damaged',
      message: expect.stringContaining(name!),
    });
  }
});

test('every object of dead letters and late events is in a page of references, once', async () => {
  const world = new World([minutes]);
  const by = world.processor();
  for (const [i, one] of records().entries()) {
    await world.process([{ ...one, arrival: noon + i * 1_500_000 }], '0', by);
    if (i % 3 === 2) await world.compact();
  }
  await world.compact();
  for (const view of ['_dead', '_late'] as const) {
    const pk = partitionKeyOf(world.journals[0]!.scope, '0');
    const items = await world.store.range(pk, `p/${view}/`, `p/${view}0`, 100);
    expect(items.length).toBeGreaterThan(1);
    const refs = items.flatMap(({ sort, body }) => decodeKept({ partition: pk, sort }, body).refs);
    const objects = await objectsOf(world, `kept/${pk}/${view}/`);
    const named = refs.map(
      ({ entry, hash }) => `kept/${pk}/${view}/${String(entry).padStart(20, '0')}-${hash}`,
    );
    expect(named.sort()).toEqual(objects);
    expect(objects.length).toBeGreaterThan(2);
  }
});
