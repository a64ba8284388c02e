import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compression } from '../../adapters/compression.ts';
import { folderOf, jsonLines, millrace, startMillrace } from './millrace.ts';

const pipeline = `import { definePipeline, reference, tumbling } from 'millrace';
import { Type } from 'typebox';

export const trips = definePipeline({
  name: 'trips',
  schema: Type.Object({ id: Type.String(), at: Type.String({ format: 'date-time' }), from: Type.String() }),
  ...{ id: 'id', time: 'at', partitionKey: 'from' },
  references: {
    airports: reference({
      key: 'iata',
      schema: Type.Object({ iata: Type.String(), city: Type.String(), runways: Type.Integer() }),
    }),
  },
  transform: (trip, { airports }) => ({ ...trip, city: airports.get(trip.from)?.city ?? 'nowhere' }),
  views: (on) => ({
    byCity: on.view({ key: ['city'], window: tumbling('1h'), measures: { trips: on.count() } }),
  }),
});
`;
const events = ['SFO', 'LAX', 'SFO', 'XXX'].map((from, i) =>
  JSON.stringify({ id: `${i}`, at: '2026-01-01T00:00:00Z', from }),
);
const files = {
  'trips.ts': pipeline,
  'trips.ndjson': events.join('\n'),
  'airports.csv': 'iata,city,runways\nSFO,"San Francisco, CA",4\nLAX,Los Angeles,4\n',
  'renamed.ndjson': '{"iata":"SFO","city":"Frisco","runways":4}\n',
  'bad.csv': 'iata,city,runways\nSFO,a,four\nLAX,b,4\nLAX,c,4\nOAK\n',
};
const run = ['run', '--pipeline', 'trips.ts', '--input', 'trips.ndjson', '--json'];
const of = ['--pipelines', 'trips.ts'];

describe('millrace run with reference tables', () => {
  it('looks things up in the table that it is given', async () => {
    const cwd = folderOf(files);
    const { stdout } = await millrace([...run, '--reference', 'airports=airports.csv'], { cwd });
    const counts = jsonLines(stdout).flatMap((line) => {
      const { key, measures } = line as { key?: { city: string }; measures: { trips: number } };
      return key === undefined ? [] : [[key.city, measures.trips]];
    });
    expect(counts).toEqual([
      ['Los Angeles', 1],
      ['San Francisco, CA', 2],
      ['nowhere', 1],
    ]);
  });

  it('does not begin without its table, nor with one that is wrong', async () => {
    const cwd = folderOf(files);
    const without = await millrace(run, { cwd });
    expect(without).toMatchObject({ code: 1, stdout: '' });
    expect(without.stderr).toContain("reference 'airports' has no table: put one");
    const bad = await millrace([...run, '--reference', 'airports=bad.csv'], { cwd });
    expect(bad).toMatchObject({ code: 1, stdout: '' });
    const error = JSON.parse(bad.stderr).error;
    expect(error.message).toBe(`bad.csv: the table of reference 'airports' is refused:
  - row 1: /runways must be integer
  - row 3: iata "LAX" is that of row 2 too
  - row 4: no object`);
    const unknown = await millrace([...run, '--reference', 'ports=airports.csv'], { cwd });
    expect(unknown.stderr).toContain("there is no reference 'ports'; there are airports");
  });
});

describe('millrace reference', () => {
  it('puts a new version that a server at work takes, and status names it', async () => {
    const cwd = folderOf(files);
    const data = ['--data', 'data', ...of];
    const table = ['--reference', 'airports=airports.csv'];
    const server = startMillrace(['serve', ...data, ...table, '--port', '0', '--json'], cwd);
    const [line] = await once(server.stdout as NodeJS.ReadableStream, 'data');
    const { url } = JSON.parse(String(line).split('\n')[0] as string);
    await fetch(`${url}/v1/events`, { method: 'POST', body: events.join('\n') });
    const cities = async () => {
      const { rows } = (await (await fetch(`${url}/v1/views/byCity`)).json()) as never;
      return (rows as { key: { city: string } }[]).map(({ key }) => key.city);
    };
    await expect.poll(cities, { timeout: 30_000 }).toContain('San Francisco, CA');
    const put = await millrace(['reference', 'put', 'airports', 'renamed.ndjson', ...data], {
      cwd,
    });
    const [object, current] = put.stdout.trim().split('\n');
    expect(object).toMatch(/^references\/trips\/airports\/[0-9a-f]{16}$/);
    expect(current).toBe('references/trips/airports/current');
    const status = (await millrace(['status', ...data], { cwd })).stdout;
    expect(status).toMatch(/^ {2}reference airports, version [0-9a-f]{16}: partitions [0-9, ]+$/m);
    server.kill('SIGKILL');
    await once(server, 'exit');
    const again = startMillrace(['serve', ...data, '--port', '0', '--json'], cwd);
    const [second] = await once(again.stdout as NodeJS.ReadableStream, 'data');
    const there = JSON.parse(String(second).split('\n')[0] as string).url;
    const more = '{"id":"9","at":"2026-01-01T00:00:01Z","from":"SFO"}';
    await fetch(`${there}/v1/events`, { method: 'POST', body: more });
    const found = async () => (await fetch(`${there}/v1/views/byCity?key.city=Frisco`)).json();
    await expect
      .poll(found, { timeout: 30_000 })
      .toMatchObject({ rows: [{ measures: { trips: 1 } }] });
  });

  it('writes the objects to be copied to a cloud', async () => {
    const cwd = folderOf(files);
    const args = ['reference', 'put', 'airports', 'airports.csv', '--out', 'upload', ...of];
    const { put } = JSON.parse((await millrace([...args, '--json'], { cwd })).stdout);
    const [table, current] = put.map((name: string) => readFileSync(join(cwd, 'upload', name)));
    const { version, rows } = JSON.parse(String(current));
    expect(put[0]).toBe(`references/trips/airports/${version}`);
    expect(rows).toBe(2);
    expect(new TextDecoder().decode(compression.decompress(table, 1_000))).toBe(
      '{"iata":"SFO","city":"San Francisco, CA","runways":4}\n' +
        '{"iata":"LAX","city":"Los Angeles","runways":4}\n',
    );
  });

  it('refuses what can not be', async () => {
    const cwd = folderOf(files);
    const args = ['reference', 'put', 'airports', 'airports.csv', ...of];
    const none = await millrace([...args, '--data', 'nope'], { cwd });
    expect(none).toMatchObject({ code: 1, stderr: 'millrace: there is no data folder nope\n' });
    const wrong = await millrace(['reference', 'get', 'airports', 'x'], { cwd });
    expect(wrong).toMatchObject({ code: 2 });
    const option = await millrace([...run, '--reference', 'airports'], { cwd });
    expect(option.stderr).toContain('--reference airports is not like airports=airports.csv');
  });
});
