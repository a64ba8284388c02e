import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitLines } from '../../../cli/input/lines.ts';
import { lineBytesMax } from '../../../cli/input/ndjson.ts';
import { faultsOf, inPieces, newFile, readAll, valuesOf } from './read.ts';

const lines = '{"id":"a","n":1}\n{"id":"b","n":2}\r\n\n  \n{"id":"c","n":3}';
const objects = [
  { id: 'a', n: 1 },
  { id: 'b', n: 2 },
  { id: 'c', n: 3 },
];

describe('NDJSON', () => {
  it('is read line by line, whatever the line ends; blank lines are no rows', async () => {
    const rows = await readAll({ path: newFile('x.ndjson', lines) });
    expect(rows).toEqual(objects.map((value, index) => ({ row: index + 1, value })));
  });

  it('is read from the standard input, cut anywhere', async () => {
    for (const size of [1, 2, 7, 1000]) {
      const stdin = inPieces(Buffer.from(`\ufeff${lines}`), size);
      expect(await valuesOf({ path: '-', stdin })).toEqual(objects);
    }
  });

  it('is read from gzip and zstd, several members and frames too, told by the first bytes', async () => {
    const [head, tail] = [Buffer.from(lines.slice(0, 9)), Buffer.from(lines.slice(9))];
    for (const pack of [gzipSync, zstdCompressSync]) {
      const bytes = Buffer.concat([pack(head), pack(tail)]);
      expect(await valuesOf({ path: newFile('x.ndjson', bytes) })).toEqual(objects);
      for (const size of [1, 5, pack(head).length]) {
        expect(await valuesOf({ path: '-', stdin: inPieces(bytes, size) })).toEqual(objects);
      }
    }
  });

  it('that is cut short in its compressed form is an error, not a shorter file', async () => {
    for (const pack of [gzipSync, zstdCompressSync]) {
      const bytes = pack(Buffer.from(lines));
      const stdin = inPieces(bytes.subarray(0, bytes.length - 3), 64);
      await expect(readAll({ path: '-', stdin })).rejects.toMatchObject({
        code: 'request',
        message: expect.stringContaining("can't read stdin"),
      });
    }
  });

  it('passes on raw what is no object, and goes on', async () => {
    const bad = ['{"a": oops', '[{"a":1},{"a":2}]', '42', 'null', '"text"', ' [1]', '{"a":', '{}}'];
    const deep = `{"a":${'['.repeat(500)}${']'.repeat(500)}}`;
    const text = [...bad, deep, '{"id":"last"}'].join('\n');
    const rows = await readAll({ path: newFile('x.ndjson', text) });
    expect(rows.map(({ row }) => row)).toEqual([...bad, deep, ''].map((_, index) => index + 1));
    expect(rows.at(-1)?.value).toEqual({ id: 'last' });
    for (const { raw } of rows.slice(0, -1)) {
      expect(faultsOf(raw!)).toEqual([expect.stringMatching(/./)]);
      expect(String.fromCharCode(raw![0]!)).not.toBe('{');
    }
    expect(new TextDecoder().decode(rows[0]?.raw)).toBe(' {"a": oops');
  });

  it('passes on raw, byte for byte, a line that is no UTF-8', async () => {
    const bytes = Buffer.from('{"name":"M\xfcller"}\n{"id":"b"}\n', 'latin1');
    const [first, second] = await readAll({ path: newFile('x.ndjson', bytes) });
    expect(Buffer.from(first!.raw!).toString('latin1')).toBe(' {"name":"M\xfcller"}');
    expect(faultsOf(first!.raw!)).toEqual(['not UTF-8']);
    expect(second?.value).toEqual({ id: 'b' });
  });

  it('keeps the start of a line over the limit', async () => {
    const long = `{"id":"${'x'.repeat(lineBytesMax)}"}`;
    const stdin = inPieces(Buffer.from(`{"id":"a"}\n${long}\n{"id":"b"}\n`), 262_144);
    const rows = await readAll({ path: '-', stdin });
    expect(rows.map(({ value }) => value)).toEqual([{ id: 'a' }, undefined, { id: 'b' }]);
    const text = JSON.parse(new TextDecoder().decode(rows[1]?.raw)) as string;
    expect(text).toMatch(/^a line of more than 8388608 bytes: \{"id":"xxx/);
    expect(text.length).toBeLessThan(1_100);
  });

  it('gives back any objects, cut anywhere', async () => {
    const object = fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue());
    await fc.assert(
      fc.asyncProperty(fc.array(object), fc.integer({ min: 1, max: 40 }), async (values, size) => {
        const given = values.map((value, index) => ({ ...value, id: `${index}` }));
        const text = given.map((value) => JSON.stringify(value)).join('\n');
        const stdin = inPieces(Buffer.from(text), size);
        const read = await valuesOf({ path: '-', stdin });
        expect(read.map((value) => JSON.stringify(value))).toEqual(
          text === '' ? [] : text.split('\n'),
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe('splitting into lines', () => {
  it('holds no more of a line than the limit and one byte', () => {
    const lines = splitLines(4);
    const texts = (found: readonly Uint8Array[]) =>
      found.map((line) => Buffer.from(line).toString());
    expect(texts(lines.push(Buffer.from('abc')))).toEqual([]);
    expect(texts(lines.push(Buffer.from('defghi')))).toEqual([]);
    expect(texts(lines.push(Buffer.from('j\n1234\n12345678\n\nxy')))).toEqual([
      'abcde',
      '1234',
      '12345',
      '',
    ]);
    expect(texts(lines.end())).toEqual(['xy']);
    expect(texts(lines.end())).toEqual([]);
  });
});

describe('a JSON array', () => {
  it('is told by its first byte; an element that is no object is passed on raw', async () => {
    const text = '\n [{"id":"a"},\n {"id":"b"}, 7, [1],\n{"id":"c"}]\n';
    const rows = await readAll({ path: newFile('x.json', text) });
    expect(rows.map(({ value }) => value?.['id'])).toEqual(['a', 'b', undefined, undefined, 'c']);
    expect(rows.map(({ row }) => row)).toEqual([1, 2, 3, 4, 5]);
    expect(faultsOf(rows[2]!.raw!)).toHaveLength(1);
    expect(faultsOf(rows[3]!.raw!)).toHaveLength(1);
  });

  it('that is broken is an error', async () => {
    await expect(readAll({ path: newFile('x.json', '[{"id":"a"},') })).rejects.toMatchObject({
      code: 'request',
      message: expect.stringContaining("x.json starts as a JSON array but can't be read as one"),
    });
  });
});
