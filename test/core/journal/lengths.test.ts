import { beforeAll, expect, test } from 'vitest';
import { Reader, Writer } from '../../../core/bytes.ts';
import { Fingerprints } from '../../../core/dedupe/fingerprints.ts';
import { Rows } from '../../../core/view/rows.ts';
import { minutes, tick } from '../fold/events.ts';
import { contextOf, foldEvents, rowsOf } from '../folding.ts';

const [view] = minutes.plan.views;

/** The bytes that grew in use while `call` ran, and what it threw. */
function cost(call: () => unknown): { readonly bytes: number; readonly error: unknown } {
  const before = process.memoryUsage();
  let error: unknown = null;
  try {
    call();
  } catch (thrown) {
    error = thrown;
  }
  const after = process.memoryUsage();
  const grown = (name: 'heapUsed' | 'arrayBuffers') => Math.max(0, after[name] - before[name]);
  return { bytes: grown('heapUsed') + grown('arrayBuffers'), error };
}

function bytesOf(write: (out: Writer) => void): Reader {
  const out = new Writer(64);
  write(out);
  return new Reader(new Uint8Array(out.done()), 'the item');
}

beforeAll(() => {
  cost(() =>
    Rows.decode(
      bytesOf((out) => out.unsigned(0)),
      view!,
      10,
    ),
  );
});

test('a table that says it has millions of rows is damaged before they take room', () => {
  const from = bytesOf((out) => {
    for (const value of [5_000_000, 5_000_000, 0, 0]) out.unsigned(value);
  });
  const { bytes, error } = cost(() => Rows.decode(from, view!, 5_000_000));
  expect(error).toMatchObject({ code: 'damaged' });
  expect(bytes).toBeLessThan(5_000_000);
});

test('more rows than a table may have are damaged', () => {
  const from = bytesOf((out) => {
    for (const value of [11, 11, 0, 0]) out.unsigned(value);
    out.raw(new Uint8Array(100));
  });
  expect(() => Rows.decode(from, view!, 10)).toThrow(expect.objectContaining({ code: 'damaged' }));
});

test('ids that are announced but not there are damaged before they take room', () => {
  const from = bytesOf((out) => {
    out.unsigned(1);
    out.signed(7);
    out.unsigned(2 ** 40);
  });
  const { bytes, error } = cost(() => Fingerprints.decode(from));
  expect(error).toMatchObject({ code: 'damaged' });
  expect(bytes).toBeLessThan(5_000_000);
});

test('ids read back out of the middle of a pool of buffers', () => {
  const ids = new Fingerprints();
  for (let i = 0; i < 100; i += 1) ids.add(i, i * 7, i % 3);
  const out = new Writer(64);
  ids.encode(out);
  // A store's client may hand over a Buffer, whose slices share the pool and whose offset is odd.
  const pool = Buffer.alloc(4_096, 0xee);
  pool.set(out.done(), 3);
  const again = Fingerprints.decode(new Reader(pool.subarray(3, 3 + out.length), 'x'));
  const second = new Writer(64);
  again.encode(second);
  expect([...second.done()]).toEqual([...out.done()]);
});

test('rows of every kind of key read back in the order of their windows', () => {
  const { entries } = foldEvents(minutes, [tick(61, { who: '' }), tick(0, { who: 'é' }), tick(1)]);
  const [table] = entries[0]!.views;
  const out = new Writer(64);
  table!.encode(out);
  const again = Rows.decode(
    new Reader(out.done(), 'x'),
    view!,
    contextOf(minutes).limits.entryRowsMax,
  );
  expect(again.starts).toEqual([...again.starts].sort((a, b) => a - b));
  expect(rowsOf(minutes, [{ ...entries[0]!, views: [again] }])).toEqual(rowsOf(minutes, entries));
});
