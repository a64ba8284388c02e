import type { Pipeline } from '../../core/pipeline.ts';
import { compact } from '../../core/view/compact.ts';
import type { MeasuredCalls, Profile } from '../../cost/profile.ts';
import { bodyOf, type World, worldOf } from './feed.ts';

const minuteMs = 60_000;
const quietMinutes = 180;

/** The calls of the store that batches, compactions and rounds of maintenance make. */
export async function measuredCalls(
  pipeline: Pipeline,
  events: readonly string[],
): Promise<Profile['calls']> {
  const single = await rounds(pipeline, events, 1);
  const double = await rounds(pipeline, events, 2);
  return {
    ...(await warmCalls(pipeline, events)),
    round: less(single.busy, less(double.busy, single.busy)),
    partition: less(double.busy, single.busy),
    quietRound: less(single.quiet, less(double.quiet, single.quiet)),
    quietPartition: less(double.quiet, single.quiet),
  };
}

/** The calls of one batch on a warm instance, and of one compaction beside the two for each page. */
async function warmCalls(
  pipeline: Pipeline,
  events: readonly string[],
): Promise<Pick<Profile['calls'], 'batch' | 'compaction'>> {
  const world = worldOf(pipeline, 1, Date.now());
  const { store, journal } = world;
  for (let i = 0; i < 3; i += 1) {
    store.take();
    await bring(world, 0, events.slice(i * 10, i * 10 + 10));
  }
  const batch = store.take();
  const { pages } = await compact(journal, '0', 64);
  const compaction = store.take();
  return {
    batch: { reads: batch.reads, writes: batch.writes },
    compaction: { reads: compaction.reads - pages, writes: compaction.writes - pages },
  };
}

const less = (a: MeasuredCalls, b: MeasuredCalls): MeasuredCalls => ({
  reads: Math.max(0, a.reads - b.reads),
  writes: Math.max(0, a.writes - b.writes),
});

/** The calls of one round: while events come, and when none has come for hours. */
async function rounds(
  pipeline: Pipeline,
  events: readonly string[],
  partitions: number,
): Promise<{ readonly busy: MeasuredCalls; readonly quiet: MeasuredCalls }> {
  const world = worldOf(pipeline, partitions, Date.now());
  let busy: MeasuredCalls = { reads: 0, writes: 0 };
  // The first rounds begin what later ones only go on with.
  for (let minute = 0; minute < 3; minute += 1) {
    for (let partition = 0; partition < partitions; partition += 1) {
      await bring(world, partition, events.slice(minute * 10, minute * 10 + 10));
    }
    busy = await round(world);
  }
  let quiet = busy;
  for (let minute = 0; minute < quietMinutes; minute += 1) quiet = await round(world);
  return { busy, quiet };
}

async function bring(
  { log, engine, clock }: World,
  partition: number,
  events: readonly string[],
): Promise<void> {
  log.append(partition, '0', clock.now(), bodyOf(events));
  const { earliest, latest } = log.bounds(partition);
  const from = latest ?? earliest;
  const batch = { partition: String(partition), records: log.read(partition, from, 1) };
  const { failures } = await engine.processor.process(batch, clock.now() + minuteMs);
  if (failures[0] !== undefined) throw failures[0].error;
}

async function round({ engine, clock, store }: World): Promise<MeasuredCalls> {
  await clock.advance(minuteMs);
  store.take();
  const { failures } = await engine.maintenance.run(clock.now() + minuteMs);
  if (failures[0] !== undefined) throw failures[0].error;
  const { reads, writes } = store.take();
  return { reads, writes };
}
