import fc from 'fast-check';
import { expect, test } from 'vitest';
import { partitionKeyOf } from '../../../core/journal/keys.ts';
import { decodeKept } from '../../../core/view/kept-refs.ts';
import { patient, tick } from '../fold/events.ts';
import { record } from '../folding.ts';
import { World } from '../small-world.ts';

/** Eight entries: the same keys in three minutes, and in each a late event and a dead letter. */
const records = Array.from({ length: 8 }, (_, i) =>
  record(i, [
    tick(i * 20, { id: `a${i}`, who: `w${i % 2}` }),
    tick(-120, { id: `b${i}`, who: 'late' }),
    { broken: i },
  ]),
);

/** Every call to the store waits for as many turns as the list says, in a ring. */
async function racing(turns: readonly number[]): Promise<World> {
  let calls = 0;
  let slow = false;
  const world = new World([patient], {
    storeFault: async (_, phase) => {
      if (!slow || phase === 'after') return;
      calls += 1;
      for (let left = turns[calls % turns.length] ?? 0; left > 0; left -= 1) await null;
    },
  });
  const by = world.processor();
  for (const one of records) await world.process([one], '0', by);
  slow = true;
  return world;
}

async function answers(world: World): Promise<unknown[]> {
  const texts = await Promise.all(['strict', 'patient'].map((view) => world.answer(view)));
  return texts.map((text) => JSON.parse(text).rows);
}

/** The entries that the pages of references name, of both kinds. */
async function references(world: World): Promise<number[]> {
  const pk = partitionKeyOf(world.journals[0]!.scope, '0');
  const items = await world.store.range(pk, 'p/_', 'p/`', 100);
  return items.flatMap(({ sort, body }) =>
    decodeKept({ partition: pk, sort }, body).refs.map(({ entry }) => entry),
  );
}

test('compactions and reads that interleave in any way lose no row and count none twice', async () => {
  const calm = await racing([]);
  const expected = await answers(calm);
  await calm.compact();
  const refs = (await references(calm)).sort();
  expect(refs.length).toBe(16);
  const turns = fc.array(fc.nat(20), { minLength: 3, maxLength: 40 });
  const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 2, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(turns, sizes, async (waits, mosts) => {
      const world = await racing(waits);
      const reads = mosts.map(() => answers(world));
      await Promise.all(mosts.map((most) => world.compact('0', most)));
      for (const read of await Promise.all(reads)) expect(read).toEqual(expected);
      expect(await answers(world)).toEqual(expected);
      await world.compact();
      expect(await answers(world)).toEqual(expected);
      expect((await references(world)).sort()).toEqual(refs);
    }),
    { numRuns: 150 },
  );
});
