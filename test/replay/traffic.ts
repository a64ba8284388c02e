import { clickTexts, from } from '../../bench/clicks.ts';
import { bodyOf } from '../../cli/profile/feed.ts';
import { hashBytes } from '../../core/hash.ts';
import type { Workload } from '../../cost/workload.ts';

/** What comes in one second of event time. */
export interface Second {
  /** Its end, epoch milliseconds. */
  readonly end: number;
  /** Bodies of the records that are complete, by partition. */
  readonly records: readonly (readonly Uint8Array[])[];
}

/** Another seed than that of the profile: the replay is of other clicks. */
const seed = 77;
/** Compactions come every 64 seconds, pages every 60: this puts the one between the beginnings of the other. */
const offsetSeconds = 2;

/** The clicks of a workload, second by second, each in the partition of its page, packed as the publisher packs. */
export function* secondsOf(workload: Workload, seconds: number): Generator<Second> {
  const { eventsPerSecond: rate, partitions, recordEvents } = workload;
  const keys = workload.keys ?? 1;
  const texts = clickTexts({ count: (offsetSeconds + seconds) * rate, rate, keys, seed });
  const open: string[][] = Array.from({ length: partitions }, () => []);
  let count = 0;
  let records: Uint8Array[][] = open.map(() => []);
  for (const text of texts) {
    count += 1;
    if (count <= offsetSeconds * rate) continue;
    const { page } = JSON.parse(text) as { page: string };
    const partition = Number(hashBytes(Buffer.from(page)) % BigInt(partitions));
    const held = open[partition] as string[];
    held.push(text);
    if (held.length === recordEvents) {
      (records[partition] as Uint8Array[]).push(bodyOf(held.splice(0)));
    }
    if (count % rate !== 0) continue;
    yield { end: from + (count / rate) * 1_000, records };
    records = open.map(() => []);
  }
}
