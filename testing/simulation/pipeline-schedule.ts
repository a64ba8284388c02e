import type { Cursor } from '../../core/event.ts';
import { entrySort } from '../../core/journal/keys.ts';
import { defaultLimits, type Limits } from '../../core/limits.ts';
import type { Pipeline } from '../../core/pipeline.ts';
import type { Plan } from '../../core/plan.ts';
import type { ItemKey } from '../../core/ports/state-store.ts';
import { Reader } from '../../core/query/reader.ts';
import { epoch } from '../generate/json-value.ts';
import { byChance, type Rates } from './chance.ts';
import { startCompactor } from './compactor.ts';
import { finish } from './finish.ts';
import { startOwner } from './owner.ts';
import { makeLogs } from './pipeline-logs.ts';
import { SimClock, SimStreamReader, type StreamLog } from './ports.ts';
import { Random } from './random.ts';
import { referenceOf } from './reference.ts';
import type { Actor, Call, Fault } from './scheduler.ts';
import { type Fickle, Watched } from './watched.ts';
import { firstDifference, type WholeResult, wholeResult } from './whole-result.ts';
import { SimWorld, type WorldSetup } from './world.ts';

/** What one schedule of a pipeline came to. */
export interface PipelineOutcome {
  readonly seed: number;
  /** What went wrong; null when nothing did. */
  readonly failure: string | null;
  readonly effects: number;
  readonly figures: ReadonlyMap<string, number>;
  readonly trace: readonly string[] | null;
}

/** A run of some pipeline: it knows of its entries no more than how many there are. */
class PipelineWorld extends SimWorld {
  private readonly entries = this.setup.logs.map(() => 0);

  protected override strike(call: Call): Fault {
    return byChance(call, this);
  }

  override acknowledged(partition: number, cursor: Cursor): number {
    const { records } = this.setup.logs[partition] as StreamLog;
    const left = records.findIndex(({ position }) => position >= cursor.position);
    return left < 0 ? records.length : left;
  }

  override lastEntry(partition: number): number {
    return (this.entries[partition] as number) - 1;
  }

  override wrote(actor: Actor, { partition, sort }: ItemKey, _: Uint8Array, won: boolean): void {
    if (!won) this.count('race lost');
    if (!won || !sort.startsWith('e/')) return;
    const index = Number(partition.slice(partition.lastIndexOf('/') + 1));
    if (sort !== entrySort(this.entries[index] as number)) this.fail(`${sort} was not due`);
    this.entries[index] = (this.entries[index] as number) + 1;
    if (sort !== entrySort(0)) this.commits.set(actor, (this.commits.get(actor) ?? 0) + 1);
  }

  override looked(): void {}
}

/**
 * Runs one schedule of a pipeline: processors, compactions, crashes, lost answers and redelivery as the seed has them,
 * and then a comparison with what the same stream gives without faults. The same seed gives the same run.
 *
 * @param given events to take some of, in their order; null generates them from the schema.
 * @param traced keeps the steps in words.
 * @throws MillraceError `request` when no event can be generated.
 */
export async function runPipelineSeed(
  pipeline: Pipeline,
  seed: number,
  given: readonly unknown[] | null = null,
  traced = false,
): Promise<PipelineOutcome> {
  const random = new Random(seed);
  const chance = new Random(seed + 0x5eed);
  const contiguous = random.chance(0.5);
  const watched = new Watched(pipeline.plan, { now: () => epoch, random: chance.next });
  const logs = makeLogs(random, watched.plan, contiguous, given);
  const now = Math.max(0, ...logs.flatMap(({ records }) => records.at(-1)?.arrival ?? 0));
  const expected = await referenceOf(watched.plan, logs);
  const setup = drawSetup(random, { contiguous, logs }, watched);
  const { plan } = watched;
  const world = new PipelineWorld({ setup, random, now: now + 60_000, plan, traced });
  watched.outside = { now: () => world.scheduler.now, random: chance.next };
  try {
    const found = await runWorld(world, plan);
    const wrong = found && firstDifference(found, expected);
    if (wrong !== null) world.fail(wrong);
  } catch (error) {
    world.fail(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  countResult(world, expected);
  const { failure, effects, figures, trace } = world;
  const told = watched.fickle === null ? failure : fickleText(watched.fickle);
  return { seed, failure: told, effects, figures, trace };
}

async function runWorld(world: PipelineWorld, plan: Plan): Promise<WholeResult | null> {
  const { setup, scheduler, random } = world;
  const failed = (): boolean => world.failure !== null;
  const deliveries = random.int(1, 3);
  const owners = random.int(1, setup.logs.length === 2 ? 2 : 3);
  for (const [partition, { records }] of setup.logs.entries()) {
    for (let i = 0; i < owners && records.length > 0; i += 1) {
      startOwner(world, partition, deliveries);
    }
  }
  for (let i = random.int(0, 2); i > 0; i -= 1) startCompactor(world, random.int(1, 2));
  await scheduler.run(failed);
  if (failed()) return null;
  await finish(world, failed);
  if (failed()) return null;
  const actor = world.actor('reader', '', () => undefined);
  const clock = new SimClock(actor, scheduler);
  const context = { ...world.context(actor), plan };
  const reader = new Reader(context, new SimStreamReader(actor, world), clock);
  let result: WholeResult | null = null;
  world.spawn(actor, async () => {
    result = await wholeResult(context, reader);
  });
  await scheduler.run(failed);
  return result;
}

/** Most schedules are mixed, some lack a kind of fault altogether so that others come to bear. */
function drawSetup(
  random: Random,
  stream: Pick<WorldSetup, 'contiguous' | 'logs'>,
  { plan, outputsMax }: Watched,
): WorldSetup {
  const rate = (most: number): number => (random.chance(0.35) ? 0 : random.next() * most);
  const eventRows = outputsMax * plan.views.length;
  const rates: Rates = {
    throttled: rate(0.06),
    unavailable: rate(0.06),
    lost: rate(0.12),
    crashBefore: rate(0.03),
    crashAfter: rate(0.04),
    frozen: rate(0.05),
    pause: rate(0.01),
    stale: rate(0.9),
  };
  const limits: Limits = {
    ...defaultLimits,
    compactEntries: random.int(1, 5),
    // Small ones split a batch, but have room for each event.
    entryRowsMax: random.chance(0.4) ? random.int(eventRows, 4 * eventRows) : 50_000,
  };
  return {
    ...{ ...stream, rates, limits },
    pageBytesMax: random.chance(0.7) ? 120 : 380_000,
    writers: random.pick(['strong', 'session', 'eventual']),
    queries: 'strong',
    skew: random.chance(0.5) ? 0 : 300_000,
  };
}

/** What the events came to, so that a report can say what was tried. */
function countResult(world: PipelineWorld, expected: WholeResult): void {
  for (const [what, texts] of expected) {
    if (what.startsWith('late events')) world.count('late events', texts.length);
    else if (what.startsWith('rows of')) world.count('rows', texts.length);
    else if (what.startsWith('counts of')) {
      const { counts } = JSON.parse(texts[0] as string);
      for (const name of ['received', 'accepted', 'duplicates', 'filtered', 'deadLettered']) {
        world.count(`events ${name}`, counts[name]);
      }
    }
  }
}

function fickleText({ name, event, answers: [before, after] }: Fickle): string {
  return (
    `'${name}' is not deterministic: for the event ${event} it gave ${before}, and then ${after}. ` +
    'It may run several times for one event, so it must depend on the event alone'
  );
}
