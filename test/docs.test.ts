import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../core/limits.ts';
import { defaultPacking } from '../core/publish/packing-options.ts';
import {
  brokenLinks,
  cliCommands,
  codeIn,
  namedPaths,
  npmScripts,
  npxCommands,
  statedLimits,
  wrongLimits,
} from './tidy/prose.ts';
import { listPictures, readRepository } from './tidy/repository.ts';

const root = join(import.meta.dirname, '..');
const files = readRepository(root);
const pictures = listPictures(root);
const pages = files.filter((file) => file.path.endsWith('.md'));
const current = pages.filter((file) => file.path !== 'CHANGELOG.md');
const manifest: { scripts: Record<string, string>; bin: Record<string, string> } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);
/** What the pages name and `exists` denies, as `page: name`. */
const missing = (find: (text: string) => string[], exists: (name: string) => boolean): string[] =>
  current.flatMap(({ path, text }) =>
    find(text)
      .filter((name) => !exists(name))
      .map((name) => `${path}: ${name}`),
  );

describe('the docs', () => {
  it('state every limit with the value in force', () => {
    const limits = { ...defaultPacking, ...defaultLimits };
    const stated = pages.flatMap((page) => statedLimits(page.text));
    expect(wrongLimits(stated, limits, Object.keys(defaultLimits))).toEqual([]);
  });

  it('explain exactly the reasons of dead letters that the core gives', () => {
    const core = readFileSync(join(root, 'core/event.ts'), 'utf8');
    const union = /type DeadReason =([^;]+);/.exec(core)?.[1] ?? '';
    const reasons = [...union.matchAll(/'([a-z-]+)'/g)].map((found) => found[1]);
    const text = pages.find((page) => page.path === 'docs/events.md')?.text ?? '';
    const section = /^## Dead letters$([\s\S]*?)^## /m.exec(text)?.[1] ?? '';
    const rows = [...section.matchAll(/^\| `([a-z-]+)` \|/gm)].map((row) => row[1]);
    expect(rows).toEqual(reasons);
    expect(rows.length).toBeGreaterThan(0);
  });

  it('have no relative link that leads nowhere', () => {
    const broken = pages.flatMap((page) =>
      brokenLinks(page, files, pictures).map((link) => `${page.path}: ${link}`),
    );
    expect(broken).toEqual([]);
  });

  it('show every picture, each of which is small', () => {
    for (const picture of pictures) {
      expect(statSync(join(root, picture)).size, picture).toBeLessThan(200_000);
      expect(
        pages.some(({ text }) => text.includes(`](${picture})`)),
        picture,
      ).toBe(true);
    }
    expect(pictures.length).toBeGreaterThan(0);
  });

  it('name only npm scripts that exist', () => {
    expect(missing(npmScripts, (name) => name in manifest.scripts)).toEqual([]);
  });

  it('name only npx commands that the install brings', () => {
    const bin = join(root, 'node_modules/.bin');
    const exists = (name: string) => name in manifest.bin || existsSync(join(bin, name));
    expect(missing(npxCommands, exists)).toEqual([]);
  });

  it('name only commands that the command line knows', () => {
    const cli = join(root, manifest.bin['millrace']!);
    const help = execFileSync(process.execPath, [cli, '--help'], { encoding: 'utf8' });
    expect(missing(cliCommands, (name) => new RegExp(`\\b${name}\\b`).test(help))).toEqual([]);
  });

  it('name only files that are there', () => {
    const exists = (path: string) => files.some((file) => file.path.startsWith(path));
    expect(missing(namedPaths, exists)).toEqual([]);
  });
});

describe('the checks of the docs', () => {
  const page = (path: string, text: string) => ({ path, text });

  it('find wrong, unknown and missing limits', () => {
    const stated = statedLimits(
      '| `aBytesMax` | 1,000 | x |\n| `bRowsMax` | 2 | x |\n| `no` | x |',
    );
    expect(stated).toEqual([
      { name: 'aBytesMax', value: 1000 },
      { name: 'bRowsMax', value: 2 },
    ]);
    expect(wrongLimits(stated, { aBytesMax: 1000, bRowsMax: 2 }, ['aBytesMax'])).toEqual([]);
    expect(wrongLimits(stated, { aBytesMax: 999, cRowsMax: 3 }, ['cRowsMax'])).toEqual([
      'aBytesMax is 999, the docs say 1000',
      'bRowsMax is unknown, the docs say 2',
      'cRowsMax is in no table of limits',
    ]);
  });

  it('find links to missing files and headings, and follow good ones', () => {
    const other = page('docs/b.md', '# The *b* page, `x`\n');
    const links =
      '[1](b.md) [2](b.md#the-b-page-x) [3](../docs/) [4](https://a.example) `[5](no.md)`';
    expect(brokenLinks(page('docs/a.md', links), [other])).toEqual([]);
    const broken = '[1](c.md) [2](b.md#c)\n\n[3]: ../d.md\n';
    expect(brokenLinks(page('docs/a.md', broken), [other])).toEqual(['c.md', 'b.md#c', '../d.md']);
  });

  it('find scripts, commands and paths in code, and only there', () => {
    const text =
      'Not npm run here.\n\n```sh\nnpm ci && npm start\nnpx millrace run --json\n```\n' +
      'Call `npm run check -- --x`, `millrace query byOrigin`, see `core/fold.ts` and `core/<x>.ts`.\n';
    expect(codeIn(text)).toHaveLength(5);
    expect(npmScripts(text)).toEqual(['start', 'check']);
    expect(npxCommands(text)).toEqual(['millrace']);
    expect(cliCommands(text)).toEqual(['run', 'query']);
    expect(namedPaths(text)).toEqual(['core/fold.ts']);
  });
});
