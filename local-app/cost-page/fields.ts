import { peakFactorMost, type Shape, type Workload, workloadRanges } from '../../cost/workload.ts';

/** A field of the workload that is a number. */
export type NumberName = keyof typeof workloadRanges;

/** How a field is shown. */
export interface Field {
  readonly name: NumberName;
  readonly label: string;
  readonly unit: string;
  /** The lowest position of a slider that steps through decades. */
  readonly from?: number;
  /** A slider of equal steps. */
  readonly step?: number;
}

/** A group of fields. */
export interface Group {
  readonly title: string;
  readonly fields: readonly Field[];
}

/** All fields that are numbers, as they stand on the page. */
export const groups: readonly Group[] = [
  {
    title: 'Events',
    fields: [
      { name: 'eventsPerSecond', label: 'Rate', unit: 'events/s', from: 0.1 },
      { name: 'peakFactor', label: 'Peak', unit: 'x mean', step: 0.1 },
      { name: 'eventBytes', label: 'Size', unit: 'bytes', from: 10 },
      { name: 'recordEvents', label: 'Packed', unit: 'by record' },
      { name: 'keys', label: 'Keys', unit: 'keys' },
    ],
  },
  {
    title: 'Stream',
    fields: [
      { name: 'partitions', label: 'Partitions', unit: '' },
      { name: 'batchWindowSeconds', label: 'Batch window', unit: 's', step: 1 },
      { name: 'retentionHours', label: 'Retention', unit: 'hours', step: 1 },
    ],
  },
  {
    title: 'Answers',
    fields: [
      { name: 'queriesPerSecond', label: 'Queries', unit: 'queries/s', from: 0.01 },
      { name: 'queryRows', label: 'Answer rows', unit: 'rows' },
      { name: 'rowDays', label: 'Keep rows', unit: 'days' },
    ],
  },
];

const steps = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8] as const;

/** The values that the slider of a field goes through: ten to a decade, or equal steps, and always both bounds. */
export function positionsOf({ name, from = 1, step }: Field, shape: Shape): readonly number[] {
  const { least, whole, most: limit } = workloadRanges[name];
  const most = name === 'peakFactor' ? peakFactorMost[shape] : limit;
  if (step !== undefined) {
    const count = Math.round((most - least) / step);
    return Array.from({ length: count + 1 }, (_, i) => Number((least + i * step).toFixed(1)));
  }
  const decades = Math.ceil(Math.log10(most / from));
  const values = Array.from({ length: decades }, (_, decade) =>
    steps.map((one) => Number((one * from * 10 ** decade).toPrecision(2))),
  ).flat();
  const within = values.filter(
    (value) => value > least && value < most && (!whole || Number.isInteger(value)),
  );
  return [least, ...within, most];
}

/** The position that is nearest to a value. */
export function nearest(positions: readonly number[], value: number): number {
  const above = positions.findIndex((position) => position >= value);
  if (above <= 0) return above === 0 ? 0 : positions.length - 1;
  const [low, high] = [positions[above - 1] as number, positions[above] as number];
  return value - low < high - value ? above - 1 : above;
}

/** Whether a field has a say: the peak of a flat workload has none. */
export function isUsed(name: NumberName, { shape, queriesPerSecond }: Workload): boolean {
  if (name === 'peakFactor') return shape !== 'flat';
  return name !== 'queryRows' || queriesPerSecond > 0;
}
