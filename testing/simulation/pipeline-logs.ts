import type { StreamRecord } from '../../core/event.ts';
import { bucketOf } from '../../core/hash.ts';
import { partitionKeyOf } from '../../core/ingest.ts';
import { defaultLimits } from '../../core/limits.ts';
import type { Plan } from '../../core/plan.ts';
import { EventMaker, timeOf } from '../generate/event-maker.ts';
import { epoch } from '../generate/json-value.ts';
import { compression } from './compression.ts';
import type { StreamLog } from './ports.ts';
import type { Random } from './random.ts';

/** An event on its way into the stream. */
interface Arrival {
  readonly event: unknown;
  readonly text: string;
  readonly partition: number;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** How time goes on in the events of a pipeline, milliseconds. */
interface Pace {
  /** The shortest pane. */
  readonly pane: number;
  /** The longest pane with its lateness, or the horizon of ids. */
  readonly late: number;
}

const utf8 = new TextEncoder();
const dayMs = 86_400_000;
const lateMsMax = 400 * dayMs;

/**
 * Logs of one stream for a schedule: generated events, or some of the given ones in their order. Some events come
 * twice, some within the out-of-orderness and some far beyond it, and some are none.
 */
export function makeLogs(
  random: Random,
  plan: Plan,
  contiguous: boolean,
  given: readonly unknown[] | null,
): StreamLog[] {
  const partitions = random.chance(0.4) ? 2 : 1;
  const count = random.int(8, 40);
  const arrivals =
    given === null
      ? generated(random, plan, partitions, count)
      : taken(random, plan, partitions, given, count);
  return Array.from({ length: partitions }, (_, partition) => ({
    parents: [],
    records: recordsOf(
      random,
      arrivals.filter((one) => one.partition === partition),
      contiguous,
    ),
  }));
}

function generated(random: Random, plan: Plan, partitions: number, count: number): Arrival[] {
  const maker = new EventMaker(plan);
  const { pane, late } = paceOf(plan);
  const made: Arrival[] = [];
  let now = epoch;
  while (made.length < count) {
    if (random.chance(0.05)) now += random.int(0, late);
    else now += random.chance(0.2) ? random.int(pane, 2 * pane) : random.int(0, pane >> 3);
    let time = now - random.int(0, plan.outOfOrder);
    const chance = random.next();
    if (chance < 0.12) time -= random.int(plan.outOfOrder, plan.outOfOrder + late);
    else if (chance < 0.15) {
      time = now + random.int(0, 2 * (plan.futureSkew ?? defaultLimits.futureSkewMsMax));
    }
    made.push(arrivalOf(random, plan, partitions, maker.make(random, time), now));
    if (random.chance(0.2)) made.push(again(random, plan, partitions, made, now));
  }
  return made;
}

/** Given events from some place on, which arrive when they happen. */
function taken(
  random: Random,
  plan: Plan,
  partitions: number,
  given: readonly unknown[],
  count: number,
): Arrival[] {
  const from = random.int(0, Math.max(0, given.length - count));
  const made: Arrival[] = [];
  let now = 0;
  for (const event of given.slice(from, from + count)) {
    const time = timeOf(plan, event);
    if (time > now && time < Date.UTC(9999, 0, 1)) now = Math.floor(time);
    made.push(arrivalOf(random, plan, partitions, event, now));
    if (random.chance(0.2)) made.push(again(random, plan, partitions, made, now));
  }
  return made;
}

/** An event in the stream; now and then what arrives is none. */
function arrivalOf(
  random: Random,
  plan: Plan,
  partitions: number,
  event: unknown,
  at: number,
): Arrival {
  const partition = bucketOf(partitionKeyOf(event, plan), partitions);
  const chance = random.next();
  let text = JSON.stringify(event);
  if (chance < 0.02) text = random.pick(['{"id":', 'null', 'nonsense']);
  else if (chance < 0.05 && typeof event === 'object' && event !== null) {
    const entries = Object.entries(event);
    const without = random.int(0, entries.length - 1);
    text = JSON.stringify(Object.fromEntries(entries.filter((_, i) => i !== without)));
  }
  return { event, text, partition, at };
}

/** One of the last events, once more. */
function again(
  random: Random,
  plan: Plan,
  partitions: number,
  made: readonly Arrival[],
  at: number,
): Arrival {
  return arrivalOf(random, plan, partitions, random.pick(made.slice(-14)).event, at);
}

function paceOf({ views, horizon }: Plan): Pace {
  const panes = views.map(({ window }) => window.paneMax).filter((pane) => pane > 0);
  const late = views.map(({ window, lateness }) => window.paneMax + lateness);
  const most = Math.max(horizon, ...late.filter(Number.isFinite));
  return {
    pane: Math.min(dayMs, Math.max(1_000, Math.min(...panes))),
    late: Math.min(lateMsMax, Math.max(60_000, most)),
  };
}

function recordsOf(random: Random, arrivals: readonly Arrival[], contiguous: boolean) {
  const records: StreamRecord[] = [];
  let position = BigInt(random.int(0, 5));
  for (let from = 0; from < arrivals.length; ) {
    const packed = arrivals.slice(from, from + (random.chance(0.4) ? 1 : random.int(2, 5)));
    from += packed.length;
    const bytes = utf8.encode(packed.map(({ text }) => text).join('\n'));
    const body = random.chance(0.2) ? compression.compress(bytes) : bytes;
    const arrival = (packed.at(-1) as Arrival).at;
    records.push({ position, partitionKey: '', arrival, body });
    position += contiguous || random.chance(0.7) ? 1n : BigInt(random.int(2, 9));
  }
  return records;
}
