import { cpus } from 'node:os';
import { MillraceError } from '../../core/errors.ts';
import { decodeEntryHead } from '../../core/journal/entry-codec.ts';
import type { Pipeline } from '../../core/pipeline.ts';
import type { Profile } from '../../cost/profile.ts';
import { feedSizes, measuredBatches, measuredCompactions, measuredCpu, round } from './batches.ts';
import { measuredCalls } from './calls.ts';
import { bodyOf, type Fed } from './feed.ts';
import { measuredDelays, measuredViews } from './views.ts';

/** A batch of 10 events needs 64 of its kind for a compaction. */
const eventsMin = 1_000;
const recordSizes = [1, 10, 100, 1_000];
const sampledRecords = 100;

/** What is measured, and what is told of it. */
export interface Measured {
  readonly pipeline: Pipeline;
  /** Events as JSON, in order. */
  readonly events: readonly string[];
  readonly input: string;
  readonly startMs: number;
  readonly version: string;
}

/**
 * Measures a pipeline on events, through the real core over adapters in memory.
 *
 * @throws MillraceError `request` for too few events, or events that the pipeline does not count.
 */
export async function measure(measured: Measured): Promise<Profile> {
  const { pipeline, events, input, startMs, version } = measured;
  if (events.length < eventsMin) {
    const text = `${input} has ${events.length} events; a profile needs ${eventsMin} at least`;
    throw new MillraceError('request', text);
  }
  const fed = await feedSizes(pipeline, events);
  const longest = fed.all.reduce((a, b) =>
    a.fed.batches * a.events > b.fed.batches * b.events ? a : b,
  );
  const eventsPerSecond = rateOf(longest.fed, input);
  const bytes = events.reduce((sum, event) => sum + Buffer.byteLength(event), 0);
  const { views, answerRowBytes } = await measuredViews(pipeline, events, fed);
  const heapBytes = Math.max(...fed.all.map((one) => one.fed.heapBytes));
  return {
    pipeline: pipeline.name,
    ...{ input, events: events.length, eventsPerSecond },
    measuredOn: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}`,
    versions: { millrace: version, node: process.versions.node },
    eventBytes: round(bytes / events.length),
    records: recordSizes
      .filter((size) => size <= events.length)
      .map((size) => record(events, size)),
    batches: measuredBatches(fed),
    cpu: await measuredCpu(pipeline, events),
    views,
    delays: measuredDelays(pipeline, events),
    compactions: measuredCompactions(fed),
    calls: await measuredCalls(pipeline, events),
    ...{ answerRowBytes, startMs },
    heapPeakMB: Math.ceil(heapBytes / 2 ** 20),
  };
}

/** Events by second of event time, by how far the watermark went. */
function rateOf({ world: { store, journal }, batches }: Fed, input: string): number {
  const heads = store.entries.map(({ key, body }) => decodeEntryHead(key, body, journal));
  const runs = heads.filter(({ kind }) => kind === 'run');
  const accepted = runs.reduce((sum, { counts }) => sum + counts.accepted, 0);
  const received = runs.reduce((sum, { counts }) => sum + counts.received, 0);
  if (accepted * 2 < received || batches === 0) {
    const text = `${input}: the pipeline counts ${accepted} of ${received} events; is it its input?`;
    throw new MillraceError('request', text);
  }
  const [first, last] = [runs[0], runs.at(-1)];
  const ms = (last?.watermark ?? 0) - (first?.watermark ?? 0);
  // The first watermark stands behind the events of the first batch.
  const after = received - (first?.counts.received ?? 0);
  return ms > 0 ? round((after * 1_000) / ms) : after;
}

/** The mean size of records of so many events each. */
function record(events: readonly string[], size: number): Profile['records'][number] {
  let [bytes, count] = [0, 0];
  for (let i = 0; i + size <= events.length && count < sampledRecords * size; i += size) {
    bytes += bodyOf(events.slice(i, i + size)).length;
    count += size;
  }
  return { events: size, bytesPerEvent: round(bytes / count) };
}
