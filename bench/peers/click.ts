// This folder has a package of its own, in which the name of Millrace means nothing.
import { definePipeline, type Pipeline, tumbling } from '../../core/pipeline.ts';
import { clickSchema } from '../clicks.ts';

/** What the designs take from a click. */
export interface Click {
  readonly id: string;
  readonly at: number;
  readonly page: string;
  readonly price: number;
}

/** The length of the windows, milliseconds. */
const windowMs = 60_000;

/** The task of all designs: clicks and what was spent, by page and minute, each id once. */
export const clicksByMinute: Pipeline = definePipeline({
  name: 'peers',
  schema: clickSchema,
  ...{ id: 'id', time: 'at', partitionKey: 'page' },
  watermark: { outOfOrder: '30s' },
  dedupe: { within: '10m' },
  views: (on) => ({
    byPage: on.view({
      ...{ key: ['page'], window: tumbling('1m'), lateness: '1m' },
      measures: { clicks: on.count(), spent: on.sum('price', { scale: 2 }) },
    }),
  }),
});

/** The same checks as the schema's, written by hand: the fastest that a design can have. */
export function isClick(value: unknown): value is Click {
  if (typeof value !== 'object' || value === null) return false;
  const { id, type, at, page, user, price, agent, country } = value as Record<string, unknown>;
  return (
    typeof id === 'string' &&
    type === 'click' &&
    Number.isInteger(at) &&
    typeof page === 'string' &&
    typeof user === 'string' &&
    Number.isFinite(price) &&
    typeof agent === 'string' &&
    typeof country === 'string'
  );
}

/** The click in a text; null if it is none. */
export function clickOf(text: string): Click | null {
  try {
    const value: unknown = JSON.parse(text);
    return isClick(value) ? value : null;
  } catch {
    return null;
  }
}

/** The texts of a record's data, one or packed by lines. */
export function textsOf(data: string, pack: number): readonly string[] {
  const text = Buffer.from(data, 'base64').toString();
  return pack === 1 ? [text] : text.split('\n');
}

/** Where the click's minute begins, epoch milliseconds. */
export function minuteOf({ at }: Click): number {
  return at - (at % windowMs);
}

/** The price in cents: sums of them have no rounding. */
export function centsOf({ price }: Click): number {
  return Math.round(price * 100);
}
