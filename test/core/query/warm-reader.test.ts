import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AnyRow, rowJson } from '../../../core/query/answer.ts';
import { scan } from '../../../core/query/scan.ts';
import { patient } from '../fold/events.ts';
import { contextOf, foldBatches, noon, record, rowsOf } from '../folding.ts';
import { World } from '../small-world.ts';

const event = fc.record({
  id: fc.integer({ min: 0, max: 1e6 }).map(String),
  at: fc.integer({ min: -60, max: 300 }).map((second) => noon + second * 1000),
  who: fc.constantFrom('a', 'b'),
  n: fc.integer({ min: 0, max: 2 }),
});
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ body: fc.array(event, { minLength: 1, maxLength: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ compact: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 3, arbitrary: fc.record({ ask: fc.constantFrom('strict', 'patient') }) },
  { weight: 1, arbitrary: fc.record({ askWhileCompacting: fc.constantFrom('strict', 'patient') }) },
);

/** The rows of an answer as a fold has them. */
function canonical(json: string): unknown[] {
  const { rows }: { rows: AnyRow[] } = JSON.parse(json);
  return rows.map(({ state: _, ...row }) => row);
}

test('a warm reader, a cold one and a fold agree at every moment, while pages are made', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const world = new World([patient]);
      const [writer, warm] = [world.processor(), world.reader()];
      const records = [];
      for (const one of [...steps, { ask: 'strict' }, { ask: 'patient' }]) {
        if ('body' in one) {
          records.push(record(records.length, one.body));
          await world.process(records.slice(-2), '0', writer);
        } else if ('compact' in one) await world.compact('0', one.compact);
        else {
          const [view, busy] = 'ask' in one ? [one.ask, false] : [one.askWhileCompacting, true];
          const model = foldBatches([records], contextOf(patient));
          const rows = rowsOf(patient, model.entries).filter((json) => json.includes(`"${view}"`));
          const reads = [warm, world.reader()].map((reader) =>
            reader.queryJson(view, { limit: 500 }),
          );
          const [answers] = await Promise.all([
            Promise.all(reads),
            busy ? world.compact('0', 3) : null,
          ]);
          for (const json of answers) {
            expect(canonical(json)).toEqual(rows.map((row) => JSON.parse(row)));
          }
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('a scan of a compacted journal finds what a query finds, over several partitions', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(event, { maxLength: 12 }), { minLength: 3, maxLength: 3 }),
      async (parts) => {
        const world = new World([patient], { partitions: 3 });
        for (const [i, part] of parts.entries()) {
          await world.process(
            part.map((one, position) => record(position, one)),
            String(i),
          );
          await world.compact(String(i));
        }
        for (const view of patient.plan.views) {
          const scanned: string[] = [];
          for await (const { rows, selected, finalTo } of scan(world.journals[0]!, view)) {
            scanned.push(...selected.map((row) => rowJson(rows, row, finalTo)));
          }
          const json = await world.answer(view.name);
          expect(scanned.map((json) => JSON.parse(json))).toEqual(canonical(json));
        }
      },
    ),
    { numRuns: 30 },
  );
});
