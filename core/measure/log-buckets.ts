/**
 * The buckets of the quantiles: 35 to each power of two, so that every value of a bucket lies within 1 % of its
 * middle. The position within an octave is the cubic interpolation of the logarithm of Masson, Rim and Lee, "DDSketch"
 * (PVLDB 12(12), 2019, section 2.2, and its later implementations), whose coefficients 6/35, -21/35 and 50/35 are
 * integers here. It is computed with additions and multiplications alone, which have the same bits on every machine;
 * those of a logarithm are nobody's promise.
 */
const perOctave = 35;

/** Values nearer to 0 than 2^-30, about 1e-9, count as 0; those from 2^53 on never get past the fold. */
const octaveMin = -30;
const octaves = 53 - octaveMin;
const perSign = perOctave * octaves;

/** Buckets of negative values, the one of 0, and those of positive values. */
export const logBuckets: number = 2 * perSign + 1;

const bits = new Float64Array(1);
const words = new Uint32Array(bits.buffer);

/** The bucket of a number; a greater number never has a smaller one. */
export function logBucketOf(value: number): number {
  bits[0] = value;
  const high = words[1] as number;
  const octave = ((high >>> 20) & 0x7ff) - 1_023 - octaveMin;
  if (octave < 0) return perSign;
  words[1] = (high & 0xf_ffff) | 0x3ff0_0000;
  const s = (bits[0] as number) - 1;
  // The last value of an octave may be rounded up to the next one, and the last octave has none.
  const within = Math.min(perOctave - 1, Math.floor(((6 * s - 21) * s + 50) * s));
  const index = octave * perOctave + within + 1;
  return high >>> 31 === 1 ? perSign - index : perSign + index;
}

/** Where in [1, 2] the buckets of an octave begin and end, found by halving. */
const edges = Array.from({ length: perOctave + 1 }, (_, wanted) => {
  let low = 0;
  let high = 1;
  for (let i = 0; i < 60; i += 1) {
    const s = (low + high) / 2;
    if (((6 * s - 21) * s + 50) * s < wanted) low = s;
    else high = s;
  }
  return 1 + high;
});

/** The value whose relative distance to both ends of a bucket is the same. */
const middles = edges.slice(1).map((end, i) => {
  const begin = edges[i] as number;
  return (2 * begin * end) / (begin + end);
});

/** The middle of a bucket: within 1 % of every value of it. */
export function logBucketValue(bucket: number): number {
  if (bucket === perSign) return 0;
  const index = Math.abs(bucket - perSign) - 1;
  const octave = Math.floor(index / perOctave);
  const value = (middles[index - octave * perOctave] as number) * 2 ** (octave + octaveMin);
  return bucket < perSign ? -value : value;
}
