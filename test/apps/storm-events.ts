import type { RawRecord } from './app-under-test.ts';

/** An event of the storm pipeline. */
export interface StormEvent {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly key: string;
  readonly value: number;
}

/** The day on which all events of a storm happen, epoch milliseconds. */
export const day = Date.UTC(2026, 0, 1);

/** Events that arrive together in one record. */
export function recordOf(events: readonly StormEvent[]): RawRecord {
  const lines = events.map((event) => JSON.stringify(event)).join('\n');
  return { arrival: day + 86_400_000, body: Buffer.from(lines) };
}

/** A record of events that are nobody else's: `name` is what their ids begin with. */
export function plainRecord(name: string, count = 10): RawRecord {
  const one = (_: unknown, n: number) => ({
    ...{ id: `${name}-${n}`, at: day + n * 1_000, key: `k${n % 3}`, value: 1 + n },
  });
  return recordOf(Array.from({ length: count }, one));
}
