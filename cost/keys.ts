import { curveThrough, type Point } from './curve.ts';

/**
 * How often keys come, as Zipf's law: the k-th most frequent one comes 1/k^exponent times as often as the first; with
 * an exponent of 0 all come alike.
 */
export interface Popularity {
  readonly exponent: number;
  readonly keys: number;
}

/** Ranks that are summed one by one; those behind them in groups, each this much longer than the one before. */
const singleRanks = 16;
const groupFactor = 1.2;

/** Keys of about the same share of the events. */
interface Group {
  readonly keys: number;
  readonly share: number;
}

/** The keys of a law, from the most frequent one on. */
function groupsOf({ exponent, keys }: Popularity): Group[] {
  const groups: { keys: number; weight: number }[] = [];
  for (let from = 1; from <= keys; ) {
    const next = from < singleRanks ? from + 1 : Math.ceil(from * groupFactor);
    const count = Math.min(next, keys + 1) - from;
    const middle = from < singleRanks ? from : from + (count - 1) / 2;
    groups.push({ keys: count, weight: middle ** -exponent });
    from = next;
  }
  const sum = groups.reduce((all, group) => all + group.keys * group.weight, 0);
  return groups.map((group) => ({ keys: group.keys, share: group.weight / sum }));
}

/** How many different keys so many events have, in the mean. */
function expected(groups: readonly Group[], events: number): number {
  return groups.reduce((sum, { keys, share }) => sum - keys * Math.expm1(-events * share), 0);
}

/** How many different keys so many events have in the mean, where keys come by a law. */
export function expectedKeys(popularity: Popularity, events: number): number {
  return expected(groupsOf(popularity), events);
}

/** The sum of the squares of the shares of the events that the keys have. */
export function sharesSquared(popularity: Popularity): number {
  return groupsOf(popularity).reduce((sum, { keys, share }) => sum + keys * share ** 2, 0);
}

/** The share of the events that the most frequent key has, 0 to 1. */
export function hottestShare(popularity: Popularity): number {
  return groupsOf(popularity)[0]?.share ?? 1;
}

/** The law that fits a measured curve of keys best: the least squares of the logarithms. */
export function popularityOf(points: readonly Point[]): Popularity {
  const seen = Math.max(1, points.at(-1)?.[1] ?? 1);
  const errorOf = (popularity: Popularity): number => {
    const groups = groupsOf(popularity);
    return points.reduce((sum, [events, keys]) => {
      return sum + Math.log(expected(groups, events) / keys) ** 2;
    }, 0);
  };
  let best: Popularity = { exponent: 0, keys: seen };
  let least = errorOf(best);
  const consider = (exponent: number, keys: number): void => {
    const one = { exponent, keys: Math.max(seen, keys) };
    const error = errorOf(one);
    if (error < least) [best, least] = [one, error];
  };
  for (let tenths = 0; tenths <= 20; tenths += 1) {
    for (let doublings = 0; doublings <= 8; doublings += 0.5) {
      consider(tenths / 10, seen * 2 ** doublings);
    }
  }
  for (let [step, factor] = [0.05, 2 ** 0.25]; step > 1e-3; step /= 2, factor = Math.sqrt(factor)) {
    const { exponent, keys } = best;
    for (const by of [-step, 0, step]) {
      for (const times of [1 / factor, 1, factor])
        consider(Math.max(0, exponent + by), keys * times);
    }
  }
  return best;
}

/** What is needed of a view. */
interface MeasuredKeys {
  readonly keys: readonly { readonly events: number; readonly keys: number }[];
  readonly popularity: Popularity;
}

const curves = new WeakMap<MeasuredKeys, Map<number, Curve>>();
/** How many keys so many events have. */
type Curve = (events: number) => number;
/** The curve is drawn on by the law until nearly all keys have come. */
const coverageMax = 0.999;

/**
 * The curve of keys by events of a view that has so many keys. It is the measured one where there are as many as
 * were measured. Else it takes as many events to see a share of the keys as the law says, beside what was
 * measured: exact for keys that all come alike, and for keys by Zipf's law.
 */
export function keyCurve(view: MeasuredKeys, keys: number): Curve {
  const known = curves.get(view) ?? new Map<number, Curve>();
  curves.set(view, known);
  const found = known.get(keys);
  if (found !== undefined) return found;
  const curve = curveThrough(pointsOf(view, Math.max(1, keys)), 'stays');
  known.set(keys, curve);
  return curve;
}

function pointsOf(view: MeasuredKeys, keys: number): readonly Point[] {
  const { popularity } = view;
  const measured = drawnOn(view);
  if (keys === popularity.keys) return measured;
  const [before, after] = [groupsOf(popularity), groupsOf({ ...popularity, keys })];
  const factor = keys / popularity.keys;
  const points = measured.map(([events, seen]): Point => {
    const share = expected(before, events) / popularity.keys;
    return [eventsFor(after, share * keys, events * factor), seen * factor];
  });
  const [first] = measured;
  if (first === undefined || factor <= 1) return points;
  // Few events hardly ever have a key twice.
  return [[1, first[1] / first[0]], ...points];
}

/** What was measured, and on from there. */
function drawnOn({ keys, popularity }: MeasuredKeys): readonly Point[] {
  const points = keys.map((at): Point => [at.events, at.keys]);
  const last = points.at(-1);
  if (last === undefined) return points;
  const groups = groupsOf(popularity);
  const factor = last[1] / expected(groups, last[0]);
  for (let events = 2 * last[0]; ; events *= 2) {
    const seen = expected(groups, events);
    if (seen > coverageMax * popularity.keys || seen * factor > popularity.keys) return points;
    points.push([events, seen * factor]);
  }
}

const halvings = 36;
/** How far from in proportion the events for a share of the keys may be. */
const stretchMax = 1_000;

/** How many events it takes to see so many keys. */
function eventsFor(groups: readonly Group[], keys: number, near: number): number {
  let [from, to] = [Math.log(near / stretchMax), Math.log(near * stretchMax)];
  for (let i = 0; i < halvings; i += 1) {
    const middle = (from + to) / 2;
    if (expected(groups, Math.exp(middle)) < keys * (1 - 1e-12)) from = middle;
    else to = middle;
  }
  return Math.exp(to);
}
