import { isCompressed } from '../../core/compression.ts';
import type { World } from './world.ts';

/** Counts what the logs of a run hold, so that its report can say what was tried. */
export function countLogs(world: World): void {
  const { logs } = world.setup;
  const children = logs.filter(({ parents }) => parents.length > 0).length;
  if (logs.length - children === 2) world.count('two partitions');
  if (children > 0) world.count(children === 2 ? 'split' : 'merge');
  for (const [i, { parents, lines }] of logs.entries()) {
    const old = new Set(parents.flatMap((one) => logs[one]?.lines.map(({ event }) => event?.id)));
    const again = lines.filter(({ event }, n) => {
      const fate = world.model.fates[i]?.[n];
      return fate?.verdict === 'duplicate' && old.has(event?.id);
    });
    if (again.length > 0) world.count('duplicates across a split or merge');
  }
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
