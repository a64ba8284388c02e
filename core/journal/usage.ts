import type { Reader, Writer } from '../bytes.ts';

/**
 * What a pipeline has used of what clouds bill, in whole numbers that only grow. Units are those of every cloud at
 * once, by `UsageRules`: which of them somebody pays is not known here.
 */
export interface Usage {
  /** Batches that were delivered. */
  readonly batches: number;
  /** How long they took, one by one, milliseconds. */
  readonly busyMs: number;
  /** For how long an instance had any of them under way, by the steps in which that is billed, milliseconds. */
  readonly activeMs: number;
  /** Records that were committed, once each. */
  readonly records: number;
  readonly recordBytes: number;
  /** Units that a stream bills for taking them: payload units, ingress events. */
  readonly payloadUnits: number;
  readonly ingressUnits: number;
  /** Calls of the state store, and what it bills for them: capacity units, thousandths of request units. */
  readonly writes: number;
  readonly writeUnits: number;
  readonly reads: number;
  readonly readUnits: number;
  readonly requestMilliunits: number;
}

/** Nothing was used. */
export const noUsage: Usage = {
  ...{ batches: 0, busyMs: 0, activeMs: 0 },
  ...{ records: 0, recordBytes: 0, payloadUnits: 0, ingressUnits: 0 },
  ...{ writes: 0, writeUnits: 0, reads: 0, readUnits: 0, requestMilliunits: 0 },
};

const names = Object.keys(noUsage) as readonly (keyof Usage)[];

/** The sum of two. A figure that has grown beyond all reason stays as large as it can be: it must not stop a partition. */
export function addUsage(a: Usage, b: Partial<Usage>): Usage {
  const sum: { -readonly [K in keyof Usage]: number } = { ...a };
  for (const name of names) {
    sum[name] = Math.min(Number.MAX_SAFE_INTEGER, a[name] + (b[name] ?? 0));
  }
  return sum;
}

/** Writes it as integers; nothing used is one byte. */
export function encodeUsage(out: Writer, usage: Usage): void {
  const some = names.some((name) => usage[name] > 0);
  out.byte(some ? 1 : 0);
  if (some) for (const name of names) out.unsigned(usage[name]);
}

/** @throws MillraceError `damaged` for bytes that `encodeUsage` can't have written. */
export function decodeUsage(from: Reader): Usage {
  const form = from.byte();
  if (form > 1) throw from.damaged('an unknown form of usage');
  if (form === 0) return noUsage;
  return Object.fromEntries(names.map((name) => [name, from.unsigned()])) as never;
}
