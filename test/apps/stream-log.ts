import type { StreamRecord } from '../../core/event.ts';
import type { StreamReader } from '../../core/ports/stream-reader.ts';
import type { AppUnderTest } from './app-under-test.ts';

/** What a partition of a stream holds. */
export interface PartitionLog {
  readonly id: string;
  /** Those that it was split or merged from. */
  readonly parents: readonly string[];
  readonly records: readonly StreamRecord[];
}

const readRecordsMax = 1_000;

/** All that a stream holds. */
export async function logOf(stream: StreamReader): Promise<PartitionLog[]> {
  const logs: PartitionLog[] = [];
  for (const { id, parents } of await stream.partitions()) {
    logs.push({ id, parents, records: await recordsOf(stream, id) });
  }
  return logs;
}

/** All records of a partition, to its end or as far as there are any. */
async function recordsOf(stream: StreamReader, partition: string): Promise<StreamRecord[]> {
  const records: StreamRecord[] = [];
  for (let from = 0n; ; ) {
    const read = await stream.read(partition, from, readRecordsMax);
    records.push(...read.records);
    if (read.caughtUp) return records;
    from = (records.at(-1)?.position ?? -1n) + 1n;
  }
}

/** Puts what one stream holds into another, at the same places with the same times. */
export async function copyStream({ stream }: AppUnderTest, to: AppUnderTest): Promise<void> {
  for (const [index, { records }] of (await logOf(stream)).entries()) {
    await to.put(String(index), records);
  }
}
