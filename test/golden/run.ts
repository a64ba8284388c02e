import { readFileSync } from 'node:fs';
import type { StreamRecord } from '../../core/event.ts';
import { bucketOf } from '../../core/hash.ts';
import { partitionKeyOf } from '../../core/ingest.ts';
import { addCounts, type Counts, noCounts } from '../../core/journal/counts.ts';
import { endStream } from '../../core/journal/partitions.ts';
import type { Pipeline } from '../../core/pipeline.ts';
import { partitionOf } from '../../core/ports/event-publisher.ts';
import { rowJson } from '../../core/query/answer.ts';
import { World } from '../core/small-world.ts';

/** A case as it is written in a JSON file. */
export interface GoldenCase {
  readonly pipeline: string;
  /** On how many partitions the answer must be the same; only 1 where something is late. */
  readonly partitions: readonly number[];
  /** Whether the answer must be the same when the last record comes first. */
  readonly anyOrder?: boolean;
  /** Of records that do not say. */
  readonly arrival: string;
  readonly records: readonly GoldenRecord[];
}

/** A record: an event, a text or bytes in base64. */
export interface GoldenRecord {
  readonly event?: unknown;
  readonly text?: string;
  readonly base64?: string;
  readonly arrival?: string;
}

/** One way to run a case. */
export interface Way {
  readonly partitions: number;
  /** Records in a batch; the processor is a new one after each. */
  readonly batch: number;
  /** Whether events that arrived together share a record. */
  readonly packed: boolean;
  /** Whether pages are made after every batch. */
  readonly compact: boolean;
  /** Whether the last record comes first. */
  readonly reversed?: boolean;
}

/** Reads a file beside this one. */
export function read(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}

interface Body {
  readonly arrival: number;
  readonly bytes: Uint8Array;
  /** Null where it can't stand with others in one record. */
  readonly text: string | null;
}

function bodyOf(record: GoldenRecord, golden: GoldenCase): Body {
  const arrival = Date.parse(record.arrival ?? golden.arrival);
  if (record.base64 !== undefined) {
    return { arrival, bytes: new Uint8Array(Buffer.from(record.base64, 'base64')), text: null };
  }
  const text = record.text ?? JSON.stringify(record.event);
  const packable = record.event !== undefined || text.startsWith('{');
  return { arrival, bytes: new TextEncoder().encode(text), text: packable ? text : null };
}

/** Joins texts that arrived together, three to a record. */
function pack(bodies: readonly Body[]): Body[] {
  const packs: Body[][] = [];
  for (const body of bodies) {
    const last = packs.at(-1);
    const joins = last?.every(({ text, arrival }) => text !== null && arrival === body.arrival);
    if (joins && body.text !== null && last!.length < 3) last!.push(body);
    else packs.push([body]);
  }
  return packs.map((parts) => {
    if (parts.length === 1) return parts[0]!;
    const text = parts.map((part) => part.text).join('\n');
    return { arrival: parts[0]!.arrival, bytes: new TextEncoder().encode(text), text };
  });
}

/** The records of each partition. Equal keys meet in one; what has no key goes to the first. */
export function partitioned(pipeline: Pipeline, golden: GoldenCase, way: Way): StreamRecord[][] {
  const parts: Body[][] = Array.from({ length: way.partitions }, () => []);
  for (const one of way.reversed ? golden.records.toReversed() : golden.records) {
    const { event } = one;
    const key = partitionKeyOf(event, pipeline.plan);
    const part = event === undefined ? 0 : partitionOf(bucketOf(key, 64), 64, way.partitions);
    parts[part]!.push(bodyOf(one, golden));
  }
  return parts.map((bodies) =>
    (way.packed ? pack(bodies) : bodies).map(({ arrival, bytes }, position) => ({
      ...{ position: BigInt(position), partitionKey: '', arrival, body: bytes },
    })),
  );
}

/** Runs a case one way, to the end of its stream. */
export async function run(pipeline: Pipeline, golden: GoldenCase, way: Way): Promise<string> {
  const world = new World([pipeline], { partitions: way.partitions });
  for (const [index, records] of partitioned(pipeline, golden, way).entries()) {
    const partition = String(index);
    for (let from = 0; from < Math.max(1, records.length); from += way.batch) {
      const { failures } = await world.process(records.slice(from, from + way.batch), partition);
      if (failures.length > 0) throw failures[0]!.error;
      if (way.compact) await world.compact(partition);
    }
  }
  await endStream(world.journals[0]!);
  return [...(await rowsOf(world, pipeline)), await summaryOf(world, pipeline)]
    .join('\n')
    .concat('\n');
}

async function rowsOf(world: World, { plan }: Pipeline): Promise<string[]> {
  const reader = world.reader();
  const all: string[] = [];
  for (const name of plan.views.map((view) => view.name).sort()) {
    const { rollups } = plan.views.find((view) => view.name === name)!;
    const grains = rollups.map(({ window }) => ({ grain: `${window.unit}ms` as const }));
    for (const grain of [{}, ...grains]) {
      const { rows, selected, finalTo } = await reader.read(name, { limit: 10_000, ...grain });
      all.push(...selected.map((row) => rowJson(rows, row, finalTo)));
    }
  }
  return all;
}

async function summaryOf(world: World, { plan }: Pipeline): Promise<string> {
  const partitions = await world.reader().partitions();
  const { lost, ...counts } = partitions.reduce<Counts>(
    (sum, one) => addCounts(sum, one.counts),
    noCounts(plan.views.length),
  );
  const views = Object.fromEntries(plan.views.map(({ name }, i) => [name, counts.views[i]]));
  if (lost > 0) throw new Error(`${lost} records are lost`);
  return JSON.stringify({ summary: { ...counts, views }, dead: await reasonsOf(world) });
}

/** How many dead letters there are of each reason. */
async function reasonsOf(world: World): Promise<Record<string, number>> {
  const reasons: Record<string, number> = {};
  for (const name of await world.objects.list('kept/', '', 10_000)) {
    if (!name.includes('/_dead/')) continue;
    const lines = world.journals[0]!.compression.decompress((await world.objects.get(name))!, 1e7);
    for (const line of new TextDecoder().decode(lines).trimEnd().split('\n')) {
      const { reason } = JSON.parse(line);
      reasons[reason] = (reasons[reason] ?? 0) + 1;
    }
  }
  return Object.fromEntries(Object.entries(reasons).sort(([a], [b]) => (a < b ? -1 : 1)));
}
