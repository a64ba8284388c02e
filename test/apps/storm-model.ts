import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { StreamRecord } from '../../core/event.ts';
import type { StormEvent } from './storm-events.ts';
import type { PartitionLog } from './stream-log.ts';

/** What the storm pipeline must answer, and what came into the stream. */
export interface Expected {
  /** As `answersOf` gives it. */
  readonly answers: string;
  /** The ids of all events in the stream. */
  readonly ids: ReadonlySet<string>;
  readonly duplicates: number;
  readonly late: number;
}

interface Row {
  readonly view: string;
  readonly key: Readonly<Record<string, string>>;
  readonly start: number;
  readonly size: number;
  readonly measures: Record<string, number>;
}

const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;
const outOfOrderMs = 30_000;
const latenessMs = 120_000;
const reasons = ['undecodable', 'invalid', 'function-failed'] as const;

/** What a partition has seen by its end. */
interface End {
  readonly seen: ReadonlySet<string>;
  readonly watermark: number;
}

/**
 * A plain loop over what the stream holds, parents before their children: it knows no batches, no partitions of work
 * and no failures.
 */
export function expectedOf(partitions: readonly PartitionLog[]): Expected {
  const rows = new Map<string, Row>();
  const ids = new Set<string>();
  const dead: Record<string, number> = {};
  const counts = { received: 0, accepted: 0, duplicates: 0, filtered: 0, deadLettered: 0 };
  let late = 0;
  const die = (reason: (typeof reasons)[number]): void => {
    counts.deadLettered += 1;
    dead[reason] = (dead[reason] ?? 0) + 1;
  };
  const ends = new Map<string, End>();
  for (const { id, parents, records } of parentsFirst(partitions)) {
    const before = parents.flatMap((parent) => ends.get(parent) ?? []);
    const seen = new Set(before.flatMap((one) => [...one.seen]));
    let watermark = Math.max(...before.map((one) => one.watermark));
    for (const { arrival, line } of records.flatMap(linesOf)) {
      counts.received += 1;
      const event = parsed(line);
      if (event === null) die('undecodable');
      else if (typeof event.at !== 'number') die('invalid');
      else {
        ids.add(event.id);
        const mark = watermark;
        watermark = Math.max(watermark, Math.min(event.at, arrival) - outOfOrderMs);
        if (seen.has(event.id)) counts.duplicates += 1;
        else if (event.value === 13) die('function-failed');
        else if (event.value === 0) counts.filtered += 1;
        else {
          seen.add(event.id);
          counts.accepted += 1;
          const start = event.at - (event.at % minuteMs);
          count(rows, event, 'perDay', dayMs);
          if (start + minuteMs + latenessMs <= mark) late += 1;
          else {
            count(rows, event, 'perKey', minuteMs);
            count(rows, event, 'perKey', hourMs);
          }
        }
      }
    }
    ends.set(id, { seen, watermark });
  }
  const offered = counts.accepted;
  const views = {
    perDay: { offered, counted: offered, late: 0 },
    perKey: { offered, counted: offered - late, late },
  };
  const sorted = Object.fromEntries(Object.entries(dead).sort(([a], [b]) => (a < b ? -1 : 1)));
  const summary = JSON.stringify({ summary: { ...counts, views }, dead: sorted });
  const answers = [...[...rows.values()].sort(inOrder).map(textOf), summary].join('\n');
  return { answers: `${answers}\n`, ids, duplicates: counts.duplicates, late };
}

function parentsFirst(partitions: readonly PartitionLog[]): PartitionLog[] {
  const left = new Map(partitions.map((one) => [one.id, one]));
  const ordered: PartitionLog[] = [];
  const take = (id: string): void => {
    const one = left.get(id);
    if (one === undefined) return;
    left.delete(id);
    for (const parent of one.parents) take(parent);
    ordered.push(one);
  };
  for (const { id } of partitions) take(id);
  return ordered;
}

function linesOf({ arrival, body }: StreamRecord): { arrival: number; line: string }[] {
  const lines = textOfBody(Buffer.from(body)).split('\n');
  return lines.map((line) => ({ arrival, line }));
}

function textOfBody(body: Buffer): string {
  if (body[0] === 0x28 && body[1] === 0xb5) return zstdDecompressSync(body).toString();
  if (body[0] === 0x1f && body[1] === 0x8b) return gunzipSync(body).toString();
  return body.toString();
}

function parsed(line: string): StormEvent | null {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function count(
  rows: Map<string, Row>,
  event: StormEvent,
  view: 'perDay' | 'perKey',
  size: number,
): void {
  const start = event.at - (event.at % size);
  const key = view === 'perDay' ? {} : { key: event.key };
  const name = `${view} ${size} ${start} ${JSON.stringify(key)}`;
  const first = view === 'perDay' ? { count: 0, least: event.value } : { count: 0, sum: 0 };
  const row = rows.get(name) ?? { view, key, start, size, measures: first };
  const { measures } = row;
  measures['count']! += 1;
  if (view === 'perDay') measures['least'] = Math.min(measures['least']!, event.value);
  else measures['sum']! += event.value;
  rows.set(name, row);
}

function inOrder(a: Row, b: Row): number {
  if (a.view !== b.view) return a.view < b.view ? -1 : 1;
  if (a.size !== b.size) return a.size - b.size;
  if (a.start !== b.start) return a.start - b.start;
  return a.key['key']! < b.key['key']! ? -1 : 1;
}

function textOf({ view, key, start, size, measures }: Row): string {
  const times = {
    start: new Date(start).toISOString(),
    end: new Date(start + size).toISOString(),
  };
  return JSON.stringify({ view, key, ...times, final: true, measures });
}
