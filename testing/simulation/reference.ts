import { ManualClock } from '../../adapters/memory/manual-clock.ts';
import { MemoryMessageQueue } from '../../adapters/memory/memory-message-queue.ts';
import { MemoryObjectStore } from '../../adapters/memory/memory-object-store.ts';
import { MemoryStateStore } from '../../adapters/memory/memory-state-store.ts';
import { MemoryTelemetry } from '../../adapters/memory/memory-telemetry.ts';
import { endStream } from '../../core/journal/partitions.ts';
import { defaultLimits } from '../../core/limits.ts';
import type { Plan } from '../../core/plan.ts';
import {
  type PartitionInfo,
  type StreamRead,
  StreamReader,
} from '../../core/ports/stream-reader.ts';
import { Processor } from '../../core/process.ts';
import { Reader } from '../../core/query/reader.ts';
import { compression } from './compression.ts';
import type { StreamLog } from './ports.ts';
import { type WholeResult, wholeResult } from './whole-result.ts';

/** Logs as a stream of which all is delivered, so that nothing is ever read from it. */
class DeliveredStream extends StreamReader {
  override readonly contiguous: boolean = false;
  private readonly logs: readonly StreamLog[];

  constructor(logs: readonly StreamLog[]) {
    super();
    this.logs = logs;
  }

  override async partitions(): Promise<PartitionInfo[]> {
    return this.logs.map((_, index) => ({ id: String(index), parents: [] }));
  }

  override async bounds(partition: string) {
    const { records } = this.logs[Number(partition)] as StreamLog;
    return { earliest: records[0]?.position ?? 0n, latest: null };
  }

  override async read(): Promise<StreamRead> {
    return { records: [], caughtUp: true, ended: false };
  }
}

/** What the core makes of logs without any fault: each partition comes once, as one batch. */
export async function referenceOf(plan: Plan, logs: readonly StreamLog[]): Promise<WholeResult> {
  const clock = new ManualClock();
  const stream = new DeliveredStream(logs);
  const journal = {
    ...{ plan, limits: defaultLimits, compression },
    ...{ store: new MemoryStateStore(), objects: new MemoryObjectStore() },
    scope: { pipeline: plan.name, generation: 1 },
  };
  const processor = new Processor({
    ...{ journals: [journal], clock, stream, random: () => 0.5, retentionSeconds: 86_400 },
    notices: new MemoryMessageQueue(clock),
    telemetry: new MemoryTelemetry(),
  });
  for (const [partition, { records }] of logs.entries()) {
    if (records.length === 0) continue;
    const { failures } = await processor.process({ partition: String(partition), records }, 60_000);
    for (const { error } of failures) throw error;
  }
  await endStream(journal);
  return wholeResult(journal, new Reader(journal, stream, clock));
}
