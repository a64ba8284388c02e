/** Who owns a partition now; null for nobody. */
export type Owners = ReadonlyMap<string, string | null>;

/**
 * The next partition that `me` should claim so that every owner gets its equal share, or null if that is so: one
 * that nobody owns, or else one of the owner that has the most. `owners` lists every partition of the hub.
 */
export function partitionToClaim(owners: Owners, me: string, random: () => number): string | null {
  const owned = new Map<string, string[]>([[me, []]]);
  const free: string[] = [];
  for (const [partition, owner] of owners) {
    if (owner === null) free.push(partition);
    else owned.set(owner, [...(owned.get(owner) ?? []), partition]);
  }
  const mine = owned.get(me)!.length;
  const least = Math.floor(owners.size / owned.size);
  const most = Math.ceil(owners.size / owned.size);
  if (free.length > 0) return mine < most ? pick(free, random) : null;
  const richest = [...owned.values()].reduce((a, b) => (b.length > a.length ? b : a));
  const isOwed = mine < least || (mine < most && richest.length > most);
  return isOwed && richest.length > mine + 1 ? pick(richest, random) : null;
}

const pick = (partitions: readonly string[], random: () => number): string =>
  partitions[Math.floor(random() * partitions.length)]!;
