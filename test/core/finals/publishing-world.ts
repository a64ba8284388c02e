import { type Duration, days, definePipeline, global, hopping, session, tumbling } from 'millrace';
import { Type } from 'typebox';
import { MemoryEventPublisher } from '../../../adapters/memory/memory-event-publisher.ts';
import { MemoryStreamReader } from '../../../adapters/memory/memory-stream-reader.ts';
import type { Limits } from '../../../core/limits.ts';
import { Maintenance } from '../../../core/maintain.ts';
import type { Pipeline } from '../../../core/pipeline.ts';
import { type ResultMessage, ResultSink } from '../../../core/ports/result-sink.ts';
import { Reader } from '../../../core/query/reader.ts';
import { noon } from '../folding.ts';
import { World } from '../small-world.ts';

/** A pipeline that publishes a view of every kind of window to the sink `out`. */
export function publishing(early: { readonly early?: Duration } = {}) {
  const publish = { to: 'out', ...early };
  return definePipeline({
    name: 'shown',
    schema: Type.Object({ id: Type.String(), at: Type.Number(), who: Type.String() }),
    ...({ id: 'id', time: 'at', partitionKey: 'who' } as const),
    watermark: { outOfOrder: '10s', idle: 'hold' },
    dedupe: 'off',
    views: (on) => {
      const measures = { c: on.count() };
      const key = ['who'] as const;
      return {
        minutes: on.view({ key, window: tumbling('1m'), lateness: '30s', publish, measures }),
        hops: on.view({ key, window: hopping({ size: '10m', slide: '1m' }), publish, measures }),
        stays: on.view({
          key,
          window: session({ gap: '30s', longest: '5m' }),
          lateness: '10s',
          ...{ publish, measures },
        }),
        days: on.view({ key, window: days('Europe/Berlin'), publish, measures }),
        all: on.view({ key: [], window: global(), publish, measures }),
        silent: on.view({ key, window: tumbling('1m'), measures }),
      };
    },
  });
}

/** A message as its consumer reads it. */
export interface Delivered {
  readonly id: string;
  readonly kind: 'final' | 'early';
  readonly revision?: number;
  readonly view: string;
  readonly key: Readonly<Record<string, string>>;
  readonly start: string;
  readonly end: string;
  readonly final: boolean;
  readonly measures: Readonly<Record<string, number>>;
}

/** A sink that keeps what it takes, in the order it came. */
export class KeepingSink extends ResultSink {
  readonly texts: string[] = [];
  readonly messages: ResultMessage[] = [];
  /** Throws what goes wrong with a call; `taken`: once its messages are kept. */
  fault: (taken: boolean) => void = () => {};

  override async publish(messages: readonly ResultMessage[]): Promise<void> {
    this.fault(false);
    this.messages.push(...messages);
    this.texts.push(...messages.map(({ json }) => json));
    this.fault(true);
  }

  /** What came, of one kind. */
  of(kind: Delivered['kind'], view?: string): Delivered[] {
    const all = this.texts.map((text): Delivered => JSON.parse(text));
    return all.filter((one) => one.kind === kind && (view === undefined || one.view === view));
  }
}

/** Partitions, their processing, any number of maintainers, and a sink. */
export function shownWorld(pipeline: Pipeline, partitions = 2, limits: Partial<Limits> = {}) {
  const world = new World([pipeline], { partitions, limits });
  world.clock.time = noon;
  const { clock, log, journals } = world;
  const stream = new MemoryStreamReader(log);
  const publisher = new MemoryEventPublisher(log, clock);
  const processor = world.processor(journals, stream);
  const sink = new KeepingSink();
  const maintainer = (journal = journals[0]!): Maintenance =>
    new Maintenance({
      ...{ journals: [journal], readers: [new Reader(journal, stream, clock)], processor, stream },
      ...{ clock, telemetry: world.telemetry, notices: world.queue, random: () => 0.5 },
      ...{ retentionSeconds: 86_400, idle: 'hold', sinks: new Map([['out', sink]]) },
    });
  let ids = 0;
  /** An event of `who` at so many seconds after noon. */
  const event = async (partition: number, second: number, who: string): Promise<void> => {
    clock.time = Math.max(clock.time, noon + second * 1_000);
    ids += 1;
    const json = JSON.stringify({ id: String(ids), at: noon + second * 1_000, who });
    const body = new TextEncoder().encode(json);
    await publisher.publish([{ bucket: partition, bucketCount: partitions, body }]);
    const from = log.bounds(partition).latest;
    const { records } = await stream.read(String(partition), from, 1_000);
    await world.process(records, String(partition), processor);
  };
  const maintenance = maintainer();
  /** A round of maintenance; what failed in it. */
  const round = async (by = maintenance, seconds = 60): Promise<unknown[]> => {
    const { failures } = await by.run(clock.time + seconds * 1_000);
    return failures.map(({ error }) => error);
  };
  return { world, clock, sink, maintainer, maintenance, event, round, journal: journals[0]! };
}
