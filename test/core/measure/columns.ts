import fc from 'fast-check';
import { Reader, Writer } from '../../../core/bytes.ts';
import type { Scalar } from '../../../core/event.ts';
import type { Column, Measure, MeasureOptions, Stamp } from '../../../core/measure/measure.ts';
import { type MeasureKind, measures } from '../../../core/measure/measures.ts';

/** A measure under test: its kind and options. */
export interface Subject extends MeasureOptions {
  readonly kind: MeasureKind;
}

/** A value and the event that it comes from. */
export interface Given {
  readonly value: Scalar;
  readonly stamp: Stamp;
}

/** Values without a time of their own, each of a later event. */
export function given(values: readonly Scalar[]): Given[] {
  return values.map((value, i) => ({ value, stamp: { time: i, id: `e${i}` } }));
}

/** The measure of a subject. */
export function measureOf({ kind }: Subject): Measure {
  return measures[kind];
}

/** A column of one row that has taken these values. */
export function columnOf(subject: Subject, values: readonly Scalar[]): Column {
  return columnOfGiven(subject, given(values));
}

/** A column of one row that has taken the values of these events. */
export function columnOfGiven(subject: Subject, all: readonly Given[]): Column {
  const column = measureOf(subject).create(subject);
  column.grow(1);
  for (const { value, stamp } of all) column.add(0, value, stamp);
  return column;
}

/** A new column: the merge of these, in order. */
export function merged(subject: Subject, columns: readonly Column[]): Column {
  const all = columnOf(subject, []);
  for (const column of columns) all.merge(0, column, 0);
  return all;
}

/** The bytes of the first `rows` rows. */
export function encoded(column: Column, rows = 1): Uint8Array {
  const out = new Writer(1);
  column.encode(out, Uint32Array.from(Array.from({ length: rows }).keys()));
  return new Uint8Array(out.done());
}

/** The column that bytes hold, read to their end. */
export function decoded(subject: Subject, bytes: Uint8Array, rows = 1): Column {
  const from = new Reader(bytes, 'the column');
  const column = measureOf(subject).decode(from, rows, subject);
  from.end();
  return column;
}

/** All that can be seen of a cell. */
export function seen(column: Column): readonly unknown[] {
  return [column.result(0), column.json(0), [...encoded(column)]];
}

const awkward = [
  ...[0, -0, 0.1, 0.2, 0.3, 1e-7, 5e-7, 0.5, 1.5, 2.5, -0.5, -2.5, 0.005, 1.005, 2.675, 1e-300],
  ...[Number.MIN_VALUE, 2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 52 + 0.5, 4_503_599_627_370_495.5],
  ...[123_456_789.123456, -1e-12, 0.1 + 0.2, 9_007_199_254_740_991, 1_000_000_000_000_000.1],
];

/** Numbers that the fold lets through: finite, and safe where they are integers. */
export const numbers: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(...awkward),
  fc.maxSafeInteger(),
  fc.integer({ min: -5_000, max: 5_000 }).map((n) => n / 1000),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .filter((n) => !Number.isInteger(n) || Number.isSafeInteger(n)),
);

const texts = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('', '\uffff', '10'));

/** What a kind of measure takes. */
export function valuesOf(subject: Subject): fc.Arbitrary<Scalar> {
  const { takes } = measureOf(subject);
  if (takes === 'nothing') return fc.constant(true);
  if (takes === 'number') return numbers;
  if (takes === 'scalar') return fc.oneof(numbers, texts);
  return fc.oneof(numbers, texts, fc.boolean(), fc.constantFrom('true', 'a', 'b', 1, 10));
}

/** The values of events of few times and ids, so that many have the same. */
export function givenOf(subject: Subject): fc.Arbitrary<Given> {
  const stamp = fc.record({
    time: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(253_402_300_799_999)),
    id: fc.constantFrom('a', 'b', '10', '9', '\uffff', '\u{10000}'),
  });
  return fc.record({ value: valuesOf(subject), stamp });
}

/** Every kind of measure, with a few options. */
export const subjects: readonly Subject[] = [
  ...(['count', 'min', 'max', 'distinct', 'first', 'last'] as const).map((kind) => ({
    kind,
    scale: 0,
  })),
  ...([0, 2, 12] as const).flatMap((scale) =>
    (['sum', 'mean', 'variance', 'stddev'] as const).map((kind) => ({ kind, scale })),
  ),
  { kind: 'quantiles', scale: 0, at: [0, 0.5, 0.999, 1] },
  { kind: 'histogram', scale: 0, edges: [-0.5, 0, 1e-7, 4_503_599_627_370_495] },
  { kind: 'topK', scale: 0, k: 3 },
];
