import type { Cloud, PriceBook } from './price-book.ts';
import type { Profile } from './profile.ts';
import { templateBill } from './total.ts';
import { type Workload, workloadRanges } from './workload.ts';

/** What a field at another value makes of the bill. */
export interface Changed {
  readonly value: number;
  /** Dollars in a month. */
  readonly total: number;
}

/** What halving and doubling a field makes of the bill. */
export interface Sensitivity {
  readonly field: SensitiveField;
  readonly value: number;
  readonly half: Changed;
  readonly double: Changed;
  /** The difference that the two make, dollars. */
  readonly swing: number;
}

type SensitiveField = Exclude<
  keyof Workload,
  'shape' | 'peakFactor' | 'archive' | 'retentionHours' | 'rowDays' | 'queryRows' | 'querySeconds'
>;

const fields: readonly SensitiveField[] = [
  'eventsPerSecond',
  'eventBytes',
  'recordEvents',
  'keys',
  'partitions',
  'batchWindowSeconds',
  'queriesPerSecond',
];

/** What changes the bill most, first: each field halved and doubled, within its bounds. */
export function sensitivityOf(
  cloud: Cloud,
  workload: Workload,
  profile: Profile,
  book: PriceBook,
): Sensitivity[] {
  const known = profile.views[0]?.popularity.keys ?? 1;
  return fields
    .map((field): Sensitivity => {
      const value = field === 'keys' ? (workload.keys ?? known) : workload[field];
      const at = (factor: number): Changed => {
        const { least, most, whole } = workloadRanges[field];
        // Below a second the window of a batch changes nothing.
        const from = field === 'batchWindowSeconds' ? Math.max(1, value) : value;
        const scaled = Math.min(most, Math.max(least, from * factor));
        const changed = whole ? Math.max(1, Math.round(scaled)) : scaled;
        const { total } = templateBill(cloud, { ...workload, [field]: changed }, profile, book);
        return { value: changed, total };
      };
      const [half, double] = [at(0.5), at(2)];
      return { field, value, half, double, swing: Math.abs(double.total - half.total) };
    })
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.swing - a.swing);
}
