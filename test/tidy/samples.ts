import type { File } from './source.ts';

/** What one rule refuses (`bad`: each set of files gives exactly one finding) and what it lets pass (`good`). */
export interface Samples {
  readonly bad: readonly (readonly File[])[];
  readonly good: readonly (readonly File[])[];
}

const lines = (count: number, text = 'x;'): string => `${text}\n`.repeat(count);
const one = (path: string, text = ''): File[] => [{ path, text }];
const leftover = ['TO', 'DO'].join('');
const machinePath = ['', 'home', 'someone', 'code'].join('/');
const x = (count: number): string => 'x'.repeat(count);

const sections = (names: readonly string[]): string =>
  `# A title\n${names.map((name) => `\n## ${name}\n\nText.\n`).join('')}`;
const record = sections(['Context', 'Decision', 'Consequences', 'Measured']);
const port = { path: 'core/ports/state-store.ts', text: '' };
const lock = (entry: object): File[] =>
  one('package-lock.json', JSON.stringify({ packages: { 'node_modules/a': entry } }));
const store = 'class SqliteStateStore extends StateStore {}\n';

const shape: Record<string, Samples> = {
  parses: {
    bad: [one('core/fold.ts', 'const = 1;\n')],
    good: [one('core/fold.ts', 'const a = 1;\n')],
  },
  'file-length': {
    bad: [one('core/fold.ts', lines(301)), one('docs/events.md', lines(301))],
    good: [one('core/fold.ts', lines(300)), one('CHANGELOG.md', lines(301))],
  },
  'function-length': {
    bad: [
      one('core/fold.ts', `function f() {\n${lines(69)}}\n`),
      one('core/fold.ts', `const f = () => {\n${lines(69)}};\n`),
      one('test/a.test.ts', `describe('a', () => {\n  it('b', () => {\n${lines(69)}  });\n});\n`),
    ],
    good: [
      one('core/fold.ts', `function f() {\n${lines(68)}}\n`),
      one('test/a.test.ts', `describe('a', () => {\n${lines(40, "it('b', () => {\n});")}});\n`),
    ],
  },
  'line-length': {
    bad: [
      one('core/fold.ts', `const a = b + ${x(90)};\n`),
      one('core/fold.ts', `// ${x(118)}\n`),
      one('core/fold.ts', `const ${x(80)} = 1; // and a comment behind code\n`),
    ],
    good: [
      one('core/fold.ts', `const a = ${x(89)};\n`),
      one('core/fold.ts', `/** ${x(110)} */\n`),
      one('core/fold.ts', `const a = '${x(100)}';\n// see https://${x(150)}\n`),
      one('core/fold.ts', `const a = \`\n${x(130)}\n\`;\n`),
      one('README.md', `${x(200)}\n`),
    ],
  },
  'final-newline': {
    bad: [one('core/fold.ts', 'const a = 1;')],
    good: [one('core/fold.ts', 'const a = 1;\n')],
  },
  'plain-names': {
    bad: [
      one('core/utils/text.ts'),
      one('cli/util.ts'),
      one('core/types.ts'),
      one('test/helpers.ts'),
    ],
    good: [one('core/record/unpack.ts'), one('core/prototypes.ts')],
  },
  'no-barrels': {
    bad: [
      one('core/index.ts', "export * from './fold.ts';\nexport { a } from './a.ts';\n"),
      one('core/index.ts', "import { a } from './a.ts';\nexport { a };\n"),
    ],
    good: [
      one('core/a.ts', "export { b } from './b.ts';\nexport const a = 1;\n"),
      one('core/globals.d.ts', 'declare const a: number;\n'),
    ],
  },
  'doc-comments': {
    bad: [
      one('core/a.ts', 'export const a = 1;\n'),
      one('adapters/local/a-b.ts', '// Not a doc comment.\nexport function a() {}\n'),
      one('local-app/main.ts', '/** Of something else. */\nlet b = 1;\nexport interface A {}\n'),
      one('cli/a.ts', 'const a = 1;\nexport { a };\n'),
      one('core/a.ts', 'export default 1;\n'),
    ],
    good: [
      one('core/a.ts', '/** One. */\nexport const a = 1;\n'),
      one('core/a.ts', '/** One. */\n// biome-ignore lint: why.\nexport const a = 1;\n'),
      one('core/a.ts', '/** One. */\nexport function f(a: 1): 1;\nexport function f(a: 2): 2;\n'),
      one('core/a.ts', "export { b } from './b.ts';\n"),
      one('core/a.ts', "import { b } from './b.ts';\nexport { b };\n"),
      one('test/a.ts', 'export const a = 1;\n'),
    ],
  },
};

const borders: Record<string, Samples> = {
  'arrow-inwards': {
    bad: [
      one('core/a.ts', "import { b } from '../adapters/memory/b.ts';\n"),
      one('core/a.ts', "import { readFileSync } from 'node:fs';\n"),
      one('core/a.ts', "const b = await import('hono');\n"),
      one('core/a.ts', "export type { B } from '../cli/b.ts';\n"),
      one('core/a.ts', "export * from '../cli/b.ts';\n"),
      one('core/a.ts', "type B = import('../cli/b.ts').B;\n"),
      one('cost/a.ts', "import { readFileSync } from 'node:fs';\n"),
      one('cost/a.ts', "import { b } from '../adapters/b.ts';\n"),
      one('adapters/memory/a-b.ts', "import { b } from '../../local-app/b.ts';\n"),
      one('adapters/azure/a-b.ts', "import { b } from '../aws/b.ts';\n"),
      one('local-app/a.ts', "import { b } from '../aws-app/b.ts';\n"),
      one('pipelines/a.ts', "import { b } from '../adapters/memory/b.ts';\n"),
      one('testing/a.ts', "import { b } from '../local-app/b.ts';\n"),
      one('cli/a.ts', "import { b } from '../test/b.ts';\n"),
      one('local-app/main.ts', "import { Container } from 'inversify';\n"),
    ],
    good: [
      one('core/a/b.ts', "import { c } from '../c.ts';\nimport { Type } from 'typebox';\n"),
      one(
        'core/a.ts',
        "import xxhash from 'xxhash-wasm';\nimport { Value } from 'typebox/value';\n",
      ),
      one('adapters/local/a-b.ts', "import 'node:fs';\nimport '../../core/a.ts';\n"),
      one('testing/a.ts', "import '../adapters/memory/a.ts';\nimport '../core/a.ts';\n"),
      one('adapters/aws/a-b.ts', "import '../../cost/a.ts';\n"),
      one('local-app/composition.ts', "import 'inversify';\nimport '../adapters/local/a.ts';\n"),
      one('local-app/cost-page/a.ts', "import '../../cost/a.ts';\n"),
      one('vitest.config.ts', "import './test/browser/a.ts';\n"),
      one('test/core/a.test.ts', "import '../../cli/a.ts';\nimport '../../core/a.ts';\n"),
    ],
  },
  'quiet-core': {
    bad: [
      one('core/a.ts', "console.log('a');\n"),
      one('adapters/local/a-b.ts', 'console.error(1);\n'),
      one('adapters/local/a-b.ts', 'const home = process.env.HOME;\n'),
    ],
    good: [
      one('cli/a.ts', 'console.log(process.env.HOME);\n'),
      one('core/a.ts', "const a = 'console.log';\n"),
    ],
  },
  'units-last': {
    bad: [
      one('core/limits.ts', 'interface Limits { readonly entryMax: number }\n'),
      one('core/a.ts', 'const maxEntryBytes = 1;\n'),
      one('core/a.ts', 'const MAX_ROWS = 1;\n'),
      one('core/a.ts', 'interface A { maxRowCount: number }\n'),
      one('core/a.ts', 'class A { readonly minBytes = 1 }\n'),
    ],
    good: [
      one('core/limits.ts', 'interface Limits { readonly entryBytesMax: number }\n'),
      one('core/limits.ts', 'interface Limits { readonly compactEntries: number }\n'),
      one(
        'core/a.ts',
        'const max = 1;\nconst maxDelay = 2;\nconst minutes = 3;\nsdk({ maxBytes: 4 });\n',
      ),
    ],
  },
  'adapter-names': {
    bad: [
      one('adapters/local/sqliteStateStore.ts'),
      [port, ...one('adapters/local/sqlite.ts', store)],
      [port, ...one('adapters/local/sqlite-store.ts', 'class A extends MemoryStateStore {}\n')],
      [port, ...one('adapters/local/sqlite-state-store.ts', 'class Sqlite {}\n')],
    ],
    good: [
      [port, ...one('adapters/local/sqlite-state-store.ts', store)],
      [port, ...one('adapters/aws/errors.ts', 'class Throttled extends Error {}\n')],
      [port, ...one('adapters/aws/kinesis-batch.ts')],
    ],
  },
};

const tests: Record<string, Samples> = {
  'no-skipped-tests': {
    bad: [
      one('test/a.test.ts', "it.skip('a', () => {});\n"),
      one('test/a.test.ts', "describe.skipIf(linux)('a', () => {});\n"),
      one('test/a.test.ts', "test.runIf(linux)('a', () => {});\n"),
      one('test/a.test.ts', "test.concurrent.only('a', () => {});\n"),
      one('test/a.test.ts', "it['todo']('a');\n"),
      one('test/a.test.ts', "it('a', { skip: true }, () => {});\n"),
      one('test/a.test.ts', "it('a', ({ skip }) => skip());\n"),
      one('test/a.test.ts', "it('a', (context) => context.skip());\n"),
      one('pipelines/a.test.ts', "xit('a', () => {});\n"),
    ],
    good: [
      one('test/a.test.ts', "it('skips a record', () => { reader.skip(4); });\n"),
      one('core/a.ts', "it.skip('a', () => {});\n"),
    ],
  },
  'no-sleeping-tests': {
    bad: [
      one('test/a.test.ts', 'await new Promise((done) => setTimeout(done, 50));\n'),
      one('test/a.test.ts', 'setTimeout(() => expect(1).toBe(1), 50);\n'),
      one('test/a.test.ts', 'globalThis.setInterval(() => done(), 50);\n'),
      one('test/a.ts', "import { setTimeout as sleep } from 'node:timers/promises';\n"),
      one('test/a.ts', 'const sleep = promisify(setTimeout);\n'),
      one('test/a.ts', 'Atomics.wait(cells, 0, 0, 50);\n'),
    ],
    good: [
      one('test/a.ts', "setTimeout(() => reject(new Error('too slow')), 5_000);\n"),
      one('test/a.ts', 'setTimeout(() => server.kill(9), 50);\n'),
      one('test/a.ts', "import { setImmediate } from 'node:timers/promises';\n"),
      one('test/a.ts', 'await clock.sleep(50);\nawait expect.poll(() => seen).toBe(3);\n'),
      one('local-app/a.ts', 'setTimeout(tick, 50);\n'),
    ],
  },
};

const papers: Record<string, Samples> = {
  'no-leftovers': {
    bad: [one('core/a.ts', `// ${leftover}: later\n`), one('docs/a.md', `${leftover}\n`)],
    good: [one('core/a.ts', `const a = '${leftover}';\n`), one('docs/a.md', 'Todo es bueno.\n')],
  },
  'no-machine-paths': {
    bad: [one('core/a.ts', `const a = '${machinePath}';\n`), one('a.md', `In ${machinePath}.\n`)],
    good: [one('docs/a.md', `See https://a.example${machinePath} and ./home/a and /v1/work.\n`)],
  },
  'exact-versions': {
    bad: [
      one('package.json', '{"dependencies": {"hono": "^4.13.19"}}'),
      one('package.json', '{"devDependencies": {"vitest": "~5.1.1"}}'),
      one('infra/aws/package.json', '{"dependencies": {"hono": "latest"}}'),
    ],
    good: [
      one('package.json', '{"engines": {"node": ">=20"}, "dependencies": {"a": "1.5.5-r.5"}}'),
    ],
  },
  'lock-without-hosts': {
    bad: [
      lock({ version: '1.0.0', resolved: 'a-1.0.0.tgz' }),
      lock({ version: 'http://a.example' }),
    ],
    good: [
      lock({ version: '1.0.0', integrity: 'sha512-a', funding: { url: 'https://a.example' } }),
      lock({ version: '1.0.0', license: 'http://a.example/license.txt' }),
    ],
  },
  'decision-records': {
    bad: [
      one('docs/decisions/journal.md', record),
      one('docs/decisions/0002-pages.md', record),
      [...one('docs/decisions/0001-a.md', record), ...one('docs/decisions/0003-b.md', record)],
      [...one('docs/decisions/0001-a.md', record), ...one('docs/decisions/0001-b.md', record)],
      one('docs/decisions/0001-a.md', sections(['Context', 'Decision', 'Consequences'])),
      one(
        'docs/decisions/0001-a.md',
        sections(['Decision', 'Context', 'Consequences', 'Measured']),
      ),
    ],
    good: [
      [...one('docs/decisions/0002-b.md', record), ...one('docs/decisions/0001-a.md', record)],
    ],
  },
  'short-contributing': {
    bad: [one('CONTRIBUTING.md', lines(60))],
    good: [one('CONTRIBUTING.md', lines(59))],
  },
};

/** By the name of the rule; tidy.test.ts holds that each rule has its samples. */
export const samples: Readonly<Record<string, Samples>> = {
  ...shape,
  ...borders,
  ...tests,
  ...papers,
};
