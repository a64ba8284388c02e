import { MillraceError } from '../../core/errors.ts';
import { Maintenance } from '../../core/maintain.ts';
import { Processor } from '../../core/process.ts';
import { Reader } from '../../core/query/reader.ts';
import { type ReadCache, snapshot } from '../../core/query/snapshot.ts';
import { WeightedCache } from '../../core/query/weighted-cache.ts';
import type { PageContext } from '../../core/view/page.ts';
import { SimClock, SimMessageQueue, SimStreamReader } from '../../testing/simulation/ports.ts';
import type { Actor } from '../../testing/simulation/scheduler.ts';
import { epoch } from './log.ts';
import { type ViewName, viewNames } from './model.ts';
import { sinksOf } from './publishers.ts';
import { ReadCheck } from './read-check.ts';
import type { World } from './world.ts';

/** Maintenance beside all others, minutes after minutes; ticks race processors. */
export function startKeeper(world: World, rounds: number): void {
  let left = rounds;
  const { random, scheduler, setup } = world;
  const actor = world.actor('keeper', '', () => startKeeper(world, left));
  const clock = new SimClock(actor, scheduler);
  const context = world.context(actor);
  const stream = new SimStreamReader(actor, world);
  const parts = {
    ...{ journals: [context], notices: new SimMessageQueue(actor, world), clock, stream },
    ...{ telemetry: world.telemetry(actor), random: random.next, retentionSeconds: 86_400 },
  };
  const maintenance = new Maintenance({
    ...{ ...parts, readers: [new Reader(context, stream, clock)], idle: setup.idle },
    sinks: sinksOf(world, actor),
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

/** What a reader asks for: a view, and windows that start in [from, to). */
export interface Question {
  readonly view: number;
  readonly from: number;
  readonly to: number;
  /** Coarser windows of so many milliseconds, or one of the whole range. */
  readonly grain?: number | 'all';
}

/** What a reader asks for where windows are rolled up: stored grains, others, and the whole. */
export const grains: readonly (number | 'all')[] = [10_000, 20_000, 30_000, 60_000, 120_000, 'all'];

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
    this.context = world.context(this.actor);
    const clock = new SimClock(this.actor, world.scheduler);
    const stream = new SimStreamReader(this.actor, world);
    this.reader = new Reader(this.context, stream, clock);
  }

  /** Reads one partition and checks it. */
  async snapshot(partition: number, question: Question): Promise<void> {
    const { view, from, to, grain } = question;
    const own = this.world.plan.views[view];
    if (own === undefined) throw new MillraceError('bug', 'no such view');
    const stored = own.rollups.find(({ window }) => window.unit === grain) ?? own;
    // Only stored grains have pages of their own.
    if (stored === own && grain !== undefined && grain !== own.window.unit) return;
    const range = {
      view: stored,
      from: Math.max(from, -8_640_000_000_000_000),
      to: Math.min(to, 8_640_000_000_000_000),
    };
    const found = await snapshot(this.context, String(partition), range, this.cache);
    this.check.snapshot(partition, question, stored, found);
  }

  /** Asks for a whole answer and checks it; some questions are only about what has expired. */
  async ask(question: Question): Promise<void> {
    try {
      await this.answer(question);
    } catch (error) {
      const isRefused = error instanceof MillraceError && error.code === 'request';
      if (!isRefused || !error.message.includes('has expired')) throw error;
      this.check.refused(question);
    }
  }

  private async answer(question: Question): Promise<void> {
    const { view, from, to, grain } = question;
    const read = await this.reader.read(viewNames[view] as ViewName, {
      limit: 10_000,
      ...(grain === undefined ? {} : { grain: grain === 'all' ? grain : `${grain}ms` }),
      ...(from === everything.from ? {} : { from: new Date(from).toISOString() }),
      ...(to === everything.to ? {} : { to: new Date(to).toISOString() }),
    });
    this.check.answer(question, read);
  }

  /** Some question, most often for everything. */
  question(): Question {
    const { random, setup } = this.world;
    if (setup.kept && random.chance(0.6)) return this.coarse();
    const view = random.int(0, viewNames.length - 1);
    if (random.chance(0.7)) return { view, ...everything };
    const from = epoch + random.int(-30, 90) * 1_000;
    return { view, from, to: from + random.int(1, 120) * 1_000 };
  }

  /** A question about the view that is rolled up. */
  private coarse(): Question {
    const { random } = this.world;
    const grain = random.pick(grains);
    if (random.chance(0.5)) return { view: 0, grain, ...everything };
    const size = random.pick([10_000, 20_000, 60_000]);
    const from = Math.floor(epoch / size + random.int(-3, 4)) * size;
    return { view: 0, grain, from, to: from + random.int(1, 6) * size };
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
        if (answers) await reader.ask(reader.question());
        else await reader.snapshot(random.int(0, setup.logs.length - 1), reader.question());
      } catch (error) {
        world.met(reader.actor, error);
      }
    }
  });
  return reader;
}
