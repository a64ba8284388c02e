import { Processor } from '../../core/process.ts';
import { SimClock, SimMessageQueue, SimStreamReader, type StreamLog } from './ports.ts';
import type { SimWorld } from './world.ts';

/** A processor instance as the platform runs it: batches from the last acknowledged record on, or from before. */
export function startOwner(world: SimWorld, partition: number, deliveries: number): void {
  let left = deliveries;
  const { scheduler, random, setup } = world;
  const actor = world.actor('owner', String(partition), () => startOwner(world, partition, left));
  const clock = new SimClock(actor, scheduler);
  const { records } = setup.logs[partition] as StreamLog;
  const processor = new Processor({
    journals: [world.context(actor)],
    notices: new SimMessageQueue(actor, world),
    clock,
    telemetry: world.telemetry(actor),
    random: random.next,
    stream: new SimStreamReader(actor, world),
    retentionSeconds: 86_400,
  });
  let ready = clock.now();
  const deliver = async (from: number, size: number): Promise<void> => {
    world.delivery(partition, from, size);
    world.commits.set(actor, 0);
    const batch = { partition: String(partition), records: records.slice(from, from + size) };
    if (clock.now() - ready > setup.limits.warmStateSecondsMax * 1000) {
      world.count('warm state too old');
    }
    const deadline = clock.now() + random.int(5_000, 120_000);
    const { acknowledged, failures } = await processor.process(batch, deadline);
    ready = clock.now();
    for (const { error } of failures) world.met(actor, error);
    if ((world.commits.get(actor) ?? 0) > 1) world.count('batch of several entries');
    const checkpoint = world.acknowledged(partition, acknowledged);
    if (failures.length === 0 && checkpoint < from + size) {
      world.fail(`${actor.name}: acknowledged ${checkpoint} of ${from + size} records`);
    }
    // A zombie's answer may set it back.
    if (checkpoint < from) return;
    if (checkpoint < (world.checkpoints[partition] as number)) {
      world.count('acknowledgement set back');
    }
    world.checkpoints[partition] = checkpoint;
  };
  // Children come late, as when the platform splits a partition in the midst of its traffic.
  const { parents } = setup.logs[partition] as StreamLog;
  const late = parents.length > 0 && !world.healing ? random.int(0, 30) : 0;
  world.spawn(actor, async () => {
    for (let i = 0; i < late; i += 1) await world.turn(actor);
    for (; left > 0; left -= 1) {
      await world.turn(actor);
      let from = world.checkpoints[partition] as number;
      if (world.healing && from >= records.length) return;
      if (!world.healing && random.chance(0.2)) from -= random.int(1, 4);
      if (from >= records.length) from = records.length - random.int(1, 4);
      from = Math.max(0, from);
      if (setup.contiguous && !world.healing && random.chance(0.25)) {
        // The platform has moved on although an invocation failed.
        const skipped = Math.min(records.length - 1 - from, random.int(1, 4));
        if (skipped > 0) world.count('batch skipped');
        from += skipped;
      }
      await deliver(from, Math.min(records.length - from, random.int(1, 6)));
    }
  });
}
