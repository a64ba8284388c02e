import { clickTexts, from } from '../../bench/clicks.ts';
import { bodyOf } from '../../cli/profile/feed.ts';
import { hashBytes } from '../../core/hash.ts';
import type { Workload } from '../../cost/workload.ts';

/** What comes in the window of a batch. */
export interface Window {
  /** Its end, epoch milliseconds. */
  readonly end: number;
  /** Bodies of the records that are complete, by partition. */
  readonly records: readonly (readonly Uint8Array[])[];
}

/** Another seed than that of the profile: the replay is of other clicks. */
const seed = 77;
/** The clicks of a workload, window by window, each in the partition of its page, packed as the publisher packs. */
export function* windowsOf(
  workload: Workload,
  seconds: number,
  offsetSeconds: number,
): Generator<Window> {
  const { eventsPerSecond: rate, partitions, recordEvents, batchWindowSeconds } = workload;
  const keys = workload.keys ?? 1;
  const first = offsetSeconds * rate;
  const windowEvents = rate * batchWindowSeconds;
  const texts = clickTexts({ count: first + seconds * rate, rate, keys, seed });
  const open: string[][] = Array.from({ length: partitions }, () => []);
  let count = 0;
  let records: Uint8Array[][] = open.map(() => []);
  for (const text of texts) {
    count += 1;
    if (count <= first) continue;
    const { page } = JSON.parse(text) as { page: string };
    const partition = Number(hashBytes(Buffer.from(page)) % BigInt(partitions));
    const held = open[partition] as string[];
    held.push(text);
    if (held.length === recordEvents) {
      (records[partition] as Uint8Array[]).push(bodyOf(held.splice(0)));
    }
    if ((count - first) % windowEvents !== 0) continue;
    yield { end: from + (count / rate) * 1_000, records };
    records = open.map(() => []);
  }
}
