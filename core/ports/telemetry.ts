/** Labels of a figure, few and of few values: `{ pipeline: 'flights', partition: '3' }`. */
export type Labels = Readonly<Record<string, string>>;

/** Where figures about the running system go. Never throws, never waits; names are snake_case with the unit last. */
export abstract class Telemetry {
  /** Adds to a counter. */
  abstract count(name: string, by: number, labels: Labels): void;
  /** Sets a gauge. */
  abstract gauge(name: string, value: number, labels: Labels): void;
  /** Records one value of a distribution. */
  abstract record(name: string, value: number, labels: Labels): void;
}
