/** One measured figure: a line of the bench's output. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** How it compares with the limit measured in the same run, where there is one. */
  readonly ratio?: number;
  /** The target in words; null where none is stated. */
  readonly target: string | null;
  readonly met: boolean | null;
}

/** A figure held against the largest value that meets its target. */
export function atMost(name: string, value: number, unit: string, most: number): Figure {
  const rounded = Number(value.toPrecision(4));
  const ratio = unit === 'x' ? { ratio: rounded } : {};
  return { name, value: rounded, unit, ...ratio, target: `<= ${most} ${unit}`, met: value <= most };
}

/** A figure without a target. */
export function reported(name: string, value: number, unit: string): Figure {
  return { name, value: Number(value.toPrecision(4)), unit, target: null, met: null };
}

/** CPU time of a synchronous call, all threads of the process (garbage collection included), milliseconds. */
export function cpuMs(call: () => unknown): number {
  const before = process.cpuUsage();
  call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The value below which the given share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = Math.min(sorted.length - 1, Math.floor(sorted.length * share));
  return sorted[at] as number;
}
