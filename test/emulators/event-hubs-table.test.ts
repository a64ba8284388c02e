import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const folder = new URL('./', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');

it('names a test for each statement, and each test of the emulator', () => {
  const named = [...read('event-hubs.md').matchAll(/^\| (?!statement|---).+ \| (.+) \|$/gm)].map(
    ([, name]) => name as string,
  );
  const files = readdirSync(folder).filter((file) => /^event-hubs-.+\.test\.ts$/.test(file));
  const tests = files
    .filter((file) => file !== 'event-hubs-table.test.ts')
    .flatMap((file) => [...read(file).matchAll(/^it\(\s*'(.+?)',/gm)])
    .map(([, name]) => name as string);
  expect(tests.length).toBeGreaterThan(40);
  expect([...named].sort()).toEqual([...tests].sort());
});

it('names the test files in which another client than the official one speaks', () => {
  const files = readdirSync(folder).filter((file) => /^event-hubs-.+\.test\.ts$/.test(file));
  const others = files.filter((file) => /^import .*'rhea'/m.test(read(file)));
  const named = [...read('event-hubs.md').matchAll(/`(event-hubs-(?!table)\w+\.test\.ts)`/g)];
  expect(named.map(([, name]) => name)).toEqual(others);
});
