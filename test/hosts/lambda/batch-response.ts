import type { InvocationResult } from './lambda-function.ts';

/**
 * What a function says of a batch: `failed` holds the identifiers of the items that failed, null for the whole batch.
 * A member that is missing or null means that nothing failed; an item without a usable identifier fails all.
 */
export interface BatchResponse {
  readonly failed: ReadonlySet<string> | null;
}

const success: BatchResponse = { failed: new Set() };
const failure: BatchResponse = { failed: null };

/** Reads the answer of a function with `ReportBatchItemFailures`; `ids` are those of the batch. */
export function batchResponse(
  { payload, functionError }: InvocationResult,
  reportsItemFailures: boolean,
  ids: readonly string[],
): BatchResponse {
  if (functionError !== null) return failure;
  if (!reportsItemFailures || payload.length === 0) return success;
  const answer: unknown = parsed(payload);
  if (answer === undefined) return failure;
  const failures = memberOf(answer, 'batchItemFailures') ?? [];
  if (!Array.isArray(failures)) return failure;
  const failed = new Set<string>();
  for (const each of failures) {
    const id = memberOf(each, 'itemIdentifier');
    if (typeof id !== 'string' || !ids.includes(id)) return failure;
    failed.add(id);
  }
  return { failed };
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/** Undefined for what is not JSON. */
function parsed(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString());
  } catch {
    return undefined;
  }
}
