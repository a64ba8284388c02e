import type { Reader, Writer } from '../bytes.ts';

/** A partition key and how many of the sampled events have it. */
export interface SampledKey {
  readonly key: string;
  readonly count: number;
}

/** What a sample of a partition's events says about their partition keys. */
export interface KeySample {
  /** Events in the sample. */
  readonly sampled: number;
  /** The most frequent keys, the largest count first; a count is a lower bound, for a key may have been left out before. */
  readonly keys: readonly SampledKey[];
}

/** A key with more than its share of a partition. */
export interface HotKey {
  readonly key: string;
  /** Of the partition's latest events, from 0 to 1. */
  readonly share: number;
}

/** The sample of no events. */
export const noSample: KeySample = { sampled: 0, keys: [] };

/** Keys that a sample of several entries keeps. */
const keysMax = 16;
/** A larger sample is halved, so that older events matter less and less. */
const sampledMax = 8_192;
/** A smaller sample says nothing: chance alone makes keys of a twentieth look hot. */
const sampledMin = 128;

/** The sample of a partition up to an entry, and of that entry. */
export function addSamples(a: KeySample, b: KeySample): KeySample {
  if (b.sampled === 0) return a;
  const counts = new Map<string, number>();
  for (const { key, count } of [...a.keys, ...b.keys]) {
    counts.set(key, (counts.get(key) ?? 0) + count);
  }
  const sampled = a.sampled + b.sampled;
  const half = sampled > sampledMax ? 2 : 1;
  return {
    sampled: Math.ceil(sampled / half),
    keys: mostFrequent(counts, half, keysMax),
  };
}

/** The most frequent keys of some that are counted, their counts divided; ties by the text of the key. */
export function mostFrequent(
  counts: ReadonlyMap<string, number>,
  least: number,
  most: number,
): SampledKey[] {
  return [...counts]
    .map(([key, count]) => ({ key, count: Math.floor(count / least) }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1))
    .slice(0, most);
}

/** The keys with at least so many percent of the events, the largest share first; none while the sample is small. */
export function hotKeys({ sampled, keys }: KeySample, percent: number): HotKey[] {
  if (sampled < sampledMin) return [];
  return keys
    .map(({ key, count }) => ({ key, share: Math.round((count / sampled) * 1_000) / 1_000 }))
    .filter(({ share }) => share * 100 >= percent);
}

/** Writes a sample. */
export function encodeSample(out: Writer, { sampled, keys }: KeySample): void {
  out.unsigned(sampled);
  out.unsigned(keys.length);
  for (const { key, count } of keys) {
    out.text(key);
    out.unsigned(count);
  }
}

/** Reads a sample; one that counts more than it has is `damaged`. */
export function decodeSample(from: Reader): KeySample {
  const sampled = from.unsigned();
  const length = from.unsigned(keysMax);
  const keys = Array.from({ length }, () => ({ key: from.text(), count: from.unsigned(sampled) }));
  return { sampled, keys };
}
