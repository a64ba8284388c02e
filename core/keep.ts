import type { DeadLetter } from './fold/kept.ts';
import { hashBytes } from './hash.ts';
import type { ObjectRef } from './journal/entry.ts';
import { keptName } from './journal/keys.ts';
import type { Call } from './journal/load.ts';
import type { PageContext } from './view/page.ts';

/** Dead letters or late events of an entry. */
export interface Keeping {
  /** The name in the journal. */
  readonly partition: string;
  readonly view: '_dead' | '_late';
  readonly index: number;
  readonly kept: readonly DeadLetter[];
}

/** Puts dead letters or late events into the object store, named by their content; null for none. */
export async function keep(
  { scope, compression, objects }: PageContext,
  { partition, view, index, kept }: Keeping,
  call: Call,
): Promise<ObjectRef | null> {
  if (kept.length === 0) return null;
  const lines = new TextEncoder().encode(kept.map(({ json }) => `${json}\n`).join(''));
  const hash = hashBytes(lines).toString(16).padStart(16, '0');
  const name = keptName(scope, partition, view, index, hash);
  const packed = compression.compress(lines);
  await call(() => objects.put(name, packed));
  return { hash, count: kept.length };
}
