import { Totals } from '../answer.ts';
import { type Click, centsOf, clickOf, minuteOf, textsOf } from '../click.ts';
import { type CountStore, RecentIds } from '../count-store.ts';
import { callsAtOnce, inParallel, type Setting, type Start } from '../design.ts';
import { dynamoDbCountStore } from '../dynamodb-count-store.ts';
import { memoryCountStore } from '../memory-count-store.ts';

const recentIdsMax = 50_000;

/** The store that a setting names. */
export async function countStore({ endpoints, name }: Setting): Promise<CountStore> {
  return endpoints === null ? memoryCountStore() : dynamoDbCountStore(endpoints.dynamoDb, name);
}

/** A conditional put by id, then one addition by key and batch; ids that came lately are known without a call. */
export const start: Start = async (setting) => {
  const store = await countStore(setting);
  const recent = new RecentIds(recentIdsMax);
  const bad = new Set<string>();
  return {
    handler: async ({ Records }) => {
      const fresh = new Map<string, Click>();
      for (const { kinesis } of Records) {
        for (const text of textsOf(kinesis.data, setting.pack)) {
          const click = clickOf(text);
          if (click === null) bad.add(`${kinesis.sequenceNumber} ${text}`);
          else if (!recent.has(click.id)) fresh.set(click.id, click);
        }
      }
      const totals = new Totals();
      await inParallel([...fresh.values()], callsAtOnce, async (click) => {
        if (await store.putId(click.id)) {
          totals.add(click.page, minuteOf(click), 1, centsOf(click));
        }
        recent.add(click.id);
      });
      await inParallel(totals.rows(), callsAtOnce, store.add);
      return undefined;
    },
    answer: async () => ({ rows: await store.rows(), bad: bad.size }),
  };
};
