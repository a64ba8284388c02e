import { MillraceError } from '../errors.ts';
import { eventTimeMax, timeMax, timeMin } from '../event.ts';
import { readPartitions } from '../journal/partitions.ts';
import type { ViewPlan } from '../plan.ts';
import type { Clock } from '../ports/clock.ts';
import type { ResultMessage } from '../ports/result-sink.ts';
import type { Reader } from '../query/reader.ts';
import type { PageContext } from '../view/page.ts';
import type { Rows } from '../view/rows.ts';
import {
  type Cursor,
  type EarlyCursor,
  type Place,
  readCursor,
  type StoredCursor,
  writeCursor,
} from './cursor.ts';
import { changedSince, type Due, dueRows, entriesOf } from './due.ts';
import { type MessageKind, resultMessage } from './message.ts';
import { certain, seek, sliceMs, startAfter, wholeFrom } from './slice.ts';

/** What publishing one view for a while takes. */
export interface ViewPublisherParts {
  readonly journal: PageContext;
  readonly reader: Reader;
  readonly view: ViewPlan;
  readonly clock: Clock;
  /** Resolves once the sink has taken all; throws if it may not have. */
  readonly send: (kind: MessageKind['kind'], messages: readonly ResultMessage[]) => Promise<void>;
  /** Epoch milliseconds after which nothing further begins. */
  readonly deadline: number;
}

/** Rows that became final in a piece of event time, and up to when that is all of them. */
interface Slice {
  readonly rows: Rows;
  readonly due: readonly Due[];
  readonly finalTo: number;
}

const nothing: StoredCursor = {
  cursor: { finalTo: timeMin, after: null, early: null },
  version: null,
};
const nothingEarly: EarlyCursor = { at: 0, entries: {}, pass: null };
const chunkCharactersMax = 200_000;

/**
 * Publishes one view, for a while. Why no final row is ever missed: `finalTo` of a journal never falls; a read whose
 * partitions all have a watermark of at least F holds every event that counts in a row final by F; such a row never
 * changes. So the rows final in (cursor, F] of such a read are all there will ever be, the same whoever reads them,
 * and in the same order. They are sent first, and then the cursor is moved, only from where it was read: whatever
 * stands before the cursor has been sent. A crash, a lost answer or a second publisher can only send it again. What
 * has expired is removed only behind the cursor (`view/expire.ts`).
 */
export class ViewPublisher {
  private readonly parts: ViewPublisherParts;
  /** When the oldest final row that is not sent became final, event time; null if there is none. */
  waitsSince: number | null = null;
  /** Up to when rows are final, as far as it has looked. */
  finalTo: number = timeMin;

  constructor(parts: ViewPublisherParts) {
    this.parts = parts;
  }

  /** Sends what is final; false if there is more. */
  async finals(): Promise<boolean> {
    const { journal, view } = this.parts;
    for (;;) {
      const stored = (await readCursor(journal, view.name)) ?? nothing;
      const { cursor } = stored;
      this.finalTo = (await readPartitions(journal))?.finalTo ?? timeMin;
      if (this.finalTo <= cursor.finalTo) return true;
      if (this.isOver) return false;
      const slice = await this.slice(cursor, this.finalTo);
      // Not all partitions have been seen as far as that yet.
      if (slice.finalTo <= cursor.finalTo) return true;
      const sent = await this.sendSlice(stored, slice);
      if (sent === null) return false;
      const moved = await this.move({ ...cursor, finalTo: slice.finalTo, after: null }, sent);
      if (moved === null) return false;
    }
  }

  /** Sends, if it is time to, the rows that have changed since the last time and are not final. */
  async early(): Promise<void> {
    const { journal, reader, view, clock } = this.parts;
    const every = view.publish?.early ?? null;
    if (every === null || this.finalTo === timeMax) return;
    const stored = (await readCursor(journal, view.name)) ?? nothing;
    const before = stored.cursor.early ?? nothingEarly;
    const now = clock.now();
    if (before.pass === null && now - before.at < every) return;
    const range = { from: startAfter(view, this.finalTo), to: timeMax };
    const { rows, snapshots } = await reader.windowsIn(view, range);
    const entries = entriesOf(snapshots);
    // A read that is behind another one would send what is older under a greater revision.
    if (Object.entries(before.entries).some(([name, last]) => (entries[name] ?? -1) < last)) return;
    const isChanged = await changedSince(journal, view, snapshots, before.entries);
    const after = before.pass?.after ?? null;
    const open = { finalAfter: this.finalTo, finalTo: Number.POSITIVE_INFINITY };
    const whole = { ...range, from: wholeFrom(view, range.from, snapshots) };
    const due = dueRows(rows, { ...whole, ...open, after }).filter(({ row }) =>
      isChanged(rows, row),
    );
    const revision = Object.values(entries).reduce((sum, last) => sum + last + 1, 0);
    const pass = before.pass?.entries ?? entries;
    let last: Place | null = after;
    for (const chunk of this.chunks(rows, due, { kind: 'early', revision })) {
      if (this.isOver) break;
      await this.parts.send('early', chunk.messages);
      last = chunk.last;
    }
    const isDone = due.length === 0 || last === due.at(-1)?.place;
    const early: EarlyCursor = isDone
      ? { at: now, entries: pass, pass: null }
      : { ...before, pass: last && { entries: pass, after: last } };
    // If another publisher was first, this one sent the same or something newer: the next ones go on from that one.
    await writeCursor(journal, view.name, { ...stored.cursor, early }, stored.version);
  }

  private get isOver(): boolean {
    return this.parts.clock.now() >= this.parts.deadline;
  }

  /** Sends the rows of a slice, and moves the cursor behind them piece by piece; null if it is not done. */
  private async sendSlice(stored: StoredCursor, slice: Slice): Promise<StoredCursor | null> {
    const { send, view } = this.parts;
    const { rows, due } = slice;
    let now: StoredCursor | null = stored;
    let left = due.length;
    for (const { messages, last } of this.chunks(rows, due, { kind: 'final' })) {
      this.waitsSince = (due[due.length - left] as Due).place.end + view.lateness;
      if (this.isOver) return null;
      await send('final', messages);
      left -= messages.length;
      if (left === 0) break;
      now = await this.move({ ...now.cursor, after: last }, now);
      if (now === null) return null;
    }
    this.waitsSince = null;
    return now;
  }

  /** The final rows behind the cursor, of as much event time as can be read at once. */
  private async slice(cursor: Cursor, finalTo: number): Promise<Slice> {
    for (let span = sliceMs(this.parts.view); ; span = Math.floor(span / 2)) {
      try {
        return await this.sliceOf(cursor, finalTo, span);
      } catch (error) {
        const isTooWide = error instanceof MillraceError && error.code === 'request';
        if (!isTooWide || span <= 1 || !Number.isFinite(span)) throw error;
      }
    }
  }

  private async sliceOf(cursor: Cursor, finalTo: number, span: number): Promise<Slice> {
    const { journal, reader, view } = this.parts;
    let from = startAfter(view, cursor.finalTo);
    let until = finalTo;
    if (finalTo - cursor.finalTo > span) {
      const sought = await seek(journal, reader, view, from);
      // What that read has not seen may start before what it has found.
      until = Math.min(until, sought.finalTo);
      from = Math.max(from, Math.min(sought.first, eventTimeMax));
      const isEmpty = sought.first > eventTimeMax;
      if (!isEmpty) until = Math.min(until, Math.max(cursor.finalTo, from + view.lateness) + span);
    }
    const range = { from, to: Math.max(from + 1, until - view.lateness) };
    const read = await reader.windowsIn(view, range);
    const to = Math.min(until, certain(read));
    const whole = { ...range, from: wholeFrom(view, from, read.snapshots) };
    const between = { finalAfter: cursor.finalTo, finalTo: to, after: cursor.after };
    return { rows: read.rows, due: dueRows(read.rows, { ...whole, ...between }), finalTo: to };
  }

  private *chunks(
    rows: Rows,
    due: readonly Due[],
    kind: MessageKind,
  ): Generator<{ readonly messages: readonly ResultMessage[]; readonly last: Place }> {
    const { scope, limits } = this.parts.journal;
    const { sinkRowsMax } = limits;
    let messages: ResultMessage[] = [];
    let characters = 0;
    for (const [i, { row, place }] of due.entries()) {
      const message = resultMessage(scope, rows, row, kind);
      messages.push(message);
      characters += message.json.length;
      const isFull = messages.length >= sinkRowsMax || characters >= chunkCharactersMax;
      if (!isFull && i < due.length - 1) continue;
      yield { messages, last: place };
      messages = [];
      characters = 0;
    }
  }

  /** Moves the cursor; null if another publisher was first. */
  private async move(cursor: Cursor, from: StoredCursor): Promise<StoredCursor | null> {
    const { journal, view } = this.parts;
    if (!(await writeCursor(journal, view.name, cursor, from.version))) return null;
    const now = await readCursor(journal, view.name);
    return JSON.stringify(now?.cursor) === JSON.stringify(cursor) ? now : null;
  }
}
