import { open } from '../../core/journal/envelope.ts';
import { partitionsKey } from '../../core/journal/keys.ts';
import { Maintenance } from '../../core/maintain.ts';
import { type ResultMessage, ResultSink } from '../../core/ports/result-sink.ts';
import { Processor } from '../../core/process.ts';
import { Reader } from '../../core/query/reader.ts';
import type { PageContext } from '../../core/view/page.ts';
import { SimClock, SimMessageQueue, SimStreamReader } from '../../testing/simulation/ports.ts';
import type { Actor } from '../../testing/simulation/scheduler.ts';
import { publishedViews, sinkName } from './definition.ts';
import { viewNames } from './model.ts';
import { isFinalAt } from './read-check.ts';
import { scope } from './truth.ts';
import type { World } from './world.ts';

/** Calls of a sink hold so few rows that crashes come between them. */
const sinkRowsMax = 2;
/** A sink as one publisher sees it. */
class SimSink extends ResultSink {
  private readonly actor: Actor;
  private readonly world: World;

  constructor(actor: Actor, world: World) {
    super();
    this.actor = actor;
    this.world = world;
  }

  override publish(messages: readonly ResultMessage[]): Promise<void> {
    const what = `publish ${messages.map(({ id }) => id.slice(id.indexOf('/1/') + 3)).join(' ')}`;
    const run = (): void => {
      for (const message of messages) take(this.world, message);
    };
    return this.world.scheduler.call(this.actor, 'sink', what, run, { writes: true });
  }
}

/** The sink of the views that are published, as an actor sees it. */
export function sinksOf(world: World, actor: Actor): ReadonlyMap<string, ResultSink> {
  return new Map([[sinkName, new SimSink(actor, world)]]);
}

/** A row as it was delivered. */
interface DeliveredRow {
  readonly view: string;
  readonly key: Readonly<Record<string, unknown>>;
  readonly start: string;
  readonly end: string;
  readonly measures: Readonly<Record<string, unknown>>;
}

/** What was delivered is final by then, and every time the same. */
function take(world: World, { id, json }: ResultMessage): void {
  const { deliveries } = world.vault;
  const before = deliveries.get(id);
  if (before !== undefined) world.count('delivered again');
  if (before !== undefined && before !== json) world.fail(`${id} was ${before}, and is ${json}`);
  deliveries.set(id, json);
  world.count('delivered rows');
  const key = partitionsKey(scope);
  const item = world.vault.shelf(key.partition).newest(key.sort);
  const text = new TextDecoder().decode(open('partitions', key, item?.body ?? new Uint8Array()));
  const { finalTo }: { readonly finalTo: number } = JSON.parse(text);
  const row: DeliveredRow = JSON.parse(json);
  const place = { start: Date.parse(row.start), end: Date.parse(row.end), key: [], values: [] };
  if (!isFinalAt(viewNames.indexOf(row.view as never), finalTo)(place)) {
    world.fail(`${id} was delivered before ${finalTo}, when it was not final`);
  }
}

/** A context whose sinks take few rows at once. */
function publishingContext(world: World, actor: Actor): PageContext {
  const context = world.context(actor);
  return { ...context, limits: { ...context.limits, sinkRowsMax } };
}

/** Publishes now and then beside all others. */
export function startPublisher(world: World, rounds: number): void {
  let left = rounds;
  const { random } = world;
  const actor = world.actor('publisher', '', () => startPublisher(world, left));
  const publish = publisherOf(world, actor);
  world.spawn(actor, async () => {
    for (; left > 0; left -= 1) {
      for (let turns = random.int(1, 30); turns > 0; turns -= 1) await world.turn(actor);
      await publish();
    }
  });
}

/** Publishes what is left when all is final. */
export function publishRest(world: World): void {
  const actor = world.actor('publisher', 'last', () => undefined);
  const publish = publisherOf(world, actor);
  world.spawn(actor, async () => {
    await publish();
  });
}

function publisherOf(world: World, actor: Actor): () => Promise<void> {
  const { random, scheduler } = world;
  const clock = new SimClock(actor, scheduler);
  const journal = publishingContext(world, actor);
  const stream = new SimStreamReader(actor, world);
  const parts = {
    ...{ journals: [journal], notices: new SimMessageQueue(actor, world), clock, stream },
    ...{ telemetry: world.telemetry(actor), random: random.next, retentionSeconds: 86_400 },
  };
  const maintenance = new Maintenance({
    ...{ ...parts, readers: [new Reader(journal, stream, clock)], idle: 'hold' },
    processor: new Processor(parts),
    sinks: sinksOf(world, actor),
  });
  return async () => {
    const { failures } = await maintenance.publish(clock.now() + random.int(10_000, 100_000));
    for (const { error } of failures) world.met(actor, error);
  };
}

/** Every row of the published views was delivered, as it is at the end, and no other. */
export function checkDeliveries(world: World): void {
  const lines = world.setup.logs.map((log) => log.lines.length);
  const delivered = [...world.vault.deliveries.values()].map(
    (json): DeliveredRow => JSON.parse(json),
  );
  for (const view of publishedViews) {
    const rows = world.model.rowsAt(viewNames.indexOf(view as never), lines);
    const wanted = rows.map(({ start, end, key, values }) =>
      JSON.stringify([new Date(start).toISOString(), new Date(end).toISOString(), key, values]),
    );
    const found = delivered
      .filter((row) => row.view === view)
      .map(({ start, end, key, measures }) =>
        JSON.stringify([start, end, Object.values(key), Object.values(measures)]),
      );
    const missing = wanted.filter((row) => !found.includes(row));
    const others = found.filter((row) => !wanted.includes(row));
    if (missing.length > 0) world.fail(`${view}: ${missing.join(', ')} never delivered`);
    if (others.length > 0) world.fail(`${view}: ${others.join(', ')} delivered, but no row`);
  }
}
