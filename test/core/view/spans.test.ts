import { expect, it } from 'vitest';
import { Reader, Writer } from '../../../core/bytes.ts';
import { Spans } from '../../../core/view/spans.ts';

/** Spans of two rows as they are stored, and read again in panes of a size. */
function again(spans: Spans, size: number): Spans {
  const out = new Writer();
  spans.encode(out, Uint32Array.of(0, 1));
  const from = new Reader(out.done(), 'p/v');
  const read = Spans.decode(from, 2, size);
  from.end();
  return read;
}

function spansOf(...rows: readonly (readonly number[])[]): Spans {
  const spans = new Spans();
  for (const [row, times] of rows.entries()) {
    spans.grow(row + 1);
    for (const time of times) spans.add(row, time);
  }
  return spans;
}

const ends = (spans: Spans) => [0, 1].map((row) => [spans.first(row), spans.last(row)]);

it('spans hold the first and the last event of a row, whatever their order', () => {
  const spans = spansOf([30, 10, 20], [0]);
  expect(ends(spans)).toEqual([
    [10, 30],
    [0, 0],
  ]);
  spans.merge(1, spans, 0);
  expect(ends(spans)).toEqual([
    [10, 30],
    [0, 30],
  ]);
  expect(ends(again(spans, 31))).toEqual(ends(spans));
});

it('spans that reach beyond their pane are damage', () => {
  expect(() => again(spansOf([10, 30], [0]), 30)).toThrow(/^p\/v: .*a number over 19/);
  expect(() => again(spansOf([30], [0]), 30)).toThrow(/^p\/v: .*a number over 29/);
});
