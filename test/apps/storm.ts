import { expect } from 'vitest';
import { Random } from '../../testing/simulation/random.ts';
import { answersOf, endStreams, expectSame, settled } from './answers.ts';
import type { AppUnderTest } from './app-under-test.ts';
import { type Expected, expectedOf } from './storm-model.ts';
import { StormProducer } from './storm-producer.ts';
import { logOf } from './stream-log.ts';

/** Something that goes wrong while events come in. */
export interface StormFault {
  readonly name: string;
  /** Resolves when it has struck, not when it is over. */
  strike(random: Random): Promise<void> | void;
}

/** How a storm goes. */
export interface StormOptions {
  readonly seed: number;
  readonly faults: readonly StormFault[];
  /** How often each fault strikes. */
  readonly rounds: number;
  /** What the faults have prepared that has not come about. */
  readonly waiting: () => readonly string[];
  /** Ends what is still to come. */
  readonly heal: () => void;
}

/** What came of a storm. */
export interface StormReport extends Expected {
  readonly strikes: Readonly<Record<string, number>>;
  readonly confirmed: number;
  readonly retries: number;
}

const senders = 3;
const batchesBetween = 4;
/** What is sent at most until all that was prepared has come about. */
const batchesMoreMax = 200;

/** A seed for a storm: 1, or another if the environment says so (`STORM_SEED=123 npx vitest …`). */
export function stormSeed(): number {
  const seed = Number(process.env['STORM_SEED'] ?? 1);
  console.info(`STORM_SEED=${seed}`);
  return seed;
}

/**
 * Sends events while fault after fault strikes, in an order that the seed decides; then all is well again, and the app
 * must answer what a plain loop over the stream finds: every event once, and not one that was confirmed missing.
 */
export async function weather(app: AppUnderTest, options: StormOptions): Promise<StormReport> {
  const random = new Random(options.seed);
  const producer = new StormProducer(app, new Random(options.seed + 1));
  const producing = producer.run(senders);
  // Awaited below; until then a failure must not end the test run.
  producing.catch(() => {});
  const strikes: Record<string, number> = {};
  try {
    for (const fault of shuffled(options, random)) {
      await producer.more(batchesBetween);
      await fault.strike(random);
      strikes[fault.name] = (strikes[fault.name] ?? 0) + 1;
    }
    for (let more = 0; more < batchesMoreMax && options.waiting().length > 0; more += 1) {
      await producer.more(1);
    }
    expect(options.waiting()).toEqual([]);
  } finally {
    options.heal();
    producer.stop();
    await producing;
  }
  await settled(app, () => app.maintain());
  await endStreams(app, 'storm');
  const expected = expectedOf(await logOf(app.stream));
  expectSame(await answersOf(app, 'storm'), expected.answers);
  const { confirmed, retries } = producer;
  expect([...confirmed].filter((id) => !expected.ids.has(id))).toEqual([]);
  return { ...expected, strikes, confirmed: confirmed.size, retries };
}

function shuffled({ faults, rounds }: StormOptions, random: Random): StormFault[] {
  const left = Array.from({ length: rounds }, () => faults).flat();
  const order: StormFault[] = [];
  while (left.length > 0) order.push(...left.splice(random.int(0, left.length - 1), 1));
  return order;
}
