import { Totals } from '../answer.ts';
import { centsOf, clickOf, minuteOf, textsOf } from '../click.ts';
import type { Start } from '../design.ts';

/** The least that any program does: parse, check, a set of ids and a map of sums. Nothing outlives the process. */
export const start: Start = async ({ pack }) => {
  const ids = new Set<string>();
  const totals = new Totals();
  const bad = new Set<string>();
  return {
    handler: async ({ Records }) => {
      for (const { kinesis } of Records) {
        for (const text of textsOf(kinesis.data, pack)) {
          const click = clickOf(text);
          if (click === null) bad.add(`${kinesis.sequenceNumber} ${text}`);
          else if (!ids.has(click.id)) {
            ids.add(click.id);
            totals.add(click.page, minuteOf(click), 1, centsOf(click));
          }
        }
      }
      return undefined;
    },
    answer: async () => ({ rows: totals.rows(), bad: bad.size }),
  };
};
