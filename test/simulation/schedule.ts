import { byChance } from '../../testing/simulation/chance.ts';
import { startCompactor } from '../../testing/simulation/compactor.ts';
import { finish } from '../../testing/simulation/finish.ts';
import { startOwner } from '../../testing/simulation/owner.ts';
import { Random } from '../../testing/simulation/random.ts';
import {
  everything,
  grains,
  SimReader as ReaderActor,
  type SimReader,
  startKeeper,
  startReader,
} from './actors.ts';
import { checkEnd } from './end-check.ts';
import { checkDeliveries, publishRest, startPublisher } from './publishers.ts';
import { drawSetup, type Setup, withRetention } from './setup.ts';
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
  // What was drawn before stays as it was in the schedules in which nothing expires.
  const setup = withRetention(drawSetup(random), new Random(seed + 0x1_0000_0000));
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
  if (!failed()) await finish(world, failed);
  if (!failed()) await finishPublishing(world, failed);
  if (!failed()) await lastReads(world, readers, failed);
  if (!failed()) checkEnd(world);
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
        if (view === 0 || reader === fresh) await reader.ask({ view, ...everything });
      }
      if (!world.setup.kept) return;
      for (const grain of grains) await reader.ask({ view: 0, grain, ...everything });
    });
  }
  await world.scheduler.run(failed);
}
