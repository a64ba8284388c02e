import { compression } from '../adapters/compression.ts';
import type { StreamRecord } from '../core/event.ts';
import { fold } from '../core/fold/fold.ts';
import { encodeEntry } from '../core/journal/entry-codec.ts';
import { entrySort } from '../core/journal/keys.ts';
import { emptyState } from '../core/journal/load.ts';
import { advance } from '../core/journal/state.ts';
import { defaultLimits } from '../core/limits.ts';
import type { Pipeline } from '../core/pipeline.ts';
import { noTables } from '../core/references/references.ts';
import { clicks, clickTexts, from, sketched } from './clicks.ts';
import { atMost, cpuMs, type Figure, quantile, reported } from './figure.ts';

const utf8 = new TextEncoder();
const decoder = new TextDecoder();
const count = 50_000;
const batchEvents = 1_000;
const rounds = 60;
const warmUpRounds = 5;

/** Records of `pack` events each, as NDJSON. */
export function recordsOf(texts: readonly string[], pack: number): StreamRecord[] {
  const all: StreamRecord[] = [];
  for (let i = 0; i < texts.length; i += pack) {
    const body = utf8.encode(texts.slice(i, i + pack).join('\n'));
    all.push({ position: BigInt(all.length), partitionKey: '0', arrival: from + i, body });
  }
  return all;
}

/** Bytes to encoded entries, `batch` records at a time. */
function runCore(pipeline: Pipeline, records: readonly StreamRecord[], batch: number): number {
  const { plan } = pipeline;
  const limits = defaultLimits;
  const references = noTables;
  const context = { plan, limits, compression, entryBytesMax: 380_000, lost: 0, references };
  let state = emptyState(pipeline);
  let bytes = 0;
  for (let i = 0; i < records.length; i += batch) {
    const { entry } = fold(state, records.slice(i, i + batch), context);
    if (entry === null) continue;
    bytes += encodeEntry({ partition: 'p', sort: entrySort(entry.index) }, entry, context).length;
    state = advance(state, entry);
  }
  return bytes;
}

/** JSON.parse alone on the same bytes: decode and parse, nothing else. */
function parseAlone(records: readonly StreamRecord[]): number {
  let sum = 0;
  for (const { body } of records) {
    const text = decoder.decode(body);
    for (const line of text.split('\n')) sum += (JSON.parse(line) as { at: number }).at & 1;
  }
  return sum;
}

/**
 * One thread from bytes to encoded entries (parse, validate, dedupe, one view of count, sum, min and max), against
 * JSON.parse alone on the same bytes, and the same with sketches in every row: the median of rounds that time one right
 * after the other. Times are of the CPU, all threads, garbage collection included.
 */
export function coreFigures(): Figure[] {
  const texts = [...clickTexts({ count, rate: 1_000, keys: 10_000, seed: 1 })];
  const one = measure(clicks, recordsOf(texts, 1), batchEvents);
  const packed = measure(clicks, recordsOf(texts, 100), batchEvents / 100);
  const sketches = measure(sketched, recordsOf(texts, 1), batchEvents);
  return [
    atMost('core-ratio', one.ratio, 'x', 1.6),
    reported('core-rate', one.rate, 'k events/s'),
    reported('core-packed-ratio', packed.ratio, 'x'),
    reported('core-packed-rate', packed.rate, 'k events/s'),
    atMost('core-sketches-ratio', sketches.ratio, 'x', 2.2),
    reported('core-sketches-rate', sketches.rate, 'k events/s'),
  ];
}

function measure(pipeline: Pipeline, records: readonly StreamRecord[], batch: number) {
  const ratios: number[] = [];
  const whole: number[] = [];
  for (let round = 0; round < warmUpRounds + rounds; round += 1) {
    const alone = cpuMs(() => parseAlone(records));
    const ms = cpuMs(() => runCore(pipeline, records, batch));
    if (round < warmUpRounds) continue;
    ratios.push(ms / alone);
    whole.push(ms);
  }
  return { ratio: quantile(ratios, 0.5), rate: count / quantile(whole, 0.5) };
}
