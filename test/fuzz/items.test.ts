import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Reader, Writer } from '../../core/bytes.ts';
import { MillraceError } from '../../core/errors.ts';
import { type Kind, nameOf, open, seal } from '../../core/journal/envelope.ts';
import { Rows } from '../../core/view/rows.ts';
import { minutes, patient, tick } from '../core/fold/events.ts';
import { contextOf, foldBatches, recordsOf } from '../core/folding.ts';
import { type StoredItem, storedItems } from '../core/journal/items.ts';
import { budget, prompt } from './budget.ts';
import { mutated } from './mutations.ts';

const { items } = await storedItems();

/** What came of reading bytes: the error, or null. */
async function failure(item: StoredItem, body: Uint8Array): Promise<unknown> {
  try {
    await prompt(() => item.read(body, item.key));
    return null;
  } catch (error) {
    return error;
  }
}

function expectDamaged(error: unknown, name: string): void {
  expect(error).toBeInstanceOf(MillraceError);
  expect(error).toMatchObject({ code: 'damaged', message: expect.stringContaining(name) });
}

test.each(items)('any bytes for a $kind are damaged', async (item) => {
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated(item.body));
  await fc.assert(
    fc.asyncProperty(bytes, async (body) => {
      if (Buffer.from(body).equals(item.body)) return;
      expectDamaged(await failure(item, body), nameOf(item.key));
    }),
    budget(1_000),
  );
});

/** The kinds whose payload is read by our own code, with what they are sealed as. */
const sealed: readonly [string, Kind][] = [
  ['entry', 'entry'],
  ['entry without its rows', 'entry'],
  ['page', 'page'],
  ['head', 'head'],
];

test.each(sealed)(
  'the payload of a %s, changed but sealed rightly, is read or damaged',
  async (kind, as) => {
    const item = items.find((one) => one.kind === kind)!;
    const payload = open(as, item.key, item.body);
    await fc.assert(
      fc.asyncProperty(mutated(new Uint8Array(payload)), async (changed) => {
        const error = await failure(item, seal(as, item.key, changed));
        if (error !== null) expectDamaged(error, nameOf(item.key));
      }),
      budget(1_000),
    );
  },
);

test.each([minutes, patient])(
  'the rows of $name, changed, are read and written again, or damaged',
  ({ plan }) => {
    const who = ['', 'é', '\u{1F600}', 'w'.repeat(200)];
    const events = who.flatMap((name, i) => [
      tick(i * 30, { who: name, n: i / 8 }),
      tick(i, { n: -i }),
    ]);
    const { entries } = foldBatches([recordsOf(events)], contextOf({ plan } as never));
    for (const [index, view] of plan.views.entries()) {
      const out = new Writer(64);
      entries[0]!.views[index]!.encode(out);
      fc.assert(
        fc.property(mutated(new Uint8Array(out.done())), (bytes) => {
          let rows: Rows;
          try {
            rows = prompt(() => Rows.decode(new Reader(bytes, 'the rows'), view, 50_000));
          } catch (error) {
            expectDamaged(error, 'the rows');
            return;
          }
          const again = new Writer(64);
          rows.encode(again);
          const twice = Rows.decode(
            new Reader(new Uint8Array(again.done()), 'again'),
            view,
            50_000,
          );
          expect(twice.size).toBe(rows.size);
        }),
        budget(2_000),
      );
    }
  },
);
