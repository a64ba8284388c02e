import { endStream } from '../../core/journal/partitions.ts';
import {
  compactOnce,
  contextOf,
  everything,
  SimReader as ReaderActor,
  type SimReader,
  startCompactor,
  startKeeper,
  startOwner,
  startReader,
} from './actors.ts';
import { checkEnd } from './end-check.ts';
import type { Log } from './log.ts';
import { checkDeliveries, publishRest, startPublisher } from './publishers.ts';
import { Random } from './random.ts';
import type { Call, Fault } from './scheduler.ts';
import { drawSetup, type Setup } from './setup.ts';
import { type Faults, World } from './world.ts';

/** What one schedule came to. */
export interface Outcome {
  readonly seed: number;
  /** What went wrong; null when nothing did. */
  readonly failure: string | null;
  readonly effects: number;
  readonly steps: number;
  readonly hash: number;
  readonly figures: ReadonlyMap<string, number>;
  readonly trace: readonly string[] | null;
}

/** Runs the schedule of a seed: the same seed gives the same run. */
export async function runSeed(seed: number, traced = false): Promise<Outcome> {
  const random = new Random(seed);
  const setup = drawSetup(random);
  return runSetup(seed, setup, random, byChance, traced);
}

/** Runs a schedule through chaos, healing and the last checks. */
export async function runSetup(
  seed: number,
  setup: Setup,
  random: Random,
  faults: Faults,
  traced: boolean,
): Promise<Outcome> {
  const world = new World(setup, random, faults, traced);
  try {
    await runWorld(world);
  } catch (error) {
    world.fail(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  const { failure, effects, scheduler, figures, trace } = world;
  const { steps, hash } = scheduler;
  return { seed, failure, effects, steps, hash, figures, trace };
}

async function runWorld(world: World): Promise<void> {
  const { setup, scheduler } = world;
  const failed = (): boolean => world.failure !== null;
  const readers: SimReader[] = [];
  for (let i = 0; i < setup.readers; i += 1) readers.push(startReader(world, setup.polls));
  for (const partition of setup.logs.keys()) {
    for (let i = 0; i < setup.owners; i += 1) startOwner(world, partition, setup.deliveries);
  }
  for (let i = 0; i < setup.compactors; i += 1) startCompactor(world, setup.compactions);
  if (setup.rounds > 0) startKeeper(world, setup.rounds);
  for (let i = 0; i < setup.publishers; i += 1) startPublisher(world, setup.publications);
  await scheduler.run(failed);
  // Everybody is done: what is left comes to a calm owner, with no faults any more.
  world.healing = true;
  if (!failed()) await finishLogs(world, failed);
  if (!failed()) await finishPages(world, failed);
  if (!failed()) await finishPublishing(world, failed);
  if (!failed()) await lastReads(world, readers, failed);
  if (!failed()) checkEnd(world);
}

async function finishLogs(world: World, failed: () => boolean): Promise<void> {
  const { logs } = world.setup;
  for (const [partition, { records }] of logs.entries()) {
    const from = world.checkpoints[partition] as number;
    if (from < records.length) startOwner(world, partition, (records as Log['records']).length);
  }
  await world.scheduler.run(failed);
}

async function finishPages(world: World, failed: () => boolean): Promise<void> {
  const { setup, scheduler } = world;
  const actor = world.actor('compactor', 'last', () => undefined);
  const context = contextOf(world, actor);
  world.spawn(actor, async () => {
    for (const partition of setup.logs.keys()) {
      let done = false;
      while (!done && !failed()) {
        done = await compactOnce(world, actor, context, partition, 50, scheduler.now);
      }
    }
    await endStream(context);
  });
  await scheduler.run(failed);
}

async function finishPublishing(world: World, failed: () => boolean): Promise<void> {
  if (world.setup.publishers === 0) return;
  publishRest(world);
  await world.scheduler.run(failed);
  checkDeliveries(world);
}

/** A reader that was there all the time and a new one must both see exactly the whole. */
async function lastReads(
  world: World,
  readers: readonly SimReader[],
  failed: () => boolean,
): Promise<void> {
  const old = readers.find(({ actor }) => actor.alive);
  const fresh = new ReaderActor(world, () => undefined);
  for (const reader of old === undefined ? [fresh] : [old, fresh]) {
    reader.check.atTheEnd();
    world.spawn(reader.actor, async () => {
      for (const view of [0, 1] as const) {
        if (view === 0 || reader === fresh) await reader.answer({ view, ...everything });
      }
    });
  }
  await world.scheduler.run(failed);
}

/** Meets every call with the faults that the setup allows. */
function byChance(call: Call, { random, setup, scheduler }: World): Fault {
  const { rates } = setup;
  if (random.chance(rates.pause)) scheduler.now += random.int(60_000, 1_200_000);
  if (call.port === 'clock') return 'none';
  // Between its batches an instance may lie idle for long, with a state that grows old.
  if (call.port === 'turn') {
    return call.thawAt === 0 && random.chance(rates.frozen * 3) ? 'frozen' : 'none';
  }
  let chance = random.next();
  const meets = (rate: number): boolean => {
    chance -= rate;
    return chance < 0;
  };
  if (meets(rates.throttled)) return 'throttled';
  if (meets(rates.unavailable)) return 'unavailable';
  if (call.writes && meets(rates.lost)) return 'lost';
  if (meets(rates.crashBefore)) return 'crash-before';
  if (call.writes && meets(rates.crashAfter)) return 'crash-after';
  if (call.thawAt === 0 && meets(rates.frozen)) return 'frozen';
  return 'none';
}
