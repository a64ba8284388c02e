import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const root = join(import.meta.dirname, '../..');

it('the pipeline and the tests of docs/testing-pipelines.md run as they stand, outside the clone', () => {
  const page = readFileSync(join(root, 'docs/testing-pipelines.md'), 'utf8');
  const [pipeline = '', tests = ''] = [...page.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(
    ([, code]) => code ?? '',
  );
  const folder = mkdtempSync(join(tmpdir(), 'millrace-kit-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'clicks.ts'), pipeline);
  writeFileSync(join(folder, 'clicks.test.ts'), tests);
  const imports = pathToFileURL(join(root, 'cli/resolve-imports.ts')).href;
  const preload = `data:text/javascript,import{resolveImports}from"${imports}";resolveImports()`;
  const args = ['--import', preload, 'clicks.test.ts'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  expect(`${stdout}${stderr}`).toMatch(/pass 3\n.* fail 0\n/);
});
