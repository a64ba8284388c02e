import type { Shard } from '@aws-sdk/client-kinesis';

/** Whether a shard is still open: it was neither split nor merged. */
export function isOpen(shard: Shard): boolean {
  return shard.SequenceNumberRange?.EndingSequenceNumber === undefined;
}

/**
 * The shards to begin with now: each one once, and after its parents. A parent that the stream no longer knows is
 * none.
 */
export function shardsToBegin(
  shards: readonly Shard[],
  begun: ReadonlySet<string>,
  done: ReadonlySet<string>,
): string[] {
  const listed = new Set(shards.map(({ ShardId }) => ShardId!));
  const blocks = (parent: string | undefined) =>
    parent !== undefined && listed.has(parent) && !done.has(parent);
  return shards
    .filter(({ ShardId }) => !begun.has(ShardId!))
    .filter((shard) => !blocks(shard.ParentShardId) && !blocks(shard.AdjacentParentShardId))
    .map(({ ShardId }) => ShardId!);
}
