import { hash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { unpackAggregate } from '../../adapters/aws/kinesis-aggregate.ts';
import { aggregateOf, unpackedByLibrary } from './kinesis-aggregates.ts';

/** Magic bytes, a message, and its MD5. */
function sealed(...message: number[]): Buffer {
  const bytes = Buffer.from(message);
  const digest = Buffer.from(hash('md5', bytes, 'hex'), 'hex');
  return Buffer.concat([Buffer.from('f3899ac2', 'hex'), bytes, digest]);
}

/** A partition key `k`. */
const key = [0x0a, 1, 0x6b];
/** A record with that key and the data `x`. */
const record = [0x1a, 5, 0x08, 0, 0x1a, 1, 0x78];

const given = fc.record(
  {
    partitionKey: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    data: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
    explicitHashKey: fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map(String),
  },
  { requiredKeys: ['partitionKey', 'data'] },
);

it('finds in an aggregate what was packed, as the library of AWS does', () => {
  fc.assert(
    fc.property(fc.array(given, { minLength: 1, maxLength: 60 }), (records) => {
      const bytes = aggregateOf(records);
      const packed = records.map(({ partitionKey, data }) => ({ partitionKey, data }));
      expect(unpackAggregate(bytes)).toEqual(packed);
      expect(unpackedByLibrary(bytes)).toEqual(packed);
    }),
  );
});

it('takes nothing else for an aggregate', () => {
  const others = ['', '{"a":1}', '\u001f\u008b', 'x'.repeat(100)].map((text) => Buffer.from(text));
  for (const bytes of others) expect(unpackAggregate(bytes)).toBeNull();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => unpackAggregate(bytes) === null),
  );
});

it('takes no aggregate of which a byte is wrong or missing', () => {
  const bytes = aggregateOf([
    { partitionKey: 'a', data: Buffer.from('one') },
    { partitionKey: 'b', data: Buffer.from('two') },
  ]);
  for (let i = 0; i < bytes.length; i += 1) {
    const wrong = Buffer.from(bytes);
    wrong[i]! ^= 0x10;
    expect(unpackAggregate(wrong)).toBeNull();
    expect(unpackAggregate(bytes.subarray(0, i))).toBeNull();
  }
});

it('survives any message that is sealed as one', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (message) => {
      const found = unpackAggregate(sealed(...message));
      return found === null || found.length > 0;
    }),
    { numRuns: 2_000 },
  );
});

it.each([
  ['keys behind the records', [...record, ...key], ['x']],
  ['fields of later versions', [0x20, 5, ...key, 0x29, 1, 2, 3, 4, 5, 6, 7, 8, ...record], ['x']],
  ['a field of four bytes', [0x2d, 1, 2, 3, 4, ...key, ...record], ['x']],
  ['tags', [...key, 0x1a, 9, ...record.slice(2), 0x22, 2, 0x0a, 0], ['x']],
  ['an empty message', [], null],
  ['keys alone', key, null],
  ['a record whose key is missing', record, null],
  ['a record with an index beyond its keys', [...key, 0x1a, 5, 0x08, 1, 0x1a, 1, 0x78], null],
  ['a record with no index', [...key, 0x1a, 3, 0x1a, 1, 0x78], null],
  ['a record without data', [...key, 0x1a, 2, 0x08, 0], null],
  ['a record that is a number', [...key, 0x18, 1], null],
  ['a record that ends early', [...key, 0x1a, 5, 0x08, 0, 0x1a, 2, 0x78], null],
  ['a record that goes on damaged', [...key, 0x1a, 6, ...record.slice(2), 0x20], null],
  ['a length beyond the end', [...key, 0x1a, 6, ...record.slice(2)], null],
  ['a number without an end', [...key, ...record, 0x20, 0x80], null],
  ['a kind of field that there is not', [...key, ...record, 0x23], null],
])('holds of %s what there is', (_, message, texts) => {
  const found = unpackAggregate(sealed(...message));
  expect(found?.map(({ data }) => Buffer.from(data).toString()) ?? null).toEqual(texts);
});

it('copies no data', () => {
  const bytes = aggregateOf([{ partitionKey: 'a', data: Buffer.from('one') }]);
  const [found] = unpackAggregate(bytes)!;
  expect(found!.data.buffer).toBe(bytes.buffer);
});
