import { compact } from '../../core/view/compact.ts';
import type { PageContext } from '../../core/view/page.ts';
import type { Actor } from './scheduler.ts';
import type { SimWorld } from './world.ts';

/** Merges entries into pages beside the processors that do so too. */
export function startCompactor(world: SimWorld, runs: number): void {
  let left = runs;
  const { random, setup } = world;
  const actor = world.actor('compactor', '', () => startCompactor(world, left));
  const context = world.context(actor, setup.pageBytesMax);
  world.spawn(actor, async () => {
    for (; left > 0; left -= 1) {
      await world.turn(actor);
      const partition = random.int(0, setup.logs.length - 1);
      await compactOnce(world, actor, context, partition, random.int(1, 20));
    }
  });
}

/** One compaction with what it says checked; true once nothing is left to merge. */
export async function compactOnce(
  world: SimWorld,
  actor: Actor,
  context: PageContext,
  partition: number,
  entriesMax: number,
): Promise<boolean> {
  try {
    const done = await compact(context, String(partition), entriesMax);
    const last = world.lastEntry(partition);
    if (done.upTo > last) world.fail(`compacted up to ${done.upTo}, the last entry is ${last}`);
    return done.entries === 0;
  } catch (error) {
    world.met(actor, error);
    return false;
  }
}
