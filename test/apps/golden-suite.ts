import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pipelines } from '../golden/pipelines.ts';
import { type GoldenCase, partitioned, read } from '../golden/run.ts';
import { answersOf, endStreams, settled, statusOf } from './answers.ts';
import type { AppHost } from './app-under-test.ts';

const files = readdirSync(new URL('../golden/cases', import.meta.url)).sort();
const names = files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -5));

/**
 * Of each form of page, of row and of letter one case: all that differs in what is stored and sent. What only the core
 * decides, `test/golden` and the embedded app run whole.
 */
export const cloudCases: readonly string[] = [
  ...['01-tumbling', '04-duplicates', '06-orders', '10-odd-keys', '11-poison'],
  ...['13-sketches', '15-sessions', '18-global', '19-rollups-expiring', '20-overflow'],
];

/** Golden cases through a whole app, record by record and packed in turn; every one of them by default. */
export function goldenSuite(host: AppHost, cases: readonly string[] = names): void {
  describe(`the golden cases, ${host.name}`, () => {
    beforeAll(() => host.open());
    afterAll(() => host.close());

    test.each(cases.map((name, index) => [name, index % 2 === 0] as const))(
      '%s is answered to the byte as expected',
      async (name, packed) => {
        const golden: GoldenCase = JSON.parse(read(`cases/${name}.json`));
        const set = `golden ${golden.pipeline}` as const;
        const pipeline = pipelines[golden.pipeline]!;
        const partitions = Math.max(...golden.partitions);
        const app = await host.start({ pipelines: set, partitions });
        const way = { partitions, packed, batch: 1, compact: false };
        for (const [index, records] of partitioned(pipeline, golden, way).entries()) {
          await app.put(String(index), records);
        }
        await settled(app);
        await endStreams(app, set);
        const expected = read(`cases/${name}.expected.ndjson`);
        expect(await answersOf(app, pipeline.name, 3)).toBe(expected);
        // All is long past in these cases, so maintenance makes pages of it: what it has just begun, the next time.
        await app.maintain();
        await app.maintain();
        for (const one of (await statusOf(app)).get(pipeline.name)!.partitions) {
          expect(one.compactedTo).toBe(one.entry);
        }
        expect(await answersOf(app, pipeline.name)).toBe(expected);
      },
    );
  });
}
