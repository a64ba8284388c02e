import { isCompressed } from '../../core/compression.ts';
import type { World } from './world.ts';

/** Counts what the logs of a run hold, so that its report can say what was tried. */
export function countLogs(world: World): void {
  const { logs } = world.setup;
  if (logs.length === 2) world.count('two partitions');
  for (const { records, lines, before } of logs) {
    for (const [i, { body }] of records.entries()) {
      if (isCompressed(body)) world.count('compressed records');
      if ((before[i + 1] ?? lines.length) - (before[i] as number) > 1)
        world.count('packed records');
    }
    let latest = 0;
    for (const { event } of lines) {
      if (event === null) continue;
      if (event.at < latest) world.count('events out of order');
      latest = Math.max(latest, event.at);
    }
  }
  for (const { verdict, reason, offers, forgotten } of world.model.fates.flat()) {
    if (verdict === 'dead') world.count(`dead: ${reason}`);
    if (verdict === 'duplicate') world.count('duplicate events');
    if (verdict === 'filtered') world.count('filtered events');
    if (forgotten) world.count('forgotten ids');
    if (offers.some(({ late }) => late)) world.count('late events');
  }
}
