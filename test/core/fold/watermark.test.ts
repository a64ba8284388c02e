import { definePipeline, tumbling } from 'millrace';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { timeMin } from '../../../core/event.ts';
import { cells, contextOf, foldBatches, foldEvents, noon, record } from '../folding.ts';
import { minutes, patient, tick } from './events.ts';

const day = 86_400_000;

test('the watermark is the latest event time less the bound, and never goes back', () => {
  const { state } = foldEvents(minutes, [tick(30), tick(100), tick(95)]);
  expect(state.watermark).toBe(noon + 100_000 - 10_000);
});

test('the watermark follows the arrival where that is the smaller', () => {
  const early = record(0, tick(200), noon + 60_000);
  const { state, dead } = foldBatches([[early]], contextOf(minutes));
  expect(dead).toEqual([]);
  expect(state.watermark).toBe(noon + 60_000 - 10_000);
});

test('nothing moves the watermark but events with a time that is believed', () => {
  const events = ['not JSON', { id: 'x' }, tick(0, { at: 0 })];
  const { state } = foldEvents(minutes, [...events.slice(0, 2), '[]']);
  expect(state.watermark).toBe(timeMin);
  const future = record(0, { ...tick(0), at: noon + day + 5 * 60_000 + 1 }, noon + day);
  expect(foldBatches([[future]], contextOf(minutes)).state.watermark).toBe(timeMin);
});

test('an event is judged by the watermark before it, not by the one it makes', () => {
  // The first event of a partition is never late, though it moves the watermark beyond its window's end.
  const { late } = foldEvents(patient, [tick(60)]);
  expect(late).toEqual([]);
  const outcome = foldEvents(patient, [tick(59), tick(60), tick(59)]);
  expect(cells(patient, outcome, 'strict')).toEqual({ 'a@0': { c: 1 }, 'a@1': { c: 1 } });
  expect(outcome.late).toHaveLength(1);
});

test('an event is judged by the watermark before it, not by the one before its batch', () => {
  const events = [tick(59), tick(60), tick(59)];
  const records = events.map((event, i) => record(i, event));
  const together = foldBatches([records], contextOf(patient));
  const alone = foldBatches(
    records.map((one) => [one]),
    contextOf(patient),
  );
  expect(together.late).toEqual(alone.late);
  expect(together.state.watermark).toBe(alone.state.watermark);
});

test('an event is late exactly from the watermark on that equals end + lateness', () => {
  const outcome = (ms: number) => {
    const first = { ...tick(0), at: noon + 60_000 + ms };
    return foldEvents(patient, [first, tick(59)]).late.map(({ view }) => view);
  };
  expect(outcome(-1)).toEqual([]);
  expect(outcome(0)).toEqual(['strict']);
  expect(outcome(3_600_000 - 1)).toEqual(['strict']);
  expect(outcome(3_600_000)).toEqual(['strict', 'patient']);
});

test('an event that is late in one view is counted in another', () => {
  const outcome = foldEvents(patient, [tick(120), tick(0)]);
  const { counts } = outcome.state;
  expect(counts).toMatchObject({ received: 2, accepted: 2 });
  expect(counts.views).toEqual([
    { offered: 2, counted: 1, late: 1 },
    { offered: 2, counted: 2, late: 0 },
  ]);
  expect(cells(patient, outcome, 'patient')).toHaveProperty('a/1@0', { c: 1, s: 1 });
});

test('a late event is kept with its view, window, lateness and the event itself', () => {
  const event = tick(0, { id: 'slow', extra: { deep: ['x'] } });
  const { late } = foldEvents(patient, [tick(180), event]);
  expect(late).toEqual([
    {
      view: 'strict',
      start: '2001-01-01T12:00:00.000Z',
      end: '2001-01-01T12:01:00.000Z',
      time: '2001-01-01T12:00:00.000Z',
      lateMs: 120_000,
      position: '1',
      line: 0,
      event,
    },
  ]);
});

test('an event exactly as far ahead of its arrival as allowed counts, and a millisecond more is dead', () => {
  const ahead = (ms: number) =>
    foldBatches([[record(0, { ...tick(0), at: noon + ms }, noon)]], contextOf(minutes));
  expect(ahead(300_000).state.counts).toMatchObject({ accepted: 1, deadLettered: 0 });
  expect(ahead(300_001).state.counts).toMatchObject({ accepted: 0, deadLettered: 1 });
  expect(ahead(300_001).dead[0]).toMatchObject({ reason: 'future' });
});

test('a pipeline that says nothing of the future gets the limit', () => {
  const ahead = (ms: number) => {
    const early = record(0, { ...tick(0), at: noon + ms }, noon);
    return foldBatches([[early]], contextOf(patient, { futureSkewMsMax: 1_000 })).dead.length;
  };
  expect([ahead(1_000), ahead(1_001)]).toEqual([0, 1]);
});

test('an instant on a boundary belongs to the window it starts, before 1970 as well', () => {
  const at = (time: number) => ({ ...tick(0), at: time });
  const outcome = foldEvents(minutes, [at(-60_001), at(-60_000), at(-1), at(0), at(59_999)]);
  const starts = outcome.entries.flatMap(({ views }) => views[0]!.starts);
  expect(starts.map((start) => start / 60_000)).toEqual([-2, -1, 0]);
});

test('a time with a fraction of a millisecond is the millisecond it lies in', () => {
  const outcome = foldEvents(minutes, [{ ...tick(0), at: noon + 59_999.999 }]);
  expect(cells(minutes, outcome)).toEqual({ 'a@0': { c: 1, s: 1 } });
  expect(outcome.state.watermark).toBe(noon + 59_999 - 10_000);
});

test('times are RFC 3339 texts or milliseconds of the years 0 to 9999', () => {
  const texts = definePipeline({
    name: 'texts',
    schema: Type.Object({ id: Type.String(), at: Type.Unsafe<number>({}) }),
    ...{ id: 'id', time: 'at', partitionKey: 'id', dedupe: 'off' },
    watermark: { outOfOrder: '0s', futureSkew: '36500d' },
    views: (on) => ({
      v: on.view({ key: [], window: tumbling('1h'), measures: { c: on.count() } }),
    }),
  });
  const dead = (at: unknown) => foldEvents(texts, [{ id: 'x', at }]).dead.length;
  const good = ['2001-01-01T00:00:00Z', '0000-01-01T00:00:00Z', 0, -62_167_219_200_000, 1.5];
  expect(good.map(dead)).toEqual(good.map(() => 0));
  const bad = ['2001-01-01', '', '0', null, true, {}, [], -62_167_219_200_001, 253_402_300_800_000];
  expect(bad.map(dead)).toEqual(bad.map(() => 1));
});
