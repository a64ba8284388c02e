import { definePipeline, type Pipeline, tumbling } from 'millrace';
import { Type } from 'typebox';

/** The form of a click. */
export const clickSchema = Type.Object({
  id: Type.String(),
  type: Type.Literal('click'),
  at: Type.Integer(),
  page: Type.String(),
  user: Type.String(),
  price: Type.Number(),
  agent: Type.String(),
  country: Type.String(),
});

/** Clicks as most streams have them: what the target figures are stated for. */
export const clicks: Pipeline = definePipeline({
  name: 'clicks',
  schema: clickSchema,
  id: 'id',
  time: 'at',
  partitionKey: 'page',
  watermark: { outOfOrder: '30s' },
  dedupe: { within: '10m' },
  views: (on) => ({
    byPage: on.view({
      key: ['page'],
      window: tumbling('1m'),
      lateness: '1m',
      measures: {
        clicks: on.count(),
        spent: on.sum('price', { scale: 2 }),
        cheapest: on.min('price'),
        dearest: on.max('price'),
      },
    }),
  }),
});

/** The same with a quantile sketch and a count of distinct users in every row. */
export const sketched: Pipeline = definePipeline({
  name: 'sketched',
  schema: clickSchema,
  id: 'id',
  time: 'at',
  partitionKey: 'page',
  watermark: { outOfOrder: '30s' },
  dedupe: { within: '10m' },
  views: (on) => ({
    byPage: on.view({
      key: ['page'],
      window: tumbling('1m'),
      lateness: '1m',
      measures: {
        clicks: on.count(),
        spent: on.sum('price', { scale: 2 }),
        cheapest: on.min('price'),
        dearest: on.max('price'),
        prices: on.quantiles('price', [0.5, 0.95, 0.99]),
        users: on.distinct('user'),
      },
    }),
  }),
});

/** The same clicks by the hour, for queries. */
export const hourly: Pipeline = definePipeline({
  name: 'hourly',
  schema: clickSchema,
  id: 'id',
  time: 'at',
  partitionKey: 'page',
  dedupe: { within: '1m' },
  views: (on) => ({
    byHour: on.view({
      key: ['page'],
      window: tumbling('1h'),
      lateness: '1m',
      measures: {
        clicks: on.count(),
        spent: on.sum('price', { scale: 2 }),
        cheapest: on.min('price'),
        dearest: on.max('price'),
      },
    }),
  }),
});

/** A small fast generator of numbers in [0, 1): mulberry32. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** What to generate. */
export interface ClickOptions {
  readonly count: number;
  /** Events per second of event time. */
  readonly rate: number;
  readonly keys: number;
  readonly seed: number;
}

/** Event time of the first click, epoch milliseconds. */
export const from = 1_700_000_000_000;

/** Clicks of 198 bytes as JSON text: keys zipf(1.0), 1 % duplicates, 5 % up to 20 s out of order. */
export function* clickTexts(options: ClickOptions): Generator<string> {
  const next = random(options.seed);
  const page = zipf(options.keys, next);
  const recent: string[] = [];
  for (let i = 0; i < options.count; i += 1) {
    if (recent.length > 100 && next() < 0.01) {
      yield recent[Math.floor(next() * recent.length)] as string;
      continue;
    }
    const late = next() < 0.05 ? Math.floor(next() * 20_000) : 0;
    const at = from + Math.floor((i * 1000) / options.rate) - late;
    const id =
      Math.floor(next() * 2 ** 48)
        .toString(16)
        .padStart(12, '0') + String(i).padStart(10, '0');
    const price = (Math.floor(next() * 9_000) + 1_000) / 100;
    const user = `u-${String(Math.floor(next() * 1e6)).padStart(6, '0')}`;
    const text =
      `{"id":"${id}","type":"click","at":${at},"page":"/p/${String(page()).padStart(6, '0')}",` +
      `"user":"${user}","price":${price},"agent":"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox","country":"DE"}`;
    recent[i % 1000] = text;
    yield text;
  }
}

/** Numbers 0 to n - 1, the k-th most frequent one 1/k as often as the first. */
function zipf(n: number, next: () => number): () => number {
  const sums = new Float64Array(n);
  let total = 0;
  for (let i = 0; i < n; i += 1) {
    total += 1 / (i + 1);
    sums[i] = total;
  }
  return () => {
    const at = next() * total;
    let low = 0;
    let high = n - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) < at) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
