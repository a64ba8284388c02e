import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compression } from '../../adapters/compression.ts';
import { endStreams, settled } from './answers.ts';
import type { AppHost, AppUnderTest } from './app-under-test.ts';

const start = Date.UTC(2026, 0, 1);
const minutes = 40;
const keys = ['a', 'b', 'c'];

/** A message as those who take results read it. */
interface Result {
  readonly id: string;
  readonly kind: string;
  readonly start: string;
}

/** Records of a minute: an event of each key, one of them twice. */
function recordsOf(minute: number) {
  const at = start + minute * 60_000;
  const events = [...keys, 'a'].map((key, i) => {
    return { id: `${minute} ${key} ${i === 3 ? 0 : i}`, at: at + i, key, value: 1 + i };
  });
  const body = compression.compress(Buffer.from(JSON.stringify(events)));
  return [{ arrival: at + 1_000, body }];
}

/** All that waits in the queue of results. */
async function taken({ results }: AppUnderTest): Promise<string[]> {
  const all: string[] = [];
  for (let some = await results.receive(10, 3_600); some.length > 0; ) {
    all.push(...some.map(({ body }) => body));
    some = await results.receive(10, 3_600);
  }
  return all;
}

/** Final rows of a whole app in a queue, on whatever host. */
export function publishingSuite(host: AppHost): void {
  describe(`results in a queue, ${host.name}`, () => {
    beforeAll(() => host.open());
    afterAll(() => host.close());

    it('are all rows that are final, each as a query has it in the end, and no other', async () => {
      const app = await host.start({ pipelines: 'published', partitions: 2 });
      for (let minute = 0; minute < minutes; minute += 1) {
        for (const partition of ['0', '1']) await app.put(partition, recordsOf(minute));
      }
      await settled(app);
      // What is final is known after one round, and published by the next one at the latest.
      await app.maintain();
      await app.maintain();
      const early = await taken(app);
      const starts = early.map((text) => (JSON.parse(text) as Result).start);
      expect(starts.length).toBeGreaterThan(keys.length * (minutes / 2));
      // Two minutes of patience, a bound of half of one, and the minute itself.
      const last = new Date(start + (minutes - 4) * 60_000).toISOString();
      expect(starts.filter((one) => one > last)).toEqual([]);
      await endStreams(app, 'published');
      await app.maintain();
      const rest = await taken(app);
      const response = await app.request('/v1/views/perKey?limit=1000');
      const answer = (await response.json()) as { readonly rows: Record<string, unknown>[] };
      // A message has the canonical form, which does not tell the state of what is final.
      const rows = answer.rows.map(({ state: _, ...row }) => row);
      expect(rows).toHaveLength(minutes * keys.length);
      const byId = new Map([...early, ...rest].map((text) => [JSON.parse(text).id, text]));
      const found = [...byId.values()].map((text) => {
        const { id: _, kind, pipeline: __, generation: ___, ...row } = JSON.parse(text);
        expect(kind).toBe('final');
        return JSON.stringify(row);
      });
      expect(found.sort()).toEqual(rows.map((row) => JSON.stringify(row)).sort());
      expect(new Set([...early, ...rest]).size).toBe(byId.size);
      await app.maintain();
      expect(await taken(app)).toEqual([]);
    });
  });
}
