import type { Usage } from '../../core/journal/usage.ts';
import type { BilledAt } from '../../cost/used.ts';

/** Every cloud, as its template is: what an embedded pipeline would have cost there. */
export const everyCloud: readonly BilledAt[] = [
  { cloud: 'aws', store: 'items' },
  { cloud: 'azure', store: 'items' },
];

/** What a pipeline has used so far and what it comes to, as the status has it. */
export async function usedJson(
  used: Usage,
  events: number,
  billedAt: readonly BilledAt[],
): Promise<object> {
  const { batches, busyMs, records, recordBytes, reads, writes } = used;
  const { usedBill, book } = await bills();
  return {
    ...{ batches, busySeconds: busyMs / 1000, records, recordBytes, reads, writes },
    bills: billedAt.map((place) => usedBill(place, used, events, book)),
  };
}

/** Loaded when a status is asked for: prices have nothing to do with the start of a function. */
async function bills() {
  const [{ usedBill }, { priceBookOf }, { default: prices }] = await Promise.all([
    import('../../cost/used.ts'),
    import('../../cost/price-book.ts'),
    import('../../cost/prices.json', { with: { type: 'json' } }),
  ]);
  return { usedBill, book: priceBookOf(prices) };
}
