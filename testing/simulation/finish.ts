import { endStream } from '../../core/journal/partitions.ts';
import { compactOnce } from './compactor.ts';
import { startOwner } from './owner.ts';
import type { SimWorld } from './world.ts';

/** Once everybody is done: what is left comes to a calm owner, with no faults any more, and goes into pages. */
export async function finish(world: SimWorld, failed: () => boolean): Promise<void> {
  world.healing = true;
  await finishLogs(world, failed);
  if (!failed()) await finishPages(world, failed);
}

async function finishLogs(world: SimWorld, failed: () => boolean): Promise<void> {
  const { logs } = world.setup;
  for (const [partition, { records }] of logs.entries()) {
    const from = world.checkpoints[partition] as number;
    if (from < records.length) startOwner(world, partition, records.length);
  }
  await world.scheduler.run(failed);
}

async function finishPages(world: SimWorld, failed: () => boolean): Promise<void> {
  const { setup, scheduler } = world;
  const actor = world.actor('compactor', 'last', () => undefined);
  const context = world.context(actor);
  world.spawn(actor, async () => {
    for (const partition of setup.logs.keys()) {
      let done = false;
      while (!done && !failed()) {
        done = await compactOnce(world, actor, context, partition, 50);
      }
    }
    await endStream(context);
  });
  await scheduler.run(failed);
}
