import fc from 'fast-check';
import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { faultsOf, inPieces, newFile, readAll, valuesOf } from './read.ts';

const schema = Type.Object({
  n: Type.Integer(),
  x: Type.Optional(Type.Number()),
  yes: Type.Boolean(),
  text: Type.String(),
  either: Type.Union([Type.Null(), Type.Number()]),
  kind: Type.Union([Type.Literal(1), Type.Literal(2)]),
  mixed: Type.Union([Type.String(), Type.Number()]),
});

function csv(...lines: string[]): string {
  return lines.join('\r\n');
}

describe('CSV', () => {
  it('is read with quotes, line ends and newlines within quotes', async () => {
    const text = csv(
      'id,text',
      'a,plain',
      'b,"a, ""b""\r\nc\n"',
      '"c",',
      '',
      'd,5" disk',
      '"e",""',
      'f\r,g\rh',
    );
    for (const end of ['', '\n', '\r\n']) {
      expect(await valuesOf({ path: newFile('x.csv', text + end) })).toEqual([
        { id: 'a', text: 'plain' },
        { id: 'b', text: 'a, "b"\r\nc\n' },
        { id: 'c' },
        { id: 'd', text: '5" disk' },
        { id: 'e' },
        { id: 'f\r', text: 'g\rh' },
      ]);
    }
  });

  it('is converted where the schema wants numbers and booleans, and nowhere else', async () => {
    const text = csv(
      'id,n,x,yes,text,either,kind,mixed,other',
      '1,1,-0.5e3,true,1,2.5,1,3,4',
      '2,007,.5,TRUE,true,null,x,,',
      '3,9007199254740993,1e400,false,,1,2,a,b',
    );
    expect(await valuesOf({ path: newFile('x.csv', text), schema })).toEqual([
      {
        id: '1',
        n: 1,
        x: -500,
        yes: true,
        text: '1',
        either: 2.5,
        kind: 1,
        mixed: '3',
        other: '4',
      },
      { id: '2', n: '007', x: '.5', yes: 'TRUE', text: 'true', either: 'null', kind: 'x' },
      {
        id: '3',
        n: '9007199254740993',
        x: '1e400',
        yes: false,
        either: 1,
        kind: 2,
        mixed: 'a',
        other: 'b',
      },
    ]);
  });

  it('finds the types in a union of events', async () => {
    const union = Type.Union([schema, Type.Object({ id: Type.Integer(), m: Type.Number() })]);
    const path = newFile('x.csv', csv('id,m', '1,2'));
    expect(await valuesOf({ path, schema: union })).toEqual([{ id: 1, m: 2 }]);
  });

  it('passes on raw a record with other fields than the header, and goes on', async () => {
    const text = csv('id,a', '1,2,3', '2', '"3"x,"y', '[{"id":1}]', '"{\n}"', '4,5');
    const rows = await readAll({ path: newFile('x.csv', text) });
    expect(rows.map(({ row }) => row)).toEqual([1, 2, 3, 4, 5, 6]);
    const texts = rows.map(({ raw }) => (raw ? JSON.parse(Buffer.from(raw).toString()) : null));
    expect(texts).toEqual([
      '3 fields under a header of 2: 1,2,3',
      '1 fields under a header of 2: 2',
      'text behind the closing quote of field 1: "3"x,"y',
      '1 fields under a header of 2: [{"id":1}]',
      '1 fields under a header of 2: "{\n}"',
      null,
    ]);
    for (const { raw } of rows.slice(0, -1)) expect(faultsOf(raw!)).toHaveLength(1);
    expect(rows.at(-1)?.value).toEqual({ id: '4', a: '5' });
  });

  it('is UTF-8, with or without a byte order mark; a record that is not is passed on raw', async () => {
    const bytes = Buffer.concat([
      Buffer.from('\ufeffid,né\n1,"Zürich, 東京"\n'),
      Buffer.from('2,M\xfcller\n', 'latin1'),
      Buffer.from('3,x\n'),
    ]);
    for (const size of [1, 3, 1000]) {
      const rows = await readAll({ path: '-', format: 'csv', stdin: inPieces(bytes, size) });
      expect(rows[0]?.value).toEqual({ id: '1', né: 'Zürich, 東京' });
      expect(Buffer.from(rows[1]!.raw!).toString()).toBe('"field 2 is no UTF-8: 2,M\ufffdller"');
      expect(rows[2]?.value).toEqual({ id: '3', né: 'x' });
    }
  });

  it.each([
    ['', "can't read x.csv as CSV: it is empty, without a header"],
    ['a,,b\n', "can't read x.csv as CSV: column 2 has no name in the header"],
    ['a,b,a\n', 'can\'t read x.csv as CSV: its header names column "a" twice'],
    [
      '"a"b,c\n',
      "can't read x.csv as CSV: its header has text behind the closing quote of field 1",
    ],
    ['\xff\xfea\0', "can't read x.csv as CSV: it is UTF-16; save it as UTF-8"],
    [
      'a\n1\n2,"x\n3,4\n',
      `can't read x.csv as CSV: no quote closes a field of the record that starts with "2,\\"x\\n3,4\\n"`,
    ],
  ])('refuses %j', async (content, message) => {
    const path = newFile('x.csv', Buffer.from(content, 'latin1'));
    await expect(readAll({ path })).rejects.toMatchObject({ code: 'request', message });
  });

  it('with only a header has no rows', async () => {
    expect(await readAll({ path: newFile('x.csv', 'id,a\r\n') })).toEqual([]);
  });

  it('gives back any texts, cut anywhere', async () => {
    const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é', '東') });
    const table = fc.array(fc.tuple(field, field, field), { maxLength: 8 });
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 20 }), async (rows, size) => {
        const lines = rows.map((fields) => fields.map(quoted).join(','));
        const bytes = Buffer.from(csv('id,a,b', ...lines));
        const read = await readAll({ path: '-', format: 'csv', stdin: inPieces(bytes, size) });
        const expected = rows.map(([id, a, b], index) => [id || `stdin:${index + 1}`, a, b]);
        const keys = ['id', 'a', 'b'];
        expect(read.map(({ value }) => keys.map((key) => value?.[key] ?? ''))).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });
});
