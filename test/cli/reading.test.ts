import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { clicksInput, clicksOutput, clicksPipeline } from './clicks.ts';
import { folderOf, jsonLines, millrace, startMillrace } from './millrace.ts';

const reads = ['--data', 'data', '--pipelines', 'clicks.ts'];

const finished = mkdtempSync(join(tmpdir(), 'millrace-read-'));
afterAll(() => rmSync(finished, { recursive: true }));
let running: Promise<unknown> | null = null;

/** A way to read the folder of a finished run on one partition, the same for all who only read. */
async function finishedRun() {
  writeFileSync(join(finished, 'clicks.ts'), clicksPipeline);
  writeFileSync(join(finished, 'clicks.ndjson'), clicksInput);
  const run = ['run', '--pipeline', 'clicks.ts', '--input', 'clicks.ndjson', '--data', 'data'];
  running ??= millrace([...run, '--partitions', '1'], { cwd: finished });
  await running;
  return (...args: string[]) => millrace([...args, ...reads], { cwd: finished });
}

describe('millrace query', () => {
  it('prints the rows that the run printed', async () => {
    const read = await finishedRun();
    const { code, stdout } = await read('query', 'byWho', '--json');
    expect(code).toBe(0);
    const rows = jsonLines(clicksOutput).slice(1, 4);
    expect(JSON.parse(stdout)).toMatchObject({ view: 'byWho', late: 1, deadLettered: 2, rows });
  });

  it('selects, orders and goes on, as a table', async () => {
    const read = await finishedRun();
    const first = await read('query', 'byWho', '--order', '-spent', '--limit', '2');
    expect(first.stdout).toContain(`start (UTC)       who  clicks  spent  mean  dearest
2026-01-01 00:00  bob       1    2.0  2.00        2
2026-01-01 00:05  ann       2    1.5  0.75        1

watermark 2026-01-01T00:05:59.999Z, 1 late, 2 dead letters, lag 0 s
more rows: --cursor `);
    const cursor = first.stdout.split('--cursor ')[1]?.trim() ?? '';
    const next = await read('query', 'byWho', '--order=-spent', '--cursor', cursor, '--json');
    expect(JSON.parse(next.stdout).rows).toMatchObject([{ measures: { spent: 1.25 } }]);
    const range = ['--from', '2026-01-01T00:05:00Z', '--to', '2026-01-02', '--key', 'who=ann'];
    const some = await read('query', 'clicks.byWho', ...range, '--json');
    expect(JSON.parse(some.stdout).rows).toMatchObject([{ measures: { clicks: 2 } }]);
    expect((await read('query', 'byWho', '--key', 'who=nobody')).stdout).toContain('no rows');
  });

  it('merges by some parts of the key, begins with a text, and takes the first of each window', async () => {
    const read = await finishedRun();
    const all = await read('query', 'byWho', '--group', '', '--prefix', 'who=a', '--csv');
    expect(all.stdout.split('\r\n')).toEqual([
      'start,end,state,clicks,spent,mean,dearest',
      '2026-01-01T00:00:00.000Z,2026-01-01T00:01:00.000Z,final,1,1.25,1.25,1.25',
      '2026-01-01T00:05:00.000Z,2026-01-01T00:06:00.000Z,final,2,1.5,0.75,1',
      '',
    ]);
    const top = await read('query', 'byWho', '--order', '-spent', '--top', '1', '--json');
    const keys = JSON.parse(top.stdout).rows.map(({ key }: { key: object }) => key);
    expect(keys).toEqual([{ who: 'bob' }, { who: 'ann' }]);
    expect(await read('query', 'byWho', '--csv', '--json')).toMatchObject({ code: 2 });
  });

  it('refuses what can not be answered, all of it at once', async () => {
    const read = await finishedRun();
    const view = await read('query', 'byWhom');
    expect(view.stderr).toBe("millrace: there is no view 'byWhom'; there are byWho, all\n");
    const { code, stderr } = await read('query', 'byWho', '--from', 'then', '--limit', '0');
    expect(code).toBe(1);
    expect(stderr).toMatch(/from: 'then' is no RFC 3339 time.*limit: must be 1 to/);
    expect((await read('query', 'byWho', '--order', 'x')).stderr).toContain("no measure 'x'");
  });
});

describe('millrace status', () => {
  it('shows each partition and their sum', async () => {
    const read = await finishedRun();
    const { stdout } = await read('status', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      pipelines: [
        {
          pipeline: 'clicks',
          watermark: '2026-01-01T00:05:59.999Z',
          lagSeconds: 0,
          counts: { received: 9, accepted: 5, duplicates: 1, filtered: 1, deadLettered: 2 },
          partitions: [{ partition: '0', line: 0, entry: 1, compactedTo: 1 }],
        },
      ],
    });
    const [title, heads, one, all] = (await read('status')).stdout.split('\n');
    expect(title).toBe('pipeline clicks');
    expect(heads?.trim().split(/ {2,}/)).toEqual([
      ...['partition', 'position', 'lag', 'watermark (UTC)', 'entries', 'to compact', 'received'],
      ...['accepted', 'duplicates', 'filtered', 'dead letters', 'late', 'lost'],
    ]);
    const counts = ['9', '5', '1', '1', '2', '1', '0'];
    expect(one?.trim().split(/ {2,}/)).toEqual([
      ...['0', '3', '0 s', '2026-01-01 00:05:59.999', '2', '0', ...counts],
    ]);
    expect(all?.trim().split(/ {2,}/)).toEqual([
      ...['all', '0 s', '2026-01-01 00:05:59.999', ...counts],
    ]);
  });

  it('shows what was used, and what it comes to on both clouds', async () => {
    const read = await finishedRun();
    const { used } = JSON.parse((await read('status', '--json')).stdout).pipelines[0];
    expect(used).toMatchObject({ records: 3, bills: [{ cloud: 'aws' }, { cloud: 'azure' }] });
    expect(used.bills[0].lines[0]).toMatchObject({ name: 'payload units', units: 3 });
    expect(used.bills[1].lines[0]).toMatchObject({ name: 'records in', units: 3 });
    const lines = (await read('status')).stdout.trimEnd().split('\n');
    const from = lines.findIndex((line) => line.startsWith('  used so far: '));
    expect(lines[from]).toMatch(
      /: \d+ batch(es)? in [\d.]+ s, 3 records, \d+ reads and \d+ writes /,
    );
    const texts = lines.slice(from + 1).map((line) => line.trim().split(/ {2,}/));
    expect(texts[0]).toEqual(['AWS', 'units', 'dollars']);
    expect(texts[1]).toEqual(['payload units', '3 units', '0.000000']);
    expect(texts.flatMap(([name]) => name)).toContain('Azure');
    expect(texts.at(-1)?.[0]).toContain('not in it: throughput units; what is kept; ');
  });
});

describe('millrace status of a stream with a hot key', () => {
  it('names the key, its share, and what helps', async () => {
    const clicks = Array.from({ length: 4_000 }, (_, i) => {
      const who = i % 2 === 0 ? 'robot-9' : `w${i}`;
      return JSON.stringify({ id: `${i}`, at: '2026-01-01T00:00:05Z', who, price: 1 });
    });
    const files = { 'clicks.ts': clicksPipeline, 'clicks.ndjson': clicks.join('\n') };
    const cwd = folderOf(files);
    const run = ['run', '--pipeline', 'clicks.ts', '--input', 'clicks.ndjson', '--data', 'data'];
    await millrace([...run, '--partitions', '2'], { cwd });
    const { stdout } = await millrace(['status', ...reads], { cwd });
    expect(stdout).toMatch(
      /^ {2}hot keys of partition [01]: 'robot-9' [67]\d %\n {2}to spread .* spread\('…', 8\)$/m,
    );
  });
});

describe('millrace journal', () => {
  it('shows what entries hold', async () => {
    const read = await finishedRun();
    const { stdout } = await read('journal', '0', '--json');
    expect(jsonLines(stdout)).toMatchObject([
      { entry: 0, kind: 'genesis', arrival: null, watermark: null, counts: { received: 0 } },
      {
        entry: 1,
        kind: 'run',
        from: { position: '0', line: 0 },
        next: { position: '3', line: 0 },
        watermark: '2026-01-01T00:05:59.999Z',
        counts: { received: 9, views: { byWho: { rows: 3, counted: 4, late: 1 } } },
        ids: 5,
        dead: { count: 2 },
        late: { count: 1 },
      },
    ]);
    const table = (await read('journal', '0', '--from', '1')).stdout.split('\n');
    expect(table[0]).toBe('pipeline clicks, partition 0: compacted up to 1');
    expect(table[2]).toMatch(/^ +1 +run +0 +3 .* 2026-01-01 00:05:59\.999 +9 +5 +1 +1 +2 +1 +5 /);
    expect((await read('journal', '0', '--limit', '1')).stdout).toContain('… more: --from 1');
  });

  it('shows the rows of one entry', async () => {
    const read = await finishedRun();
    const { stdout } = await read('journal', '0', '--entry', '1', '--json');
    const rows = jsonLines(clicksOutput).slice(0, 4);
    const shown = JSON.parse(stdout).rows;
    expect(shown).toHaveLength(4);
    expect(shown).toEqual(expect.arrayContaining(rows));
    const detail = (await read('journal', '0', '--entry', '1')).stdout;
    expect(detail).toContain(
      '9 received = 5 accepted + 1 duplicates + 1 filtered + 2 dead letters',
    );
    expect(detail).toContain('byWho: 3 rows of 4 events, 1 late');
    const none = await read('journal', '0', '--entry', '2');
    expect(none.stderr).toBe('millrace: partition 0 has no entry 2\n');
    expect((await read('journal', '7')).stderr).toContain("no partition '7'; there are 0");
  });
});

describe('millrace dead-letters', () => {
  it('lists them and shows one with its reason and its text', async () => {
    const read = await finishedRun();
    const letters = jsonLines((await read('dead-letters', 'list', '--json')).stdout);
    expect(letters).toMatchObject([
      { number: 1, ref: 'clicks/0/1/0', reason: 'undecodable', raw: { text: ' nonsense' } },
      { number: 2, ref: 'clicks/0/1/1', reason: 'invalid', errors: ['/price must be number'] },
    ]);
    const list = (await read('dead-letters', 'list')).stdout;
    expect(list).toMatch(/^2 {2}clicks\/0\/1\/1 .* invalid +\/price must be number +\{"at"/m);
    const byNumber = await read('dead-letters', 'show', '2');
    expect(byNumber.stdout).toContain('dead letter 2 (clicks/0/1/1): invalid\n  - /price must be');
    expect(byNumber.stdout).toContain('partition 0, position ');
    expect(byNumber.stdout).toContain('"who":"ann","price":"x","id":"clicks.ndjson:5"}');
    expect((await read('dead-letters', 'show', 'clicks/0/1/1')).stdout).toBe(byNumber.stdout);
    expect((await read('dead-letters', 'show', '3')).stderr).toContain('no dead letter 3');
    expect((await read('dead-letters', 'list', '--limit', '1')).stdout).toContain('… and more');
  });
});

describe('millrace late', () => {
  it('lists late events with view, window and how late, and shows one whole', async () => {
    const read = await finishedRun();
    const events = jsonLines((await read('late', 'list', '--json')).stdout);
    expect(events).toMatchObject([
      {
        ...{ number: 1, ref: 'clicks/0/1/0', view: 'byWho', lateMs: 180_000 },
        ...{ start: '2026-01-01T00:00:00.000Z', end: '2026-01-01T00:01:00.000Z' },
        ...{ time: '2026-01-01T00:00:30.000Z', event: { who: 'bob', price: 3 } },
      },
    ]);
    const list = (await read('late', 'list')).stdout;
    expect(list).toMatch(/^1 {2}clicks\/0\/1\/0 {2}byWho .* 2026-01-01 00:00:30 +180 {2}\{"at"/m);
    const shown = (await read('late', 'show', '1')).stdout;
    expect(shown).toContain("late event 1 (clicks/0/1/0): 180 s too late for view 'byWho'\n");
    expect(shown).toContain('"who":"bob","price":3,"id":"clicks.ndjson:8"}');
    expect((await read('late', 'show', '2')).stderr).toContain('there is no late event 2');
  });

  it('lists those of one view and of a range of event time', async () => {
    const read = await finishedRun();
    const none = 'no late events\n';
    expect((await read('late', 'list', '--view', 'all')).stdout).toBe(none);
    expect((await read('late', 'list', '--from', '2026-01-01T00:00:31Z')).stdout).toBe(none);
    expect((await read('late', 'list', '--to', '2026-01-01T00:00:30Z')).stdout).toBe(none);
    const other = await read('late', 'list', '--view', 'byWhom');
    expect(other.stderr).toBe("millrace: there is no view 'byWhom'; there are byWho, all\n");
    const range = ['--view', 'byWho', '--from', '2026-01-01', '--to', '2026-01-02', '--json'];
    expect(jsonLines((await read('late', 'list', ...range)).stdout)).toHaveLength(1);
  });
});

describe('a folder that a server is at work on', () => {
  it('can be read, and the server can be asked instead', async () => {
    const cwd = folderOf({ 'clicks.ts': clicksPipeline });
    const server = startMillrace(['serve', ...reads, '--port', '0', '--json'], cwd);
    const [line] = await once(server.stdout as NodeJS.ReadableStream, 'data');
    const { url } = JSON.parse(String(line).split('\n')[0] as string);
    const body = '{"id":"1","at":"2026-01-01T00:00:05Z","who":"ann","price":1.25}';
    const sent = await fetch(`${url}/v1/events`, { method: 'POST', body });
    expect(sent.status).toBe(202);
    const ask = async (...args: string[]) => {
      const { stdout } = await millrace(['query', 'byWho', '--json', ...args], { cwd });
      return JSON.parse(stdout).rows;
    };
    await expect.poll(() => ask('--url', url), { timeout: 30_000 }).toHaveLength(1);
    const rows = await ask(...reads);
    expect(rows).toMatchObject([{ key: { who: 'ann' }, final: false, measures: { clicks: 1 } }]);
    expect(await ask('--url', url)).toEqual(rows);
    expect(await ask('--url', url, '--key', 'who=bob')).toEqual([]);
    const group = ['--group', '', '--prefix', 'who=a', '--order', 'spent', '--top', '1'];
    expect(await ask('--url', url, ...group)).toMatchObject([{ key: {}, state: 'open' }]);
    const csv = await millrace(['query', 'byWho', '--url', url, '--csv'], { cwd });
    expect(csv.stdout).toMatch(/^start,end,state,key\.who,[^\r\n]+\r\n.+,open,ann,1,.+\r\n$/);
    const status = await millrace(['status', '--url', url], { cwd });
    expect(status.stdout).toContain('pipeline clicks');
    const wrong = await millrace(['query', 'nope', '--url', url], { cwd });
    expect(wrong.stderr).toContain("There is no view 'nope'; there are byWho, all.");
    server.kill('SIGKILL');
    await once(server, 'exit');
    const gone = await millrace(['query', 'byWho', '--url', url], { cwd });
    expect(gone).toMatchObject({ code: 1, stdout: '' });
    expect(gone.stderr).toContain(`no answer from ${url}`);
  });
});
