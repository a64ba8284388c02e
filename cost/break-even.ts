import { billOf } from './bill.ts';
import { fitted } from './capacity.ts';
import type { Cloud, PriceBook } from './price-book.ts';
import type { Profile } from './profile.ts';
import { rivalsOf } from './rivals.ts';
import { templateBill } from './total.ts';
import { type Workload, workloadRanges } from './workload.ts';

/** What a rate costs with each design, dollars in a month. */
export interface RatePoint {
  readonly eventsPerSecond: number;
  /** Partitions: more than the workload's where those do not carry the rate. */
  readonly partitions: number;
  readonly millrace: number;
  /** Null where one can't carry it. */
  readonly rivals: Readonly<Record<string, number | null>>;
}

/** Where a rival is cheaper: rates from and to, null for an end of the grid. */
export interface BreakEven {
  readonly rival: string;
  readonly cheaper: readonly { readonly from: number | null; readonly to: number | null }[];
}

/** Costs over rates, and where a rival wins. */
export interface Curves {
  readonly points: readonly RatePoint[];
  readonly breakEvens: readonly BreakEven[];
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
  return { points, breakEvens };
}

function isCheaper({ millrace, rivals }: RatePoint, rival: string): boolean {
  const total = rivals[rival];
  return total !== null && total !== undefined && total < millrace;
}

function pointAt(
  cloud: Cloud,
  workload: Workload,
  profile: Profile,
  book: PriceBook,
  rate: number,
): RatePoint {
  const eventsPerSecond = Math.min(rate, workloadRanges.eventsPerSecond.most);
  const at = fitted(cloud, { ...workload, eventsPerSecond }, profile);
  const rivals = rivalsOf(cloud, at, profile, book).map(({ name, meters, carries }) => {
    return [name, carries ? billOf(meters, book).total : null] as const;
  });
  return {
    ...{ eventsPerSecond, partitions: at.partitions },
    millrace: templateBill(cloud, at, profile, book).total,
    rivals: Object.fromEntries(rivals),
  };
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
