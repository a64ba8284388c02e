import { type Estimate, estimateOf } from '../../cost/estimate.ts';
import { type PriceBook, priceBookOf } from '../../cost/price-book.ts';
import { type Profile, profileOf } from '../../cost/profile.ts';
import type { Workload } from '../../cost/workload.ts';

/** What is asked of the worker: first the sources, then workloads. */
export type Question =
  | { readonly sources: { readonly prices: unknown; readonly profile: unknown } }
  | { readonly workload: Workload };

/** What it answers to a workload: all of both clouds, and the milliseconds that took. */
export interface Answer {
  readonly estimates: readonly Estimate[];
  readonly ms: number;
}

let sources: { readonly book: PriceBook; readonly profile: Profile } | null = null;

addEventListener('message', ({ data }: MessageEvent<Question>) => {
  if ('sources' in data) {
    const { prices, profile } = data.sources;
    sources = { book: priceBookOf(prices), profile: profileOf(profile) };
    return;
  }
  if (sources === null) throw new Error('A workload came before the sources.');
  const { book, profile } = sources;
  const start = performance.now();
  const estimates = (['aws', 'azure'] as const).map((cloud) =>
    estimateOf(cloud, data.workload, profile, book),
  );
  const answer: Answer = { estimates, ms: performance.now() - start };
  postMessage(answer);
});
