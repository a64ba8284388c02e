import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { pipelines } from './pipelines.ts';
import { type GoldenCase, read, run, type Way } from './run.ts';

const files = readdirSync(new URL('cases', import.meta.url)).sort();
const names = files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -5));

const batches = [Number.POSITIVE_INFINITY, 1, 2];
const ways = [false, true].flatMap((packed) =>
  [false, true].flatMap((compact) => batches.map((batch) => ({ batch, packed, compact }))),
);

const reversed = (way: (typeof ways)[number]) => ({ ...way, reversed: true });

test('there are at least ten cases, each with its answer, and every pipeline has one', () => {
  expect(names.length).toBeGreaterThanOrEqual(10);
  expect(files).toEqual(names.flatMap((name) => [`${name}.expected.ndjson`, `${name}.json`]));
  const used = names.map((name) => caseOf(name).pipeline);
  expect([...new Set(used)].sort()).toEqual(Object.keys(pipelines).sort());
});

function caseOf(name: string): GoldenCase {
  return JSON.parse(read(`cases/${name}.json`));
}

describe.each(names)('%s', (name) => {
  const golden = caseOf(name);
  const expected = read(`cases/${name}.expected.ndjson`);
  const pipeline = pipelines[golden.pipeline]!;

  test.each(golden.partitions)(
    'is the same to the byte in every way, on %i partitions',
    async (partitions) => {
      for (const way of golden.anyOrder ? [...ways, ...ways.map(reversed)] : ways) {
        const found = await run(pipeline, golden, { ...way, partitions } satisfies Way);
        expect(found, JSON.stringify(way)).toBe(expected);
      }
    },
  );

  test('says on 1 partition only if something is late', () => {
    const { summary } = JSON.parse(expected.trimEnd().split('\n').at(-1)!);
    const views: { late: number }[] = Object.values(summary.views);
    const late = views.some((view) => view.late > 0);
    expect(golden.partitions).toEqual(late ? [1] : [1, 2, 3]);
  });
});
