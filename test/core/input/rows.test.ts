import { describe, expect, it } from 'vitest';
import { formatOf, type InputFormat } from '../../../cli/input/rows.ts';
import { sortRows } from '../../../cli/input/sort.ts';
import { newFile, readAll } from './read.ts';

const lines = [
  '{"id":"own","origin":"SFO","date":"2001-01-01T01:00:00Z","n":2}',
  '{"origin":"LAX","date":"2001-01-01T01:00:00+02:00","n":1}',
  'broken',
  '{"origin":"","date":"x","n":"1"}',
  '{"origin":7,"date":"2000-12-31T23:59:00.5Z","n":1}',
].join('\n');

async function ids(id?: string): Promise<unknown[]> {
  const rows = await readAll({ path: newFile('f.ndjson', lines), id });
  return rows.map(({ value }) => value?.['id']);
}

async function order(sort: string): Promise<number[]> {
  return (await readAll({ path: newFile('f.ndjson', lines), sort })).map(({ row }) => row);
}

describe('the id of a row', () => {
  it('is its own, else the file name and row number', async () => {
    expect(await ids()).toEqual(['own', 'f.ndjson:2', undefined, 'f.ndjson:4', 'f.ndjson:5']);
  });

  it('is made of a field or a template, else it is the file name and row number', async () => {
    const [two, four] = ['f.ndjson:2', 'f.ndjson:4'];
    expect(await ids('origin')).toEqual(['SFO', 'LAX', undefined, four, '7']);
    expect(await ids('{origin}/{n}')).toEqual(['SFO/2', 'LAX/1', undefined, four, '7/1']);
    expect(await ids('id')).toEqual(['own', two, undefined, four, 'f.ndjson:5']);
  });

  it('goes where the pipeline looks for it', async () => {
    const rows = await readAll({ path: newFile('f.ndjson', '{"id":1}'), idField: 'key' });
    expect(rows).toEqual([{ row: 1, value: { id: 1, key: 'f.ndjson:1' } }]);
  });

  it.each(['', '{', '{a', 'a}', '{}', '{a}}', '{a{b}}'])('refuses the template %j', async (id) => {
    await expect(ids(id)).rejects.toMatchObject({
      code: 'request',
      message: `--id ${JSON.stringify(id)} is neither a field nor a template like {origin}-{date}`,
    });
  });
});

describe('sorting', () => {
  it('is by instant whatever the offset, then by text; what has no place comes last', async () => {
    expect(await order('date')).toEqual([2, 5, 1, 4, 3]);
  });

  it('is numbers before text, ties by row number', async () => {
    expect(await order('n')).toEqual([2, 5, 1, 4, 3]);
    expect(await order('origin')).toEqual([5, 4, 2, 1, 3]);
  });

  it('keeps rows and row numbers together over many chunks', async () => {
    const values = Array.from({ length: 5_000 }, (_, i) => ({
      id: `é${i}`,
      n: (i * 7919) % 4_999,
    }));
    const text = values.map((value) => JSON.stringify(value)).join('\n');
    const rows = await readAll({ path: newFile('x.ndjson', text), sort: 'n' });
    const expected = values.map((value, i) => ({ row: i + 1, value }));
    expected.sort((a, b) => a.value.n - b.value.n);
    expect(rows).toEqual(expected);
  });

  it('by a field that no row has is an error that names the fields', async () => {
    await expect(order('day')).rejects.toMatchObject({
      code: 'request',
      message:
        '--sort: no row of f.ndjson has a number or text "day"; the first has id, origin, date, n',
    });
  });

  it('refuses more than its memory', async () => {
    async function* chunks() {
      for (let row = 1; row <= 10; row++) yield [{ row, value: { n: row } }];
    }
    const rows = sortRows(chunks(), 'n', 'x.ndjson', 60);
    await expect(rows.next()).rejects.toMatchObject({
      code: 'request',
      message: expect.stringContaining('x.ndjson is too large to be sorted'),
    });
  });
});

describe('a file', () => {
  it.each<[string, InputFormat | null]>([
    ['a/b.ndjson', 'ndjson'],
    ['b.jsonl.gz', 'ndjson'],
    ['b.JSON.zst', 'ndjson'],
    ['-', 'ndjson'],
    ['b.csv', 'csv'],
    ['b.csv.gz', 'csv'],
    ['b.parquet', 'parquet'],
    ['b.gz', null],
    ['csv', null],
    ['b.txt', null],
  ])('%s is %s', (path, format) => {
    expect(formatOf(path)).toBe(format);
  });

  it('that is missing, a directory or of no known format is an error', async () => {
    const path = newFile('x.ndjson');
    const cases = [
      [{ path }, `can't read ${path}: there is no such file`],
      [{ path: '/', format: 'csv' }, "can't read /: it is a directory"],
      [
        { path: 'x.txt' },
        "can't tell the format of x.txt by its name: say --format ndjson, csv, parquet or geojson",
      ],
      [
        { path, format: 'xml' as InputFormat },
        'no format xml: it is ndjson, csv, parquet or geojson',
      ],
      [
        { path: '-', format: 'parquet' },
        'Parquet is read from a file, not from the standard input',
      ],
    ] as const;
    for (const [options, message] of cases) {
      await expect(readAll(options)).rejects.toMatchObject({ code: 'request', message });
    }
  });

  it('without a column of --id or --sort is an error that names those it has', async () => {
    const path = newFile('x.csv', 'a,b\n1,2\n');
    const message = (option: string, names: string) =>
      `${option}: x.csv has no column ${names}; it has a, b`;
    await expect(readAll({ path, id: '{a}{c}{d}' })).rejects.toMatchObject({
      code: 'request',
      message: message('--id', '"c", "d"'),
    });
    await expect(readAll({ path, sort: 'c' })).rejects.toMatchObject({
      code: 'request',
      message: message('--sort', '"c"'),
    });
  });
});
