import { Reader, Writer } from '../bytes.ts';
import { timeMin } from '../event.ts';
import { nameOf, open, seal } from './envelope.ts';
import type { Journal } from './journal.ts';
import { careSort, partitionKeyOf } from './keys.ts';
import type { Renewing } from './renew.ts';
import { carried } from './tally.ts';
import { addUsage, decodeUsage, encodeUsage, noUsage, type Usage } from './usage.ts';

/** What maintenance remembers of a partition. */
export interface Care extends Renewing {
  /** The last entry whose notice of dead letters is known to be sent, its arrival, and the dead letters up to there. */
  readonly noticedTo: number;
  readonly noticedArrival: number;
  readonly dead: number;
  /** Dead letters, and records that were lost, that have been told as figures. */
  readonly deadLettered: number;
  readonly lost: number;
  /** Where the journal stood while the stream had more; null if it had not. */
  readonly stood: bigint | null;
  /** The watermark at the last look; to where events had moved it, and when that was seen, epoch milliseconds. */
  readonly watermark: number;
  readonly moved: number;
  readonly movedAt: number;
}

/** What there is to remember before the first round. */
export const noCare: Care = {
  ...{ renewedAt: 0, renewing: null, noticedTo: -1, noticedArrival: 0, dead: 0 },
  ...{ deadLettered: 0, lost: 0 },
  ...{ stood: null, watermark: timeMin, moved: timeMin, movedAt: 0 },
};

/** Whether there is nothing new to remember. */
export function isSameCare(a: Care, b: Care): boolean {
  return (Object.keys(a) as (keyof Care)[]).every((name) => a[name] === b[name]);
}

/** What was remembered, with the version it was read at. */
export interface StoredCare {
  readonly care: Care;
  readonly version: string;
  /** What those who wrote it had used and written down nowhere else. */
  readonly used: Usage;
}

/** What maintenance remembers of a partition; null before its first round. */
export async function readCare(journal: Journal, partition: string): Promise<StoredCare | null> {
  const key = { partition: partitionKeyOf(journal.scope, partition), sort: careSort };
  const item = await journal.store.read(key);
  if (item === null) return null;
  const from = new Reader(open('care', key, item.body), nameOf(key));
  const care: Care = {
    renewedAt: from.unsigned(),
    renewing: from.byte() === 1 ? { partition: from.text(), index: from.unsigned() } : null,
    noticedTo: from.integer(),
    noticedArrival: from.unsigned(),
    dead: from.unsigned(),
    deadLettered: from.unsigned(),
    lost: from.unsigned(),
    stood: from.byte() === 1 ? BigInt(from.signed()) : null,
    watermark: from.integer(),
    moved: from.integer(),
    movedAt: from.unsigned(),
  };
  const used = decodeUsage(from);
  from.end();
  return { care, version: item.version, used };
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
  out.byte(care.renewing === null ? 0 : 1);
  if (care.renewing !== null) {
    out.text(care.renewing.partition);
    out.unsigned(care.renewing.index);
  }
  out.signed(care.noticedTo);
  out.unsigned(care.noticedArrival);
  out.unsigned(care.dead);
  out.unsigned(care.deadLettered);
  out.unsigned(care.lost);
  out.byte(care.stood === null ? 0 : 1);
  if (care.stood !== null) out.signed(care.stood);
  out.signed(care.watermark);
  out.signed(care.moved);
  out.unsigned(care.movedAt);
  return carried(journal.tally, (used) => {
    encodeUsage(out, addUsage(before?.used ?? noUsage, used));
    const body = seal('care', key, out.done());
    return before
      ? journal.store.replace(key, body, before.version)
      : journal.store.create(key, body);
  });
}
