import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folderOf, millrace } from './millrace.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/references.md'), 'utf8');

/** The blocks of code whose first line says what they are: `file=<name>`, `run` or `output`. */
function blocks(): Map<string, string> {
  const found = page.matchAll(/^```\w+ (file=\S+|run|output)\n([\s\S]*?)^```$/gm);
  return new Map([...found].map(([, what = '', text = '']) => [what, text]));
}

it('the example of the page of reference tables prints what the page says', async () => {
  const all = blocks();
  const files = [...all].filter(([what]) => what.startsWith('file='));
  expect(files).toHaveLength(3);
  const cwd = folderOf(Object.fromEntries(files.map(([what, text]) => [what.slice(5), text])));
  const args = (all.get('run') ?? '').trim().split(' ').slice(2);
  const { code, stdout } = await millrace(args, { cwd });
  expect(code).toBe(0);
  expect(stdout).toBe(all.get('output'));
});
