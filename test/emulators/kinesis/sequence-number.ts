/** What a sequence number is made of; all of it can be read from it again. */
export interface SequenceParts {
  /** When the shard was made, epoch seconds. */
  readonly created: number;
  /** Number of the shard. */
  readonly shard: number;
  /** Counts the records of the stream. */
  readonly index: bigint;
  /** When the record came, epoch seconds. */
  readonly seconds: number;
}

/** The index at the end of a closed shard, beyond that of every record. */
export const lastIndex = 0x7fff_ffff_ffff_ffffn;

/**
 * Of version 2, as the service gives them: 47 hexadecimal digits, which are 56 decimal ones. From the left: 2, the
 * second in which the shard was made (9 digits), its number's last digit, the index (16), 00, the second in which
 * the record came (9), the shard's number (8), 2 for the version. So the numbers of a shard grow with the index, and
 * those of shards made later are higher.
 */
export function sequenceNumber({ created, shard, index, seconds }: SequenceParts): bigint {
  return shardBits(created, shard) | (index << 80n) | (BigInt(seconds) << 36n);
}

/** The bits that all sequence numbers of a shard have in common. */
export function shardBits(created: number, shard: number): bigint {
  const low = BigInt(shard & 15) << 144n;
  return (2n << 184n) | (BigInt(created) << 148n) | low | (BigInt(shard) << 4n) | 2n;
}

/** Reads a sequence number; null if the service never gives one like it. */
export function sequenceParts(number: bigint): SequenceParts | null {
  const bits = (from: bigint, count: number) => BigInt.asUintN(count, number >> from);
  const index = bits(80n, 64);
  const isOfVersion2 = number >> 184n === 2n && bits(0n, 4) === 2n;
  if (!isOfVersion2 || index > lastIndex) return null;
  return {
    created: Number(bits(148n, 36)),
    shard: Number(bits(4n, 32)),
    index,
    seconds: Number(bits(36n, 36)),
  };
}
