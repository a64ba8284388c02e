import { MillraceError } from '../../core/errors.ts';
import { Maintenance } from '../../core/maintain.ts';
import { Processor } from '../../core/process.ts';
import { Reader } from '../../core/query/reader.ts';
import { type ReadCache, snapshot } from '../../core/query/snapshot.ts';
import { WeightedCache } from '../../core/query/weighted-cache.ts';
import { compact } from '../../core/view/compact.ts';
import type { PageContext } from '../../core/view/page.ts';
import { compression } from './compression.ts';
import { pipeline } from './definition.ts';
import { epoch, type Log } from './log.ts';
import { type ViewName, viewNames } from './model.ts';
import {
  SimClock,
  SimMessageQueue,
  SimObjectStore,
  SimStateStore,
  SimStreamReader,
} from './ports.ts';
import { ReadCheck } from './read-check.ts';
import type { Actor } from './scheduler.ts';
import { scope } from './truth.ts';
import type { World } from './world.ts';

/** The core's view of the stores, for one actor. */
export function contextOf(world: World, actor: Actor, entryBytesMax?: number): PageContext {
  const { limits } = world.setup;
  return {
    plan: pipeline.plan,
    limits: entryBytesMax === undefined ? limits : { ...limits, entryBytesMax },
    compression,
    store: new SimStateStore(actor, world),
    objects: new SimObjectStore(actor, world),
    scope,
  };
}

/** A processor instance as the platform runs it: batches from the last acknowledged record on, or from before. */
export function startOwner(world: World, partition: number, deliveries: number): void {
  let left = deliveries;
  const { scheduler, random, setup } = world;
  const actor = world.actor('owner', String(partition), () => startOwner(world, partition, left));
  const clock = new SimClock(actor, scheduler);
  const { records } = setup.logs[partition] as Log;
  const processor = new Processor({
    journals: [contextOf(world, actor)],
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
    const checkpoint = world.truth.acknowledged(partition, acknowledged);
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
  const { parents } = setup.logs[partition] as Log;
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

/** Maintenance beside all others, minutes after minutes; ticks race processors. */
export function startKeeper(world: World, rounds: number): void {
  let left = rounds;
  const { random, scheduler, setup } = world;
  const actor = world.actor('keeper', '', () => startKeeper(world, left));
  const clock = new SimClock(actor, scheduler);
  const context = contextOf(world, actor);
  const stream = new SimStreamReader(actor, world);
  const parts = {
    ...{ journals: [context], notices: new SimMessageQueue(actor, world), clock, stream },
    ...{ telemetry: world.telemetry(actor), random: random.next, retentionSeconds: 86_400 },
  };
  const maintenance = new Maintenance({
    ...{ ...parts, readers: [new Reader(context, stream, clock)], idle: setup.idle },
    sinks: new Map(),
    processor: new Processor(parts),
  });
  world.spawn(actor, async () => {
    for (; left > 0; left -= 1) {
      for (let turns = random.int(1, 6); turns > 0; turns -= 1) await world.turn(actor);
      scheduler.now += random.int(0, 30_000);
      const { failures, ticks } = await maintenance.run(clock.now() + random.int(10_000, 100_000));
      for (const { error } of failures) world.met(actor, error);
      if (ticks > 0) world.count('ticks', ticks);
    }
  });
}

/** Merges entries into pages beside the processors that do so too. */
export function startCompactor(world: World, runs: number): void {
  let left = runs;
  const { random, setup, scheduler } = world;
  const actor = world.actor('compactor', '', () => startCompactor(world, left));
  const context = contextOf(world, actor, setup.pageBytesMax);
  world.spawn(actor, async () => {
    for (; left > 0; left -= 1) {
      await world.turn(actor);
      const partition = random.int(0, setup.logs.length - 1);
      await compactOnce(world, actor, context, partition, random.int(1, 20), scheduler.now);
    }
  });
}

/** One compaction with what it says checked; true once nothing is left to merge. */
export async function compactOnce(
  world: World,
  actor: Actor,
  context: PageContext,
  partition: number,
  entriesMax: number,
  now: number,
): Promise<boolean> {
  try {
    const done = await compact(context, String(partition), { now, entriesMax });
    const last = (world.truth.journals[partition]?.length ?? 0) - 1;
    if (done.upTo > last) world.fail(`compacted up to ${done.upTo}, the last entry is ${last}`);
    return done.entries === 0;
  } catch (error) {
    world.met(actor, error);
    return false;
  }
}

/** What a reader asks for: a view, and windows that start in [from, to). */
export interface Question {
  readonly view: number;
  readonly from: number;
  readonly to: number;
}

/** The whole of a view. */
export const everything = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

/** Polls like a dashboard: whole answers, or single partitions by snapshot, which say exactly where they stand. */
export class SimReader {
  readonly actor: Actor;
  readonly check: ReadCheck;
  readonly reader: Reader;
  private readonly world: World;
  private readonly context: PageContext;
  private readonly cache: ReadCache = {
    tails: new Map(),
    pages: new WeightedCache(1_000),
    lists: new WeightedCache(1_000),
  };

  constructor(world: World, respawn: () => void) {
    this.world = world;
    this.actor = world.actor('reader', '', respawn);
    this.check = new ReadCheck(world, this.actor.name);
    this.context = contextOf(world, this.actor);
    const clock = new SimClock(this.actor, world.scheduler);
    const stream = new SimStreamReader(this.actor, world);
    this.reader = new Reader(this.context, stream, clock);
  }

  /** Reads one partition and checks it. */
  async snapshot(partition: number, { view, from, to }: Question): Promise<void> {
    const plan = pipeline.plan.views[view];
    if (plan === undefined) throw new MillraceError('bug', 'no such view');
    const range = {
      view: plan,
      from: Math.max(from, -8_640_000_000_000_000),
      to: Math.min(to, 8_640_000_000_000_000),
    };
    const found = await snapshot(this.context, String(partition), range, this.cache);
    this.check.snapshot(partition, { view, from, to }, found);
  }

  /** Asks for a whole answer and checks it. */
  async answer(question: Question): Promise<void> {
    const { view, from, to } = question;
    const read = await this.reader.read(viewNames[view] as ViewName, {
      limit: 10_000,
      ...(from === everything.from ? {} : { from: new Date(from).toISOString() }),
      ...(to === everything.to ? {} : { to: new Date(to).toISOString() }),
    });
    this.check.answer(question, read);
  }

  /** Some question, most often for everything. */
  question(): Question {
    const { random } = this.world;
    const view = random.int(0, viewNames.length - 1);
    if (random.chance(0.7)) return { view, ...everything };
    const from = epoch + random.int(-30, 90) * 1_000;
    return { view, from, to: from + random.int(1, 120) * 1_000 };
  }
}

/** A reader that polls a number of times. */
export function startReader(world: World, polls: number): SimReader {
  let left = polls;
  const reader = new SimReader(world, () => startReader(world, left));
  const { random, setup } = world;
  const answers = random.chance(0.5);
  // What becomes final takes rounds of maintenance, each of many calls.
  const patience = setup.rounds > 0 ? 40 : 1;
  world.spawn(reader.actor, async () => {
    for (; left > 0; left -= 1) {
      for (let i = random.int(1, patience); i > 0; i -= 1) await world.turn(reader.actor);
      try {
        if (answers) await reader.answer(reader.question());
        else await reader.snapshot(random.int(0, setup.logs.length - 1), reader.question());
      } catch (error) {
        world.met(reader.actor, error);
      }
    }
  });
  return reader;
}
