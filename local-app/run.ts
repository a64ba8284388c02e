import type { Served } from '../core/engine.ts';
import { MillraceError } from '../core/errors.ts';
import { timeMax } from '../core/event.ts';
import { addCounts, type Counts, noCounts, type ViewCounts } from '../core/journal/counts.ts';
import { endStream, readPartitions } from '../core/journal/partitions.ts';
import type { Pipeline } from '../core/pipeline.ts';
import { type Scanned, scan } from '../core/query/scan.ts';
import type { NamedObject } from '../core/references/references.ts';
import type { PageContext } from '../core/view/page.ts';
import { type App, compose } from './composition.ts';
import { type LocalConfig, localConfig } from './config.ts';
import { checkDataFolder, type Held, holdFolder } from './data-folder.ts';
import { Pump } from './pump.ts';
import { endedEarly, Feed, type RunRow } from './run-feed.ts';
import { claimFolder, type InputIdentity } from './run-input.ts';
import { checkLocalSinks } from './sinks.ts';

/** What to process, and where to keep it. */
export interface RunOptions {
  readonly pipelines: readonly Pipeline[];
  /** The rows in order; those of one partition key are processed in this order. Not read when the run is finished. */
  readonly rows: AsyncIterable<readonly RunRow[]>;
  readonly partitions: number;
  /** The data folder; null keeps everything in memory. */
  readonly data: string | null;
  readonly identity: InputIdentity;
  /** Reference tables to put before the first row. */
  readonly tables?: readonly NamedObject[];
  /** Where views are published, by the name of the sink. */
  readonly sinks?: LocalConfig['sinks'];
  /** Hears of rows as they are processed: how many of the input so far, those of an earlier start included. */
  readonly onProgress?: (rows: number) => void;
}

/** The counts of a pipeline over all partitions, as the summary shows them: views by name. */
export type Summary = Omit<Counts, 'views' | 'lost'> & {
  readonly views: Readonly<Record<string, ViewCounts>>;
};

/** What came of a run, for one pipeline. */
export interface Processed {
  readonly pipeline: string;
  readonly summary: Summary;
  readonly journal: PageContext;
  /** All rows, final: by view name, start and key. In the memory of one bucket of event time. */
  rows(): AsyncGenerator<Scanned>;
}

/** A finished run. Its folder is locked, and its rows can be read, until it is closed. */
export interface Finished {
  readonly pipelines: readonly Processed[];
  close(): void;
}

const roundRowsMax = 20_000;
const roundBytesMax = 33_554_432;
/** In memory nobody reads a record again. */
const memoryRetentionSeconds = 60;
const publishMs = 60_000;

/**
 * Processes an input to its end through stream, journal and pages. A run on a data folder that was cut off goes on
 * where it stopped and gives the same rows; one that is finished gives its rows again.
 *
 * @throws MillraceError `definition`, `request` for a folder of another input, or what the rows throw.
 */
export async function run(options: RunOptions): Promise<Finished> {
  const { pipelines, partitions, data, identity, sinks = {} } = options;
  const retention = data === null ? { retentionSeconds: memoryRetentionSeconds } : {};
  const config = localConfig({
    ...{ pipelines, partitions, data, sinks, packLingerMs: 0 },
    ...retention,
  });
  checkLocalSinks(config);
  if (data !== null) checkDataFolder(data);
  const held: Held | null = data === null ? null : holdFolder(data);
  let app: App | null = null;
  const close = (): void => {
    app?.close();
    held?.release();
  };
  try {
    app = compose(config);
    const note = data === null ? async () => {} : await claimFolder(app, identity);
    for (const { name, bytes } of options.tables ?? []) await app.objects.put(name, bytes);
    await processAll(app, options, note);
    await publishAll(app);
    const served = [...app.served.values()];
    return { pipelines: await Promise.all(served.map(processedOf)), close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Publishes what is left of the rows: all are final now. */
async function publishAll({ clock, maintenance }: App): Promise<void> {
  for (let more = true; more; ) {
    const { published, failures } = await maintenance.publish(clock.now() + publishMs);
    if (failures[0] !== undefined) throw failures[0].error;
    more = published > 0;
  }
}

async function processAll(
  app: App,
  { rows, identity, onProgress }: RunOptions,
  note: () => Promise<void>,
): Promise<void> {
  const served = [...app.served.values()];
  const ends = await Promise.all(served.map(({ journal }) => readPartitions(journal)));
  const finished = ends.every((end) => end?.finalTo === timeMax);
  // Without a size only the rows tell whether the input is the same.
  if (finished && identity.bytes !== null) return;
  const pump = new Pump(app);
  await pump.catchUp();
  const first = served[0] as Served;
  const feed = new Feed(app.publisher, first.journal.plan, await taken(app, first));
  const roundRows = roundRowsMax * app.config.partitions;
  let read = 0;
  const round = async (): Promise<void> => {
    if (finished && feed.rows > 0) throw endedEarly(feed.rows);
    await note();
    await feed.publish();
    await pump.catchUp();
    if (app.config.data === null) await app.sweep();
    onProgress?.(read);
  };
  for await (const chunk of rows) {
    for (const row of chunk) feed.add(row);
    read += chunk.length;
    if (feed.rows >= roundRows || feed.bytes >= roundBytesMax) await round();
  }
  await round();
  if (feed.missing > 0) throw endedEarly(feed.missing);
  await app.publisher.close();
  await pump.drain();
  const received = (await taken(app, first)).reduce((sum, rows) => sum + rows, 0);
  if (received !== read) {
    throw new MillraceError('bug', `${read} rows were read, but ${received} events received`);
  }
  for (const { journal } of served) await endStream(journal);
}

/**
 * How many rows of each partition the stream has. Every row is one event received, and all that the stream holds is
 * processed, so the journal tells: nothing else is kept of the progress that a crash could tear from it.
 */
async function taken(app: App, { reader }: Served): Promise<number[]> {
  const counts = new Map<string, number>();
  for (const one of await reader.partitions()) counts.set(one.partition, one.counts.received);
  return (await app.stream.partitions()).map(({ id }) => counts.get(id) ?? 0);
}

async function processedOf({ journal, reader }: Served): Promise<Processed> {
  const { plan } = journal;
  const snapshots = await reader.partitions();
  let counts = noCounts(plan.views.length);
  for (const snapshot of snapshots) counts = addCounts(counts, snapshot.counts);
  const views = [...plan.views].sort((a, b) => (a.name < b.name ? -1 : 1));
  const { lost: _, ...known } = counts;
  const countsOf = new Map(plan.views.map((view, i) => [view, counts.views[i] as ViewCounts]));
  return {
    pipeline: plan.name,
    journal,
    summary: {
      ...known,
      views: Object.fromEntries(views.map((view) => [view.name, countsOf.get(view) as ViewCounts])),
    },
    async *rows() {
      for (const view of views) yield* scan(journal, view);
    },
  };
}
