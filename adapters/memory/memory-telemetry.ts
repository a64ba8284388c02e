import { type Labels, Telemetry } from '../../core/ports/telemetry.ts';

/** A figure as kept: of a distribution, its count, sum and extremes. */
export interface Figure {
  readonly name: string;
  readonly labels: Labels;
  readonly kind: 'count' | 'gauge' | 'distribution';
  /** The total of a counter, the last value of a gauge, the sum of a distribution. */
  readonly value: number;
  /** How many values were taken. */
  readonly values: number;
  /** The smallest and the largest value taken. */
  readonly min: number;
  readonly max: number;
}

/**
 * Keeps figures in memory, for tests and for the status page. Figures beyond `figuresMax` are not
 * kept.
 */
export class MemoryTelemetry extends Telemetry {
  /** How many figures (name and labels) are kept. */
  readonly figuresMax: number;
  private readonly kept = new Map<string, Figure>();

  constructor(options: { readonly figuresMax?: number } = {}) {
    super();
    this.figuresMax = options.figuresMax ?? 10_000;
  }

  override count(name: string, by: number, labels: Labels): void {
    this.take('count', name, by, labels);
  }

  override gauge(name: string, value: number, labels: Labels): void {
    this.take('gauge', name, value, labels);
  }

  override record(name: string, value: number, labels: Labels): void {
    this.take('distribution', name, value, labels);
  }

  /** All figures, ascending by name and labels. */
  figures(): Figure[] {
    const entries = [...this.kept].sort(([a], [b]) => (a < b ? -1 : 1));
    return entries.map(([, figure]) => figure);
  }

  /** One figure's value; undefined if it was never told. The order of the labels doesn't matter. */
  value(name: string, labels: Labels = {}): number | undefined {
    return this.kept.get(keyOf(name, labels))?.value;
  }

  /** The sum of the values of all figures of a name, whatever their labels. */
  total(name: string): number {
    let total = 0;
    for (const figure of this.kept.values()) if (figure.name === name) total += figure.value;
    return total;
  }

  private take(kind: Figure['kind'], name: string, value: number, labels: Labels): void {
    const key = keyOf(name, labels);
    const old = this.kept.get(key);
    if (old === undefined && this.kept.size >= this.figuresMax) return;
    this.kept.set(key, {
      name,
      labels: old?.labels ?? { ...labels },
      kind,
      value: kind === 'gauge' ? value : (old?.value ?? 0) + value,
      values: (old?.values ?? 0) + 1,
      min: Math.min(old?.min ?? value, value),
      max: Math.max(old?.max ?? value, value),
    });
  }
}

function keyOf(name: string, labels: Labels): string {
  const pairs = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([name, ...pairs]);
}
