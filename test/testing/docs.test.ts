import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** Runs the blocks of a page as files far from the clone, the last one by the runner of Node. */
function run(page: string, names: readonly string[]): string {
  const text = readFileSync(join(root, 'docs', page), 'utf8');
  const blocks = [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code]) => code ?? '');
  expect(blocks).toHaveLength(names.length);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-kit-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [i, name] of names.entries()) writeFileSync(join(folder, name), blocks[i] as string);
  const imports = pathToFileURL(join(root, 'cli/resolve-imports.ts')).href;
  const preload = `data:text/javascript,import{resolveImports}from"${imports}";resolveImports()`;
  const args = ['--import', preload, names.at(-1) as string];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  return `${stdout}${stderr}`;
}

it('the pipeline and the tests of docs/testing-pipelines.md run as they stand, outside the clone', () => {
  expect(run('testing-pipelines.md', ['clicks.ts', 'clicks.test.ts'])).toMatch(
    /pass 3\n.* fail 0\n/,
  );
});

it('the tests of docs/time.md run as they stand', () => {
  expect(run('time.md', ['time.test.ts'])).toMatch(/pass 2\n.* fail 0\n/);
});
