import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { partitionsGiven } from '../../cli/folder.ts';
import { clicksInput, clicksPipeline } from './clicks.ts';
import { folderOf, jsonLines, millrace } from './millrace.ts';

const wrongPipeline = `import { definePipeline } from 'millrace';
export default definePipeline({ name: 'Bad Name', id: 'id', views: () => ({}) } as never);
`;

describe('a pipeline file', () => {
  const files = { 'clicks.ts': clicksPipeline, 'clicks.ndjson': clicksInput };
  const run = (cwd: string, file: string, ...more: string[]) =>
    millrace(['run', '--pipeline', file, '--input', 'clicks.ndjson', ...more], { cwd });

  it('with a wrong definition is refused with all of its problems', async () => {
    const cwd = folderOf({ ...files, 'wrong.ts': wrongPipeline });
    const { code, stdout, stderr } = await run(cwd, 'wrong.ts');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    for (const part of ['wrong.ts', 'name:', 'schema:', 'time:', 'partitionKey:', 'views:']) {
      expect(stderr).toContain(part);
    }
    expect(stderr).not.toContain('    at ');
    const { error } = JSON.parse((await run(cwd, 'wrong.ts', '--json')).stderr);
    expect(error.code).toBe('definition');
    expect(error.problems.length).toBeGreaterThan(4);
  });

  it.each([
    ['missing.ts', null, 'there is no pipeline file missing.ts'],
    ['none.ts', 'export const x = 1;', 'none.ts exports no pipeline'],
    ['broken.ts', 'export const = 1;', "can't load broken.ts: SyntaxError"],
    ['throws.ts', "throw new Error('oh');", "can't load throws.ts: Error: oh"],
    ['imports.ts', "import 'nothing-of-the-kind';", "can't load imports.ts: Error: Cannot find"],
  ])('%s is refused in a sentence', async (name, content, message) => {
    const cwd = folderOf(content === null ? files : { ...files, [name]: content });
    const { code, stderr } = await run(cwd, name);
    expect(code).toBe(1);
    expect(stderr).toContain(`millrace: ${message}`);
    expect(stderr).not.toContain('    at ');
  });

  it('may import its neighbours, and lie beside a package.json of CommonJS', async () => {
    const main = `import { clicks } from './clicks.ts';\nexport default [clicks];\n`;
    const cwd = folderOf({ ...files, 'main.ts': main, 'package.json': '{"type":"commonjs"}' });
    const { code, stdout, stderr } = await run(cwd, 'main.ts', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(jsonLines(stdout).at(-1)).toMatchObject({ summary: { received: 9 } });
  });
});

describe('an input', () => {
  const files = { 'clicks.ts': clicksPipeline, 'x.dat': clicksInput, 'x.csv': 'a,a\n1,2\n' };

  it.each([
    [['--input', 'missing.ndjson'], "can't read missing.ndjson: there is no such file"],
    [['--input', 'x.dat'], "can't tell the format of x.dat by its name"],
    [['--input', 'x.csv'], 'can\'t read x.csv as CSV: its header names column "a" twice'],
    [['--input', 'x.dat', '--format', 'parquet'], "can't read x.dat as Parquet"],
    [
      ['--input', 'x.dat', '--format', 'xml'],
      '--format is ndjson, csv, parquet or geojson, not xml',
    ],
    [['--input', 'x.dat', '--format', 'ndjson', '--sort', 'nope'], '--sort: no row of x.dat has'],
    [['--input', 'x.dat', '--partitions', '0'], 'partitions: must be a whole number from 1'],
  ])('%j is refused in a sentence, and the folder stays free', async (args, message) => {
    const cwd = folderOf(files);
    const all = ['run', '--pipeline', 'clicks.ts', '--data', 'data', ...args];
    const { code, stdout, stderr } = await millrace(all, { cwd });
    expect({ code: code === 0, stdout }).toEqual({ code: false, stdout: '' });
    expect(stderr).toContain(`millrace: ${message}`);
    const good = ['--data', 'data', '--input', 'x.dat', '--format', 'ndjson', '--json'];
    const again = await millrace(['run', '--pipeline', 'clicks.ts', ...good], { cwd });
    expect(jsonLines(again.stdout).at(-1)).toMatchObject({ summary: { received: 9 } });
  });
});

describe('a data folder', () => {
  const commands = [
    ...[['query', 'byWho'], ['status'], ['journal', '0']],
    ...[
      ['dead-letters', 'list'],
      ['late', 'list'],
    ],
  ];

  it.each(commands)('%s is refused by what only reads when it is none', async (...command) => {
    const cwd = folderOf({ 'file.txt': 'x' });
    const none = await millrace([...command, '--data', 'nope'], { cwd });
    expect(none).toMatchObject({ code: 1, stderr: 'millrace: there is no data folder nope\n' });
    const other = await millrace([...command, '--data', '.', '--json'], { cwd });
    expect(JSON.parse(other.stderr).error).toMatchObject({ code: 'request' });
    expect(other.stderr).toContain('. is no data folder of Millrace');
    expect(readdirSync(cwd)).toEqual(['file.txt']);
  });

  it('that holds other files, or another stream, is left as it is by a run', async () => {
    const files = { 'clicks.ts': clicksPipeline, 'clicks.ndjson': clicksInput, 'other.ndjson': '' };
    const cwd = folderOf(files);
    const run = (...more: string[]) =>
      millrace(['run', '--pipeline', 'clicks.ts', '--input', ...more], { cwd });
    expect((await run('clicks.ndjson', '--data', '.')).stderr).toContain('is no data folder');
    expect(existsSync(join(cwd, 'millrace.db'))).toBe(false);
    expect((await run('clicks.ndjson', '--data', 'd')).code).toBe(0);
    const other = await run('other.ndjson', '--data', 'd');
    expect(other.code).toBe(1);
    expect(other.stderr).toContain('d was made from another input; use a new one');
    expect(other.stderr).toContain('input: was "clicks.ndjson", is "other.ndjson"');
    const serve = ['serve', '--pipelines', 'clicks.ts', '--port', '0', '--data', 'd'];
    const served = await millrace(serve, { cwd });
    expect(served.code).toBe(1);
    expect(served.stderr).toContain('d is of a run over clicks.ndjson, whose rows are final');
    const sorted = await run('clicks.ndjson', '--data', 'd', '--sort', 'at');
    expect(sorted.stderr).toContain('sort: was null, is "at"');
    expect((await run('clicks.ndjson', '--data', 'two', '--partitions', '2')).code).toBe(0);
    expect(partitionsGiven(undefined, join(cwd, 'two'))).toBe(2);
    expect((await run('clicks.ndjson', '--data', 'two')).code).toBe(0);
    const more = await run('clicks.ndjson', '--data', 'd', '--partitions', '5');
    expect(more.stderr).toContain('The stream in this data folder has 4 partitions');
  });
});
