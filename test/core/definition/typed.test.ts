import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

function source(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}

test('thirty-five mistakes do not compile, and none of them has disappeared', () => {
  const mistakes = source('mistakes.ts');
  const expected = mistakes.match(/^ *\/\/ @ts-expect-error .+$/gm) ?? [];
  expect(expected).toHaveLength(35);
  expect(new Set(expected).size).toBe(35);
  expect(
    mistakes.match(/definePipeline\(\{|reader\.(query|changes)\(|^reference\(/gm),
  ).toHaveLength(35);
});

test('thirteen result types flow into queries, and none of the claims has disappeared', () => {
  expect(source('results.ts').match(/^export const \w+: Equal</gm)).toHaveLength(13);
});

test('nothing looks away from errors of types', () => {
  for (const name of ['mistakes.ts', 'results.ts']) {
    expect(source(name)).not.toMatch(/@ts-(ignore|nocheck)|\bany\b|as never/);
  }
});
