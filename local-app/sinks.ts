import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { openLocalDatabase } from '../adapters/local/local-database.ts';
import { LocalEventPublisher } from '../adapters/local/local-event-publisher.ts';
import { countPartitions, LocalLog } from '../adapters/local/local-log.ts';
import { QueueResultSink } from '../adapters/sinks/queue-result-sink.ts';
import type { SinkConfig } from '../adapters/sinks/sink-config.ts';
import { StreamResultSink } from '../adapters/sinks/stream-result-sink.ts';
import { WebhookResultSink } from '../adapters/sinks/webhook-result-sink.ts';
import { checkSinks, type Sinks } from '../core/finals/publishing.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { MessageQueue } from '../core/ports/message-queue.ts';
import type { ObjectStore } from '../core/ports/object-store.ts';
import type { ResultSink } from '../core/ports/result-sink.ts';
import type { LocalConfig } from './config.ts';

/** What sinks are made of. */
export interface SinkParts {
  readonly clock: Clock;
  readonly objects: ObjectStore;
  readonly queue: (name: string) => MessageQueue;
  /** Of a stream that is made for results. */
  readonly partitions: number;
}

/** The file of the database in a folder whose stream takes results: that of its Millrace. */
const streamFile = 'millrace.db';

/** The sinks of an embedded Millrace: a queue of its own database, the stream of another data folder, a webhook. */
export function sinksOf(
  configs: Readonly<Record<string, SinkConfig>>,
  { clock, objects, queue, partitions }: SinkParts,
): { readonly byName: Sinks; readonly close: () => void } {
  const databases: DatabaseSync[] = [];
  const stream = (folder: string): ResultSink => {
    mkdirSync(folder, { recursive: true });
    const database = openLocalDatabase(join(folder, streamFile));
    databases.push(database);
    const count = countPartitions(database) || partitions;
    return new StreamResultSink(
      new LocalEventPublisher(new LocalLog(database, count), clock),
      count,
    );
  };
  const made = Object.entries(configs).map(([name, config]): [string, ResultSink] => {
    if (config.kind === 'webhook') return [name, new WebhookResultSink(config, clock)];
    if (config.kind === 'stream') return [name, stream(config.place)];
    return [name, new QueueResultSink(queue(config.place), objects)];
  });
  const close = (): void => {
    for (const database of databases) database.close();
  };
  return { byName: new Map(made), close };
}

/** @throws MillraceError `definition` for a sink that a pipeline wants and nobody has given. */
export function checkLocalSinks({ pipelines, sinks }: LocalConfig): void {
  checkSinks(
    pipelines,
    (sink) => Object.hasOwn(sinks, sink),
    (sink) => `say where that is: --sink ${sink}=webhook:https://…, queue:<name> or stream:<dir>`,
  );
}
