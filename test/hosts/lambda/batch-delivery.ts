import type { Wait } from '../wait.ts';
import { batchResponse } from './batch-response.ts';
import type { Discarded } from './failure-destination.ts';
import type { ShardRecord } from './kinesis-event.ts';
import { type InvocationResult, InvokeError } from './lambda-function.ts';
import type { MappingSettings } from './mapping-settings.ts';

/** What a delivery does, and where the time comes from. */
export interface BatchDeliveryParts {
  readonly settings: MappingSettings;
  /** Rejects with an InvokeError where the function was not run, or its answer was lost. */
  readonly invoke: (records: readonly ShardRecord[]) => Promise<InvocationResult>;
  readonly discard: (discarded: Discarded) => Promise<void>;
  /** All up to here is done. */
  readonly checkpoint: (last: ShardRecord) => void;
  readonly onRetry: (failures: number, delayMs: number) => void;
  readonly now: () => number;
  readonly wait: Wait;
  readonly stopping: AbortSignal;
}

/** Records that are delivered together, and how often that failed. */
interface Part {
  readonly records: readonly ShardRecord[];
  readonly failures: number;
  readonly last: InvocationResult | null;
}

const delayMsMax = 60_000;

/** How long a part waits after its n-th failure: eight deliveries in a minute, as was recorded. */
export const retryDelayMs = (failures: number): number =>
  Math.min(delayMsMax, 500 * 2 ** (failures - 1));

/**
 * Delivers one batch of a shard until all of it is processed or given up, as the event source mapping does. What the
 * function reports as failed is a rewind: all from the first failed record on comes again, and the failures count
 * from the start.
 */
export async function deliverBatch(
  records: readonly ShardRecord[],
  parts: BatchDeliveryParts,
): Promise<void> {
  const { settings, stopping } = parts;
  const open: Part[] = [{ records, failures: 0, last: null }];
  for (let part = open.shift(); part !== undefined; part = open.shift()) {
    const fresh = await discardExpired(part, parts);
    if (fresh.length === 0) continue;
    if (stopping.aborted) return;
    const result = await invokeUntilHeard(fresh, parts);
    if (result === null) {
      // It was not the function that failed: the records may have expired meanwhile.
      if (stopping.aborted) return;
      open.unshift({ ...part, records: fresh });
      continue;
    }
    const done = doneOf(fresh, result, settings);
    if (done > 0) parts.checkpoint(fresh[done - 1]!);
    const rest = fresh.slice(done);
    if (rest.length === 0) continue;
    const failures = done > 0 ? 0 : part.failures + 1;
    if (done === 0 && settings.bisects && rest.length > 1) {
      const middle = Math.ceil(rest.length / 2);
      const { failures: before } = part;
      open.unshift(
        { records: rest.slice(0, middle), failures: before, last: result },
        { records: rest.slice(middle), failures: before, last: result },
      );
    } else if (failures > settings.retriesMax) {
      await parts.discard({
        ...{ records: rest, condition: 'RetryAttemptsExhausted', invocations: failures },
        ...{ requestId: result.requestId, response: { functionError: result.functionError } },
      });
      parts.checkpoint(rest.at(-1)!);
      continue;
    } else {
      open.unshift({ records: rest, failures, last: result });
    }
    await pause(Math.max(1, failures), parts);
  }
}

/** How many of the records are processed. */
function doneOf(
  records: readonly ShardRecord[],
  result: InvocationResult,
  { reportsItemFailures }: MappingSettings,
): number {
  const ids = records.map(({ event }) => event.kinesis.sequenceNumber);
  const { failed } = batchResponse(result, reportsItemFailures, ids);
  if (failed === null) return 0;
  const first = ids.findIndex((id) => failed.has(id));
  return first === -1 ? records.length : first;
}

/** Gives up the oldest records of a part, as far as they are too old; gives the others. */
async function discardExpired(
  { records, failures, last }: Part,
  { settings, discard, checkpoint, now }: BatchDeliveryParts,
): Promise<readonly ShardRecord[]> {
  const oldestMs = now() - settings.recordAgeMsMax;
  const fresh = records.findIndex(({ arrivalMs }) => arrivalMs >= oldestMs);
  const expired = records.slice(0, fresh === -1 ? records.length : fresh);
  if (expired.length === 0) return records;
  await discard({
    ...{ records: expired, condition: 'RecordAgeExceeded', invocations: failures + 1 },
    ...{ requestId: last?.requestId ?? null, response: null },
  });
  checkpoint(expired.at(-1)!);
  return records.slice(expired.length);
}

/** Null if the function was not run, or its answer was lost: that does not count as a failure of the function. */
async function invokeUntilHeard(
  records: readonly ShardRecord[],
  parts: BatchDeliveryParts,
): Promise<InvocationResult | null> {
  try {
    return await parts.invoke(records);
  } catch (error) {
    if (!(error instanceof InvokeError)) throw error;
    await pause(1, parts);
    return null;
  }
}

async function pause(failures: number, parts: BatchDeliveryParts): Promise<void> {
  const delayMs = retryDelayMs(failures);
  parts.onRetry(failures, delayMs);
  await parts.wait(delayMs, parts.stopping);
}
