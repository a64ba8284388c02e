import type { Reader, Writer } from '../bytes.ts';
import { isLive } from '../dedupe/seen.ts';
import type { PartitionState } from './state.ts';

/**
 * Entries of a partition that was split or merged, with ids that may come again in its children: a duplicate is
 * found across the split. Children of children inherit them too, as long as the ids are live.
 */
export interface Inherited {
  /** Its name in the journal. */
  readonly partition: string;
  /** The first and the last entry. */
  readonly from: number;
  readonly to: number;
  /** The last bucket of event time that they have ids of. */
  readonly bucket: number;
}

type Horizon = Parameters<typeof isLive>[1];

const inheritedMax = 65_536;

/** Those that still have live ids. */
export function liveOf(
  inherited: readonly Inherited[],
  horizon: Horizon,
  watermark: number,
): readonly Inherited[] {
  if (inherited.length === 0) return inherited;
  return inherited.filter(({ bucket }) => isLive(bucket, horizon, watermark));
}

/** What a partition hands on: its own entries with live ids, and what it inherited itself. */
export function heritageOf(
  partition: string,
  { index, horizon: marks, inherited, seen }: PartitionState,
  watermark: number,
): readonly Inherited[] {
  const first = marks.find(({ bucket }) => isLive(bucket, seen, watermark));
  const last = marks.at(-1);
  const own = first && last && { partition, from: first.index, to: index, bucket: last.bucket };
  return [...(own ? [own] : []), ...liveOf(inherited, seen, watermark)];
}

/** Writes them as bytes. */
export function encodeInherited(out: Writer, inherited: readonly Inherited[]): void {
  out.unsigned(inherited.length);
  for (const { partition, from, to, bucket } of inherited) {
    out.text(partition);
    out.unsigned(from);
    out.unsigned(to);
    out.signed(bucket);
  }
}

/** @throws MillraceError `damaged` for bytes that `encodeInherited` can't have written. */
export function decodeInherited(from: Reader): readonly Inherited[] {
  return Array.from({ length: from.unsigned(inheritedMax) }, () => ({
    partition: from.text(),
    from: from.unsigned(),
    to: from.unsigned(),
    bucket: from.integer(),
  }));
}
