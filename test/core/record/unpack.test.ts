import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { compression } from '../../../adapters/compression.ts';
import { defaultLimits } from '../../../core/limits.ts';
import { rawOf, type Unpacked, unpack } from '../../../core/record/unpack.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function unpackBody(body: Uint8Array | string, limits: Partial<typeof defaultLimits> = {}) {
  const record = {
    position: 1n,
    partitionKey: '0',
    arrival: 0,
    body: typeof body === 'string' ? bytes(body) : body,
  };
  return unpack(record, compression, { ...defaultLimits, ...limits });
}

function errorsOf(unpacked: Unpacked): Record<number, string> {
  return Object.fromEntries(unpacked.errors ?? []);
}

function expectOneFailure(unpacked: Unpacked, message: RegExp) {
  expect(unpacked.values).toEqual([null]);
  expect(errorsOf(unpacked)[0]).toMatch(message);
}

const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

describe('the shapes of a body', () => {
  test.each([
    ['one object', '{"a":1}', [{ a: 1 }]],
    ['one object and a line end', '{"a":1}\r\n', [{ a: 1 }]],
    ['an array', ' [{"a":1},{"a":2}]', [{ a: 1 }, { a: 2 }]],
    ['an array over lines', '[\n {"a":1},\n {"a":2}\n]\n', [{ a: 1 }, { a: 2 }]],
    ['an empty array', '[]', []],
    ['NDJSON', '{"a":1}\n{"a":2}', [{ a: 1 }, { a: 2 }]],
    [
      'NDJSON with CRLF and blank lines',
      '\r\n{"a":1}\r\n \t\n\n{"a":2}\r\n\r\n',
      [{ a: 1 }, { a: 2 }],
    ],
    ['a pretty-printed object', '{\n  "a": {\n    "b": 1\n  }\n}\n', [{ a: { b: 1 } }]],
    ['a byte order mark', '\ufeff{"a":1}', [{ a: 1 }]],
    ['escaped newlines', '{"a":"x\\ny"}', [{ a: 'x\ny' }]],
  ])('%s gives its events', (_, text, events) => {
    for (const body of [
      bytes(text),
      compression.compress(bytes(text)),
      new Uint8Array(gzipSync(text)),
    ]) {
      const unpacked = unpackBody(body);
      expect(unpacked.values).toEqual(events);
      expect(unpacked.errors).toBeNull();
    }
  });

  test('a bad line fails alone, and blank lines do not count', () => {
    const unpacked = unpackBody('{"a":1}\n\n{"a":}\n7\n{"a":2}');
    expect(unpacked.values).toEqual([{ a: 1 }, null, null, { a: 2 }]);
    expect(errorsOf(unpacked)).toEqual({
      1: 'not JSON: unexpected "}" at position 5',
      2: 'an event must be a JSON object, this is a number',
    });
    expect([1, 2].map((line) => rawOf(unpacked, line))).toEqual(['{"a":}', '7']);
  });

  test('a bad first line does not take the others with it', () => {
    const unpacked = unpackBody('{"a":\n{"a":1}\n{"a":2}');
    expect(unpacked.values).toEqual([null, { a: 1 }, { a: 2 }]);
  });

  test('an element that is no object fails alone and keeps its exact text', () => {
    const unpacked = unpackBody('[ {"a":1} , null,[1, {"x":"],\\""}],"a,b" , 1.0]');
    expect(unpacked.values).toEqual([{ a: 1 }, null, null, null, null]);
    expect([0, 1, 2, 3, 4].map((line) => rawOf(unpacked, line))).toEqual([
      '{"a":1}',
      'null',
      '[1, {"x":"],\\""}]',
      '"a,b"',
      '1.0',
    ]);
  });
});

describe('a record that fails as a whole keeps its body', () => {
  test.each([
    ['an empty body', '', /the body is empty/],
    ['only blanks', ' \n\t\r\n', /the body is empty/],
    ['a broken array', '[{"a":1},', /not JSON: the text ends too early, at position 9/],
    ['invalid UTF-8', new Uint8Array([0x7b, 0xff, 0x7d]), /not UTF-8/],
    ['a cut zstd frame', compression.compress(bytes('{"a":1}')).subarray(0, 9), /damaged/],
    ['a broken gzip', new Uint8Array([0x1f, 0x8b, 1, 2, 3]), /damaged/],
    [
      'compression in compression',
      compression.compress(compression.compress(bytes('{"a":1}'))),
      /not UTF-8/,
    ],
  ])('%s', (_, body, message) => {
    const unpacked = unpackBody(body);
    expectOneFailure(unpacked, message);
    expect(rawOf(unpacked, 0)).toEqual(typeof body === 'string' ? bytes(body) : body);
  });
});

describe('limits', () => {
  test('recordBytesMax holds for the body as delivered, to the byte', () => {
    expect(unpackBody('{"a":1}', { recordBytesMax: 7 }).values).toEqual([{ a: 1 }]);
    expectOneFailure(unpackBody('{"a":1}', { recordBytesMax: 6 }), /recordBytesMax \(6\)/);
  });

  test('a bomb is one failure', () => {
    const bomb = compression.compress(bytes(`{"a":"${'x'.repeat(100_000)}"}`));
    expect(bomb.length).toBeLessThan(100);
    expectOneFailure(unpackBody(bomb, { recordUnpackedBytesMax: 50_000 }), /more than/);
    expect(unpackBody(bomb, { recordUnpackedBytesMax: 100_008 }).values).toHaveLength(1);
  });

  test('recordUnpackedBytesMax holds for plain bodies too', () => {
    expectOneFailure(
      unpackBody('{"a":1}', { recordUnpackedBytesMax: 6 }),
      /recordUnpackedBytesMax/,
    );
  });

  test.each([
    ['lines', '{}\n{}\n\n{}', '{}\n{}\n\n{}\n{}'],
    ['elements', '[{},{},{}]', '[{},{},{},{}]'],
  ])('more %s than recordEventsMax are one failure', (_, fits, over) => {
    expect(unpackBody(fits, { recordEventsMax: 3 }).values).toHaveLength(3);
    expectOneFailure(unpackBody(over, { recordEventsMax: 3 }), /recordEventsMax \(3\)/);
  });

  test('an event may nest to jsonDepthMax and not deeper, in every shape', () => {
    const fits = `{"a":${nested(127)}}`;
    const over = `{"a":${nested(128)}}`;
    const message = /^nested deeper than jsonDepthMax \(128\)$/;
    expect(unpackBody(fits).errors).toBeNull();
    expectOneFailure(unpackBody(over), message);
    for (const text of [`{}\n${fits}\n${over}\n{}`, `[{},${fits},${over},{}]`]) {
      const unpacked = unpackBody(text);
      expect(unpacked.values).toEqual([{}, JSON.parse(fits), null, {}]);
      expect(errorsOf(unpacked)[2]).toMatch(message);
      expect(rawOf(unpacked, 2)).toBe(over);
    }
    expectOneFailure(unpackBody(JSON.stringify(JSON.parse(over), null, 1)), message);
  });

  test('brackets in strings are no depth', () => {
    expect(unpackBody(`{"a":"${'['.repeat(1_000)}\\"${'{'.repeat(1_000)}"}`).errors).toBeNull();
  });

  test.each([
    ['a megabyte of open brackets', '['.repeat(1_048_576), /not JSON: the text ends too early/],
    ['half a megabyte of nested arrays', nested(524_288), /nested deeper than/],
    ['a megabyte of open objects', '{"a":'.repeat(200_000), /not JSON: the text ends too early/],
    ['many nested arrays', nested(50_000), /nested deeper|must be a JSON object/],
    ['a hundred thousand open brackets', '['.repeat(100_000), /not JSON/],
  ])('%s is one failure, and quick', (_, text, message) => {
    const before = performance.now();
    expectOneFailure(unpackBody(text), message);
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});

test('a line nested beyond what is parsed at all fails alone', () => {
  const abyss = `{"a":${nested(100_000)}}`;
  const first = unpackBody(`${abyss}\n{"a":1}`);
  expect(first.values).toEqual([null, { a: 1 }]);
  expect(errorsOf(first)[0]).toBe('nested deeper than 100000 levels');
  expect(unpackBody(`{"a":\n{"a":1}\n${abyss}`).values).toEqual([null, { a: 1 }, null]);
  expect(unpackBody(`{"a":\n${abyss}\n}`).values).toEqual([null]);
});

describe('the key __proto__', () => {
  test.each([
    '{"__proto__":1}',
    '{"a":[{"b":{"__proto__":{}}}]}',
    '{"\\u005f_proto__":{"x":1}}',
    '{"__\\u0070rot\\u006F__":1}',
  ])('%s is refused', (text) => {
    expectOneFailure(unpackBody(text), /__proto__/);
    expect(unpackBody(`{"a":1}\n${text}`).values).toEqual([{ a: 1 }, null]);
    expect(unpackBody(`[{"a":1},${text}]`).values).toEqual([{ a: 1 }, null]);
  });

  test.each(['{"a":"__proto__"}', '{"a":"\\u005f_proto__"}', '{"proto":1,"b":"\\u00e9"}'])(
    '%s is no such key',
    (text) => {
      expect(unpackBody(text).values).toEqual([JSON.parse(text)]);
    },
  );
});

test('a message shows no more than one character of the payload', () => {
  const secret = 'hunter2'.repeat(20);
  const message = errorsOf(unpackBody(`{"password":"${secret}",}`))[0];
  expect(message).toBe('not JSON: unexpected "}" at position 155');
});
