import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { clicksInput, clicksOutput, clicksPipeline } from './clicks.ts';
import { folderOf, jsonLines, millrace, startMillrace } from './millrace.ts';

/** Rows with ids, in the order of time. */
const rows = [
  { id: 'a', at: '2026-01-01T00:00:01.000Z', who: 'ann', price: 1.5 },
  { id: 'b', at: '2026-01-01T00:00:02.000Z', who: 'bob', price: 2 },
  { id: 'c', at: '2026-01-01T00:01:02.000Z', who: 'ann', price: 4 },
];
const csv = `price,who,at,id\n${rows.map((r) => `${r.price},${r.who},${r.at},${r.id}\n`).join('')}`;
const parquet = new Uint8Array(
  parquetWriteBuffer({
    columnData: (['id', 'at', 'who', 'price'] as const).map((name) => ({
      name,
      data: rows.map((row) => row[name]),
      type: name === 'price' ? ('DOUBLE' as const) : ('STRING' as const),
    })),
  }),
);
const ndjson = rows.map((row) => `${JSON.stringify(row)}\n`).join('');

describe('millrace run', () => {
  it('prints the rows and the summary of a case worked out by hand, to the byte', async () => {
    const cwd = folderOf({ 'clicks.ts': clicksPipeline, 'clicks.ndjson': clicksInput });
    const args = ['run', '--pipeline', 'clicks.ts', '--input', 'clicks.ndjson', '--json'];
    const ended = await millrace([...args, '--partitions', '1'], { cwd });
    expect(ended).toEqual({ code: 0, stdout: clicksOutput, stderr: '' });
  });

  it('prints tables for people', async () => {
    const cwd = folderOf({ 'clicks.ts': clicksPipeline, 'clicks.ndjson': clicksInput });
    const args = ['run', '--pipeline', 'clicks.ts', '--input', 'clicks.ndjson'];
    const { code, stdout } = await millrace([...args, '--partitions', '1'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toBe(`all: 1 rows of 5 events, 0 late
  start (UTC)       clicks
  2026-01-01 00:00       5

byWho: 3 rows of 4 events, 1 late
  start (UTC)       who  clicks  spent  mean  dearest
  2026-01-01 00:00  ann       1   1.25  1.25     1.25
  2026-01-01 00:00  bob       1   2.00  2.00     2.00
  2026-01-01 00:05  ann       2   1.50  0.75     1.00

9 events received: 5 accepted, 1 duplicates, 1 filtered, 2 dead letters
`);
  });

  it('reads ndjson, csv, parquet and compressed files alike, on any number of partitions', async () => {
    const packed = gzipSync(ndjson);
    const files = { 'r.ndjson': ndjson, 'r.csv': csv, 'r.parquet': parquet, 'r.csv.gz': '' };
    const cwd = folderOf({ 'clicks.ts': clicksPipeline, ...files, 'packed.ndjson.gz': packed });
    const args = ['run', '--pipeline', 'clicks.ts', '--json', '--input'];
    const inputs = [['r.ndjson'], ['r.csv', '--partitions', '7'], ['r.parquet']];
    inputs.push(['packed.ndjson.gz', '--partitions', '1'], ['r.ndjson', '--format', 'ndjson']);
    const outputs = await Promise.all(
      inputs.map((input) => millrace([...args, ...input], { cwd })),
    );
    const piped = await millrace([...args, '-'], { cwd, stdin: ndjson });
    const pipedCsv = await millrace([...args, '-', '--format', 'csv'], { cwd, stdin: csv });
    expect(jsonLines(piped.stdout).at(-1)).toMatchObject({ summary: { accepted: 3 } });
    for (const ended of [...outputs, pipedCsv]) expect(ended).toEqual(piped);
  });

  it('reads GeoJSON: the week of earthquakes, as the README runs it', async () => {
    const readme = readFileSync('README.md', 'utf8');
    const command = /^npx millrace (run .*earthquakes\.json.*)$/m.exec(readme)?.[1] ?? '';
    const { code, stdout } = await millrace([...command.split(' '), '--json']);
    expect(code).toBe(0);
    expect(jsonLines(stdout).at(-1)).toMatchObject({
      summary: { received: 1_707, accepted: 1_679, filtered: 28, deadLettered: 0 },
    });
  });

  it('takes ids from a field or a template, and else from the row number', async () => {
    const twins = [rows[0], { ...rows[0], id: 'other' }, rows[1]];
    const input = twins.map((row) => `${JSON.stringify(row)}\n`).join('');
    const cwd = folderOf({ 'clicks.ts': clicksPipeline, 'r.ndjson': input });
    const args = ['run', '--pipeline', 'clicks.ts', '--input', 'r.ndjson', '--json'];
    const counted = async (...more: string[]) =>
      jsonLines((await millrace([...args, ...more], { cwd })).stdout).at(-1);
    expect(await counted()).toMatchObject({ summary: { accepted: 3, duplicates: 0 } });
    const byTemplate = await counted('--id', '{who}-{at}');
    expect(byTemplate).toMatchObject({ summary: { accepted: 2, duplicates: 1 } });
    expect(await counted('--id', 'who')).toEqual(byTemplate);
    const refused = await millrace([...args, '--id', 'nowhere'], { cwd });
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toContain('r.ndjson has no column \\"nowhere\\"');
  });

  it('processes in the order of a field, where the order of the file makes events late', async () => {
    const cwd = folderOf({ 'clicks.ts': clicksPipeline, 'clicks.ndjson': clicksInput });
    const args = ['run', '--pipeline', 'clicks.ts', '--input', 'clicks.ndjson', '--json'];
    const { stdout } = await millrace([...args, '--sort', 'at', '--partitions', '1'], { cwd });
    expect(jsonLines(stdout).at(-1)).toMatchObject({
      summary: { accepted: 5, views: { byWho: { counted: 5, late: 0 } } },
    });
  });

  it('shows the first rows of many and says how many it leaves out', async () => {
    const many = Array.from({ length: 30 }, (_, i) => ({ ...rows[0], id: `${i}`, who: `w${i}` }));
    const input = many.map((row) => `${JSON.stringify(row)}\n`).join('');
    const cwd = folderOf({ 'clicks.ts': clicksPipeline, 'r.ndjson': input });
    const args = ['run', '--pipeline', 'clicks.ts', '--input', 'r.ndjson'];
    const { stdout } = await millrace(args, { cwd });
    expect(stdout).toContain('byWho: 30 rows of 30 events');
    expect(stdout.match(/ w\d+ /g)).toHaveLength(20);
    expect(stdout).toContain('… and 10 more rows: --json prints all of them');
  });

  it('names the pipeline in each line when a file has several', async () => {
    const second = clicksPipeline.replaceAll('clicks =', 'more =').replace("'clicks'", "'more'");
    const both = `${clicksPipeline}\n${second.slice(second.indexOf('export'))}`;
    const cwd = folderOf({ 'both.ts': both, 'r.ndjson': ndjson });
    const args = ['run', '--pipeline', 'both.ts', '--input', 'r.ndjson', '--json'];
    const lines = jsonLines((await millrace(args, { cwd })).stdout);
    const pipelines = lines.map((line) => (line as { pipeline: string }).pipeline);
    expect(new Set(pipelines)).toEqual(new Set(['clicks', 'more']));
    expect(lines.filter((line) => 'summary' in (line as object))).toHaveLength(2);
  });

  it('turns an event that is too large for a record into a dead letter', async () => {
    const huge = { ...rows[0], who: 'x'.repeat(1_200_000) };
    const cwd = folderOf({ 'clicks.ts': clicksPipeline });
    const args = ['run', '--pipeline', 'clicks.ts', '--input', '-', '--json'];
    const stdin = `${ndjson}${JSON.stringify(huge)}\n`;
    const { stdout } = await millrace(args, { cwd, stdin });
    expect(jsonLines(stdout).at(-1)).toMatchObject({
      summary: { received: 4, accepted: 3, deadLettered: 1 },
    });
  });

  it('says nothing when who reads its output has seen enough', async () => {
    const many = Array.from({ length: 5_000 }, (_, i) => ({
      ...rows[0],
      id: `${i}`,
      who: `w${i}`,
    }));
    const input = many.map((row) => `${JSON.stringify(row)}\n`).join('');
    const cwd = folderOf({ 'clicks.ts': clicksPipeline, 'r.ndjson': input });
    const args = ['run', '--pipeline', 'clicks.ts', '--input', 'r.ndjson', '--json'];
    const child = startMillrace(args, cwd);
    child.stdout?.once('data', () => child.stdout?.destroy());
    const [[code], stderr] = await Promise.all([
      once(child, 'exit'),
      text(child.stderr as NodeJS.ReadableStream),
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
