import type { Meter } from './meter.ts';
import { type Price, type PriceBook, priceOf } from './price-book.ts';

/** What one meter costs in a month. */
export interface BillLine {
  readonly meter: Meter;
  readonly price: Price;
  /** Dollars, as if nothing were free. */
  readonly cost: number;
  /** Units that the free tier takes, and dollars for the rest. */
  readonly freeUnits: number;
  readonly costAfterFree: number;
}

/** A month in dollars. */
export interface Bill {
  readonly lines: readonly BillLine[];
  readonly total: number;
  /** With the free tiers taken off, as if an account ran nothing else. */
  readonly totalAfterFree: number;
}

/** Units times prices. A free tier goes to the meters of its price in their order. */
export function billOf(meters: readonly Meter[], book: PriceBook): Bill {
  const left = new Map(book.prices.map(({ id, free = 0 }) => [id, free]));
  const lines = meters.map((meter): BillLine => {
    const price = priceOf(book, meter.price);
    const freeUnits = Math.min(meter.units, left.get(price.id) ?? 0);
    left.set(price.id, (left.get(price.id) ?? 0) - freeUnits);
    const cost = meter.units * price.price;
    const costAfterFree = (meter.units - freeUnits) * price.price;
    return { meter, price, cost, freeUnits, costAfterFree };
  });
  const total = lines.reduce((sum, { cost }) => sum + cost, 0);
  const totalAfterFree = lines.reduce((sum, line) => sum + line.costAfterFree, 0);
  return { lines, total, totalAfterFree };
}
