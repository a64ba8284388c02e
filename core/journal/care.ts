import { Reader, Writer } from '../bytes.ts';
import { nameOf, open, seal } from './envelope.ts';
import type { Journal } from './journal.ts';
import { careSort, partitionKeyOf } from './keys.ts';

/** What maintenance remembers of a partition. */
export interface Care {
  /** When the entries that are needed were last renewed, epoch milliseconds. */
  readonly renewedAt: number;
  /** The last entry whose notice of dead letters is known to be sent, its arrival, and the dead letters up to there. */
  readonly noticedTo: number;
  readonly noticedArrival: number;
  readonly dead: number;
  /** Records that were known to be lost. */
  readonly lost: number;
  /** Where the journal stood while the stream had more; null if it had not. */
  readonly stood: bigint | null;
  /** The watermark at the last look; to where events had moved it, and when that was seen, epoch milliseconds. */
  readonly watermark: number;
  readonly moved: number;
  readonly movedAt: number;
}

/** What was remembered, with the version it was read at. */
export interface StoredCare {
  readonly care: Care;
  readonly version: string;
}

/** What maintenance remembers of a partition; null before its first round. */
export async function readCare(journal: Journal, partition: string): Promise<StoredCare | null> {
  const key = { partition: partitionKeyOf(journal.scope, partition), sort: careSort };
  const item = await journal.store.read(key);
  if (item === null) return null;
  const from = new Reader(open('care', key, item.body), nameOf(key));
  const care: Care = {
    renewedAt: from.unsigned(),
    noticedTo: from.integer(),
    noticedArrival: from.unsigned(),
    dead: from.unsigned(),
    lost: from.unsigned(),
    stood: from.byte() === 1 ? BigInt(from.signed()) : null,
    watermark: from.integer(),
    moved: from.integer(),
    movedAt: from.unsigned(),
  };
  from.end();
  return { care, version: item.version };
}

/** Puts a new memory in place of the one read before; false if another round was first. */
export function writeCare(
  journal: Journal,
  partition: string,
  care: Care,
  before: StoredCare | null,
): Promise<boolean> {
  const key = { partition: partitionKeyOf(journal.scope, partition), sort: careSort };
  const out = new Writer(64);
  out.unsigned(care.renewedAt);
  out.signed(care.noticedTo);
  out.unsigned(care.noticedArrival);
  out.unsigned(care.dead);
  out.unsigned(care.lost);
  out.byte(care.stood === null ? 0 : 1);
  if (care.stood !== null) out.signed(care.stood);
  out.signed(care.watermark);
  out.signed(care.moved);
  out.unsigned(care.movedAt);
  const body = seal('care', key, out.done());
  return before
    ? journal.store.replace(key, body, before.version)
    : journal.store.create(key, body);
}
