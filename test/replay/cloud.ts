import type { Counts } from './counts.ts';

/** An app on its cloud's emulators, whose calls are counted where they arrive. */
export interface ReplayCloud {
  readonly counts: Counts;
  /** Puts records into a partition of the stream and gives them to the function, as one batch. */
  bring(partition: number, bodies: readonly Uint8Array[]): Promise<void>;
  /** A round of maintenance. */
  maintain(): Promise<void>;
  /** Asks for the rows of windows that start in a range, epoch milliseconds. */
  query(from: number, to: number): Promise<void>;
  stop(): Promise<void>;
}

/** The path of a query. */
export function queryPath(from: number, to: number): string {
  const text = (time: number): string => new Date(time).toISOString();
  return `/v1/views/byPage?from=${text(from)}&to=${text(to)}&limit=20`;
}
