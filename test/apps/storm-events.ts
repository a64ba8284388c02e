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

/** The day after it, when they arrive. */
const nextDay = day + 86_400_000;

/** A record of ten events that are nobody else's: `name` is what their ids begin with. */
export function tenEvents(name: string, arrival: number = nextDay): RawRecord {
  const lines = Array.from({ length: 10 }, (_, n) => {
    const id = `${name}-${n}`;
    return JSON.stringify({ id, at: day + n * 1_000, key: `k${n % 3}`, value: 1 + n });
  });
  return { arrival, body: Buffer.from(lines.join('\n')) };
}
