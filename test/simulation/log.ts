import type { Cursor, DeadReason, StreamRecord } from '../../core/event.ts';
import { compression } from '../../testing/simulation/compression.ts';
import type { Random } from '../../testing/simulation/random.ts';

/** An event as a producer made it. */
export interface SimEvent {
  readonly id: string;
  readonly at: number;
  readonly kind: string;
  readonly user: string;
  readonly amount: number;
  readonly level?: number;
  readonly parts: number;
}

/** One line of the log: an event, or text that is none, with what a reader of the log knows about it. */
export interface Line {
  readonly position: bigint;
  readonly line: number;
  readonly arrival: number;
  readonly event: SimEvent | null;
  /** Why it can't be counted, where the producer knows that already. */
  readonly poison: DeadReason | null;
}

/** One partition of the stream, and the lines that its records hold. */
export interface Log {
  /** The partitions that were split or merged into this one. */
  readonly parents: readonly number[];
  readonly records: readonly StreamRecord[];
  readonly lines: readonly Line[];
  /** The number of lines before each record. */
  readonly before: readonly number[];
}

/** How many lines stand before a cursor. */
export function linesBefore(log: Log, cursor: Cursor): number {
  const index = log.records.findIndex(({ position }) => position >= cursor.position);
  if (index < 0) return log.lines.length;
  const exact = (log.records[index] as StreamRecord).position === cursor.position;
  return (log.before[index] as number) + (exact ? cursor.line : 0);
}

/** When the first event happens. */
export const epoch: number = Date.UTC(2001, 0, 1);

const utf8 = new TextEncoder();
const kinds = ['cold', 'warm', 'hot', 'hot', 'skip'];

interface Draft {
  readonly random: Random;
  readonly partition: number;
  /** Events so far, those of the parents included, for duplicates. */
  readonly events: SimEvent[];
  /** Where time stands, epoch milliseconds. */
  at: number;
}

/** What a log is made of. */
export interface LogParts {
  readonly partition: number;
  readonly records: number;
  readonly contiguous: boolean;
}

/** Makes a partition's log: duplicates, disorder within the bound and beyond, poison, packed and compressed records. */
export function makeLog(random: Random, parts: LogParts): Log {
  return logFrom(
    { random, partition: parts.partition, events: [], at: startOf(random) },
    parts,
    [],
  );
}

function startOf(random: Random): number {
  return epoch + random.int(0, 30_000);
}

/** Makes the log of a partition that others were split or merged into: it repeats events of theirs. */
export function makeChild(
  random: Random,
  logs: readonly Log[],
  parents: readonly number[],
  parts: LogParts,
): Log {
  const lines = parents.flatMap((parent) => (logs[parent] as Log).lines);
  const events = lines.flatMap(({ event }) => event ?? []).sort((a, b) => a.at - b.at);
  const at = Math.max(...lines.map(({ arrival }) => arrival));
  return logFrom({ random, partition: parts.partition, events, at }, parts, parents);
}

function logFrom(
  draft: Draft,
  { partition, records, contiguous }: LogParts,
  parents: readonly number[],
): Log {
  const { random } = draft;
  const log = {
    parents,
    records: [] as StreamRecord[],
    lines: [] as Line[],
    before: [] as number[],
  };
  let position = BigInt(random.int(0, 5));
  for (let i = 0; i < records; i += 1) {
    draft.at += random.chance(0.25) ? random.int(8_000, 50_000) : random.int(0, 5_000);
    const arrival = draft.at + random.int(0, 2_000);
    const size = random.chance(0.4) ? 1 : random.int(2, 5);
    const texts: string[] = [];
    const lines: Line[] = [];
    for (let line = 0; line < size; line += 1) {
      draft.at += random.int(0, 2_500);
      const { event, poison, text } = makeLine(draft, arrival);
      texts.push(text);
      lines.push({ position, line, arrival, event, poison });
    }
    const { body, whole } = bodyOf(random, texts, lines);
    log.before.push(log.lines.length);
    log.records.push({ position, partitionKey: String(partition), arrival, body });
    if (whole) log.lines.push(...lines);
    else log.lines.push({ position, line: 0, arrival, event: null, poison: 'undecodable' });
    position += contiguous || random.chance(0.7) ? 1n : BigInt(random.int(2, 9));
  }
  return log;
}

function makeLine(
  draft: Draft,
  arrival: number,
): Pick<Line, 'event' | 'poison'> & { readonly text: string } {
  const { random, events } = draft;
  if (events.length > 0 && random.chance(0.22)) {
    const event = events[Math.max(0, events.length - random.int(1, 14))] as SimEvent;
    const poison = event.at > arrival + 60_000 ? 'future' : null;
    return { event, poison: poisonOf(event) ?? poison, text: JSON.stringify(event) };
  }
  if (random.chance(0.04)) {
    const text = random.pick(['{"id":', 'null', '"text"', '{"id":"x"', 'nonsense']);
    return { event: null, poison: 'undecodable', text };
  }
  const chance = random.next();
  let at = draft.at - random.int(0, 4_000);
  if (chance < 0.1) at -= random.int(4_000, 100_000);
  else if (chance < 0.15) at = arrival + random.int(0, 60_000);
  else if (chance < 0.18) at = arrival + random.int(60_001, 600_000);
  const event: SimEvent = {
    id: `${draft.partition}-${events.length}`,
    at,
    kind: random.chance(0.03) ? 'boom' : random.pick(kinds),
    user: `u${draft.partition}${random.int(0, 2)}`,
    amount: random.int(-5_000, 5_000) / 100,
    ...(random.chance(0.7) ? { level: random.int(-9, 9) } : {}),
    parts: random.chance(0.7) ? 1 : random.chance(0.03) ? 9 : random.int(0, 3),
  };
  events.push(event);
  const poison = at > arrival + 60_000 ? 'future' : null;
  return { event, poison: poisonOf(event) ?? poison, text: JSON.stringify(event) };
}

function poisonOf(event: SimEvent): DeadReason | null {
  return event.parts > 3 ? 'invalid' : null;
}

/** The bytes of a record; not whole when none of its lines can be read. */
function bodyOf(random: Random, texts: readonly string[], lines: readonly Line[]) {
  // A text with one line is one value; broken JSON within an array breaks all of it.
  const asArray = random.chance(0.3) && lines.every(({ event }) => event !== null);
  const bytes = utf8.encode(asArray ? `[${texts.join(',')}]` : texts.join('\n'));
  if (random.chance(0.02)) {
    const damaged = compression.compress(bytes);
    damaged[damaged.length - 1] = 1;
    return { body: damaged, whole: false };
  }
  return { body: random.chance(0.2) ? compression.compress(bytes) : bytes, whole: true };
}
