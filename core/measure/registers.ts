import type { Scalar } from '../event.ts';
import { fingerprint } from '../hash.ts';

/** Registers of the coarse form: 2^12. */
export const registers = 4_096;
/** 64 bits of hash, 12 of them the index: zeros in front of the others, and the one behind them. */
export const rankMax = 53;
/** The fine form has 2^26 registers, of which it holds those that are not 0: index times 64 plus rank. */
export const fineRankBits = 6;
const fineRankMax = 39;

const lanes = new Uint32Array(2);

/** The fine register of a value and what it takes there, as one word. Equal texts and numbers are not the same value. */
export function fineWord(value: Scalar): number {
  fingerprint(String(value), lanes);
  const low = lanes[0] as number;
  let high = lanes[1] as number;
  if (typeof value !== 'string') high ^= typeof value === 'number' ? 0x9e37_79b9 : 0x7f4a_7c15;
  const rest = high & 0x3f;
  const rank = rest === 0 ? 7 + Math.clz32(low) : Math.clz32(rest) - 25;
  return ((high & ~0x3f) | rank) >>> 0;
}

/** Whether a word may be one of {@link fineWord}. */
export function isFineWord(word: number): boolean {
  const rank = word & 0x3f;
  return rank >= 1 && rank <= fineRankMax;
}

/** Puts a word of the fine form into coarse registers. */
export function raise(into: Uint8Array, word: number): void {
  const index = word >>> 20;
  const middle = (word >>> 6) & 0x3fff;
  const rank = middle === 0 ? 14 + (word & 0x3f) : Math.clz32(middle) - 17;
  if (rank > (into[index] as number)) into[index] = rank;
}

/**
 * How many distinct values the coarse registers have seen: the improved raw estimator of Ertl, "New cardinality
 * estimation algorithms for HyperLogLog sketches" (arXiv:1702.01284, algorithm 6). It has no bias from 0 up, so there
 * is no table of corrections and no range in which another formula takes over. Its standard error is 1.04 / 64.
 */
export function estimate(of: Uint8Array): number {
  const counts = new Float64Array(rankMax + 1);
  for (let i = 0; i < registers; i += 1) {
    const rank = of[i] as number;
    counts[rank] = (counts[rank] as number) + 1;
  }
  let z = registers * tau(1 - (counts[rankMax] as number) / registers);
  for (let rank = rankMax - 1; rank >= 1; rank -= 1) z = (z + (counts[rank] as number)) / 2;
  z += registers * sigma((counts[0] as number) / registers);
  return registers ** 2 / (2 * Math.LN2) / z;
}

function sigma(of: number): number {
  if (of === 1) return Number.POSITIVE_INFINITY;
  let x = of;
  let y = 1;
  let z = of;
  for (let before = Number.NaN; z !== before; y += y) {
    before = z;
    x *= x;
    z += x * y;
  }
  return z;
}

function tau(of: number): number {
  if (of === 0 || of === 1) return 0;
  let x = of;
  let y = 1;
  let z = 1 - of;
  for (let before = Number.NaN; z !== before; ) {
    before = z;
    x = Math.sqrt(x);
    y /= 2;
    z -= (1 - x) ** 2 * y;
  }
  return z / 3;
}
