import type { AzureModes } from './azure/settings.ts';
import { billOf } from './bill.ts';
import { type Fitted, fitted } from './fitted.ts';
import type { Cloud, PriceBook } from './price-book.ts';
import type { Profile } from './profile.ts';
import { rivalsOf } from './rivals.ts';
import { templateBill } from './total.ts';
import { type Workload, workloadRanges } from './workload.ts';

/** What a rate costs with each design, dollars in a month. */
export interface RatePoint {
  readonly eventsPerSecond: number;
  /** Others than the workload's where those do not carry the rate. */
  readonly partitions: number;
  /** The mode of Cosmos DB: serverless as far as it carries the rate. */
  readonly store: AzureModes['store'];
  /** Null where no partitions carry it. */
  readonly millrace: number | null;
  /** Null where one can't carry it. */
  readonly rivals: Readonly<Record<string, number | null>>;
}

/** Where a rival is cheaper, and both carry the rate: rates from and to, null for an end of the grid. */
export interface BreakEven {
  readonly rival: string;
  readonly cheaper: readonly { readonly from: number | null; readonly to: number | null }[];
}

/** The rate up to which something carries a workload, and what it can't pass there. */
export interface End {
  /** Null where it carries not even the lowest rate. */
  readonly rate: number | null;
  /** Names of limits. */
  readonly passed: readonly string[];
}

/** Costs over rates, and where a rival wins. */
export interface Curves {
  readonly points: readonly RatePoint[];
  readonly breakEvens: readonly BreakEven[];
  /** Where the curve of Millrace ends; null where it has all rates. */
  readonly end: End | null;
}

const first = 0.1;
const decades = 6;
const perDecade = 4;

/** The rates of the curves: 0.1 to 100,000 events/s, four to a decade. */
export const rates: readonly number[] = Array.from(
  { length: decades * perDecade + 1 },
  (_, index) => first * 10 ** (index / perDecade),
);

/** What a workload costs at every rate, with this and with other designs. */
export function curvesOf(
  cloud: Cloud,
  workload: Workload,
  profile: Profile,
  book: PriceBook,
): Curves {
  const points = rates.map((rate) => pointAt(cloud, workload, profile, book, rate));
  const names = Object.keys(points[0]?.rivals ?? {});
  const breakEvens = names.map((rival): BreakEven => {
    const gains = (rate: number): boolean => {
      return isCheaper(pointAt(cloud, workload, profile, book, rate), rival);
    };
    return { rival, cheaper: spans(points, rival, gains) };
  });
  return {
    points,
    breakEvens,
    end: endOf(points, (rate) => atRate(cloud, workload, profile, rate)),
  };
}

function isCheaper({ millrace, rivals }: RatePoint, rival: string): boolean {
  const total = rivals[rival];
  return millrace !== null && total !== null && total !== undefined && total < millrace;
}

function atRate(cloud: Cloud, workload: Workload, profile: Profile, rate: number): Fitted {
  const eventsPerSecond = Math.min(rate, workloadRanges.eventsPerSecond.most);
  return fitted(cloud, { ...workload, eventsPerSecond }, profile);
}

function pointAt(
  cloud: Cloud,
  workload: Workload,
  profile: Profile,
  book: PriceBook,
  rate: number,
): RatePoint {
  const { workload: at, store, passed } = atRate(cloud, workload, profile, rate);
  const { eventsPerSecond, partitions } = at;
  const rivals = rivalsOf(cloud, at, profile, book).map(({ name, meters, carries }) => {
    return [name, carries ? billOf(meters, book).total : null] as const;
  });
  const { total } = templateBill(cloud, at, profile, book, store);
  return {
    ...{ eventsPerSecond, partitions, store },
    millrace: passed.length === 0 ? total : null,
    rivals: Object.fromEntries(rivals),
  };
}

/** Where no partitions carry a rate any more, which is found between two points. */
function endOf(points: readonly RatePoint[], fittedAt: (rate: number) => Fitted): End | null {
  const index = points.findIndex(({ millrace }) => millrace === null);
  const point = points[index];
  if (point === undefined) return null;
  const before = points[index - 1];
  if (before === undefined) return { rate: null, passed: fittedAt(point.eventsPerSecond).passed };
  const isFull = (rate: number): boolean => fittedAt(rate).passed.length > 0;
  const rate = turnOf(before.eventsPerSecond, point.eventsPerSecond, false, isFull);
  // Beyond what the search and the rounding leave open.
  return { rate, passed: fittedAt(rate * 1.1).passed };
}

/** The spans of rates in which a rival is cheaper, their ends found between two points. */
function spans(
  points: readonly RatePoint[],
  rival: string,
  gains: (rate: number) => boolean,
): BreakEven['cheaper'] {
  const found: { from: number | null; to: number | null }[] = [];
  let before: { rate: number; wins: boolean } | null = null;
  for (const point of points) {
    const { eventsPerSecond: rate } = point;
    const wins = isCheaper(point, rival);
    if (wins && before === null) found.push({ from: null, to: null });
    if (before !== null && wins !== before.wins) {
      const turn = turnOf(before.rate, rate, before.wins, gains);
      const last = found.at(-1);
      if (wins) found.push({ from: turn, to: null });
      else if (last !== undefined) last.to = turn;
    }
    before = { rate, wins };
  }
  return found;
}

function turnOf(
  from: number,
  to: number,
  isAtFrom: boolean,
  gains: (rate: number) => boolean,
): number {
  let [low, high] = [from, to];
  while (high / low > 1.02) {
    const middle = Math.sqrt(low * high);
    if (gains(middle) === isAtFrom) low = middle;
    else high = middle;
  }
  return Number(Math.sqrt(low * high).toPrecision(2));
}
