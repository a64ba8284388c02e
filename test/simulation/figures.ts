import type { Outcome } from './schedule.ts';

/** What many schedules came to; sums only, so that parts can be added in any order. */
export interface Sum {
  schedules: number;
  /** Schedules by their number of effects. */
  readonly effects: number[];
  /** By figure: how often in all, and in how many schedules. */
  readonly figures: Record<string, [times: number, schedules: number]>;
  /** The hashes of all runs, added up: equal for equal seeds. */
  hash: number;
  readonly failures: Failure[];
}

/** A seed that failed. */
export interface Failure {
  readonly seed: number;
  readonly what: string;
}

/** Failures kept in words. */
const failuresMax = 10;

export function emptySum(): Sum {
  return { schedules: 0, effects: [], figures: {}, hash: 0, failures: [] };
}

/** Adds one run. */
export function addOutcome(sum: Sum, { seed, failure, effects, hash, figures }: Outcome): void {
  sum.schedules += 1;
  sum.effects[effects] = (sum.effects[effects] ?? 0) + 1;
  sum.hash = (sum.hash + hash) >>> 0;
  for (const [name, times] of figures) {
    if (times > 0) addFigure(sum, name, times, 1);
  }
  if (failure !== null) addFailure(sum, { seed, what: failure });
}

/** Adds another sum. */
export function addSum(sum: Sum, other: Sum): void {
  sum.schedules += other.schedules;
  sum.hash = (sum.hash + other.hash) >>> 0;
  for (const [effects, count] of other.effects.entries()) {
    if (count) sum.effects[effects] = (sum.effects[effects] ?? 0) + count;
  }
  for (const [name, [times, schedules]] of Object.entries(other.figures)) {
    addFigure(sum, name, times, schedules);
  }
  for (const failure of other.failures) addFailure(sum, failure);
}

function addFigure(sum: Sum, name: string, times: number, schedules: number): void {
  const figure = sum.figures[name];
  if (figure === undefined) sum.figures[name] = [times, schedules];
  else {
    figure[0] += times;
    figure[1] += schedules;
  }
}

function addFailure({ failures }: Sum, failure: Failure): void {
  failures.push(failure);
  failures.sort((a, b) => a.seed - b.seed);
  failures.length = Math.min(failures.length, failuresMax);
}

/** The number of effects that half of the schedules reach. */
export function medianEffects({ effects, schedules }: Sum): number {
  let below = 0;
  for (const [count, of] of effects.entries()) {
    below += of ?? 0;
    if (below * 2 >= schedules) return count;
  }
  return 0;
}

/** In what share of the schedules a fault or race happened. */
export function shareOf({ figures, schedules }: Sum, name: string): number {
  return (figures[name]?.[1] ?? 0) / Math.max(1, schedules);
}

/** The faults and races that must happen in at least one schedule of a hundred. */
export const required: readonly string[] = [
  ...['fault: throttled', 'fault: unavailable', 'fault: lost', 'fault: frozen'],
  ...['fault: crash-before', 'fault: crash-after', 'zombie refused', 'zombie landed'],
  ...['conflict', 'entry race', 'genesis race', 'partitions race', 'page race'],
  ...['compaction lost', 'read during compaction', 'overflowing page', 'redelivery'],
  ...[
    'batch skipped',
    'other batch bounds',
    'acknowledgement set back',
    'batch of several entries',
  ],
  ...['cold load from head', 'stale read: session', 'stale read: eventual'],
  ...['clock skewed', 'time budget ran out', 'days passed', 'expired entries'],
  ...['duplicate events', 'late events', 'events out of order', 'packed records'],
  ...['compressed records', 'dead: undecodable', 'dead: invalid', 'dead: future'],
  ...['dead: function-failed', 'filtered events', 'forgotten ids', 'two partitions'],
  ...['warm state too old', 'reads checked'],
  ...['split', 'merge', 'duplicates across a split or merge'],
  ...['ticks', 'final rows seen', 'delivered rows', 'delivered again', 'cursor race'],
];

/** The required faults and races that were rarer than that. */
export function rare(sum: Sum): string[] {
  return required.filter((name) => shareOf(sum, name) < 0.01);
}

/** The figures as a table, the most frequent first. */
export function table(sum: Sum): string {
  const rows = Object.entries(sum.figures).sort(([, a], [, b]) => b[1] - a[1]);
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, [times]]) => {
    const share = `${(shareOf(sum, name) * 100).toFixed(1)} %`;
    return `  ${name.padEnd(width)} ${share.padStart(8)} of schedules, ${times} times`;
  });
  return lines.join('\n');
}
