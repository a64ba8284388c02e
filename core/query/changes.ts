import { MillraceError } from '../errors.ts';
import { timeMin } from '../event.ts';
import { decodeEntry } from '../journal/entry-codec.ts';
import { entrySort, partitionKeyOf } from '../journal/keys.ts';
import type { ViewPlan } from '../plan.ts';
import type { PageContext } from '../view/page.ts';
import { mergeInto } from '../view/rollup.ts';
import { Rows } from '../view/rows.ts';
import { type Answer, answerRowJson, stateOf } from './answer.ts';
import { groupBy } from './group.ts';
import type { Look, Read } from './reader.ts';
import { keyFilter } from './select.ts';
import type { Snapshot } from './snapshot.ts';
import { encodeToken, hashOf, isBehind, isSame, type Token } from './token.ts';
import { type Stretch, touchedBy } from './touched.ts';

/** What has changed since an answer, or everything. */
export interface Difference {
  readonly answer: Omit<Answer<never>, 'rows'>;
  /** Null where nothing has changed. */
  readonly read: Read | null;
  /** The rows to tell. */
  readonly rows: readonly number[];
  /** Rows of before that are gone. They go before `rows` come. */
  readonly gone: readonly Stretch[];
  /** Whether `rows` are the whole answer, in place of all rows of before. */
  readonly reset: boolean;
  /** Rows whose end is not after it are past their time and gone, epoch milliseconds; null where none is. */
  readonly expiredTo: number | null;
  readonly token: string;
}

/** How old a token must be so that a state that is behind it is one that was begun anew, not a stale read. */
const staleMsMax = 60_000;
/** Entries that are read again because a compaction came between two polls; behind more of them all is told. */
const newsEntriesMax = 256;

/** What a difference is found from. */
export interface Source {
  readonly context: PageContext;
  /** Epoch milliseconds. */
  readonly now: number;
  /** The state alone, which costs no merge. */
  look(): Promise<Look>;
  read(): Promise<Read>;
}

/**
 * What has changed since a token was given; everything if there is none, if it belongs to another question or
 * definition, or if the entries behind it are gone. Told to whom the token is, it gives the answer as it is now.
 *
 * @throws MillraceError `unavailable` when this instance has not yet seen what the token has.
 */
export async function difference(source: Source, since: Token | null): Promise<Difference> {
  const look = await source.look();
  const known = since?.of === look.mark.of ? since : null;
  if (known === null) return whole(source, await source.read());
  checkNotBehind(source, look, known);
  const isOld = isBehind(look.mark, known);
  if (!isOld && isSame({ ...look.mark, ...later(look, known) }, known)) {
    const { answer, mark } = look;
    const token = { ...mark, ...later(look, known), at: source.now, held: known.held };
    return { ...none, answer, expiredTo: expiredToOf(look), token: encodeToken(token) };
  }
  const read = await source.read();
  if (isOld) return whole(source, read);
  checkNotBehind(source, read, known);
  const now: Read = { ...read, ...later(read, known) };
  const held = heldOf(now);
  if (known.held !== null || held !== null) {
    const told = whole(source, now, held);
    return held === known.held ? { ...told, ...none, read: now } : told;
  }
  return (await changed(source, now, known)) ?? whole(source, now);
}

const none: Pick<Difference, 'read' | 'rows' | 'gone' | 'reset'> = {
  ...{ read: null, rows: [], gone: [], reset: false },
};

/** What was final stays final, also where this read has found an older list. */
function later(look: Look, known: Token): { readonly finalTo: number } {
  return { finalTo: Math.max(look.finalTo, known.finalTo) };
}

/** To go back is worse than to say that it takes a moment. */
function checkNotBehind({ now }: Source, { mark }: Look, known: Token): void {
  if (!isBehind(mark, known) || now - known.at > staleMsMax) return;
  const text = 'this instance has not yet seen what the token has: ask again in a moment';
  throw new MillraceError('unavailable', text);
}

/** Everything, in place of all rows of before. */
function whole({ now: at }: Source, read: Read, held = heldOf(read)): Difference {
  const { answer, selected: rows, mark, finalTo } = read;
  const token = encodeToken({ ...mark, finalTo, at, held });
  return { answer, read, rows, gone: [], reset: true, expiredTo: expiredToOf(read), token };
}

/**
 * A hash of the rows of an answer that comes whole whenever it changes: one in an order, where each change may move
 * all places, one that does not hold every row, and one of windows that are put together from stored ones, parts of
 * which may expire. Null for an answer by start and key of stored windows that holds them all.
 */
function heldOf(read: Read, texts: readonly string[] | null = null): string | null {
  const { asked, answer, selected, rows } = read;
  const isWhole = asked.orderBy === null && answer.next === null;
  if (isWhole && asked.grain.windows === 'stored') return null;
  const all = texts ?? selected.map((row) => answerRowJson(rows, row, read));
  return hashOf(all.join('\n'));
}

/** The token of an answer that is read whole, its rows as `texts`; null for a page behind a cursor, which nothing can be added to. */
export function tokenOf(read: Read, at: number, texts: readonly string[]): string | null {
  if (read.asked.cursor !== null) return null;
  return encodeToken({ ...read.mark, at, held: heldOf(read, texts) });
}

function expiredToOf({ asked, level }: Look): number | null {
  const { retain } = asked.grain.stored;
  return retain === null || level <= timeMin ? null : level - retain;
}

/** The rows that entries have touched since, or whose state is another one; null when those entries are gone. */
async function changed(source: Source, now: Read, known: Token): Promise<Difference | null> {
  const { view, asked, panes, rows, snapshots, selected, mark, answer, finalTo } = now;
  const all: Rows[] = [];
  for (const snapshot of snapshots) {
    const news = await rowsAfter(source.context, snapshot, view, known);
    if (news === null) return null;
    all.push(...news);
  }
  const { group, grain } = asked;
  const news = all.map((fine) => {
    const one = grain.stored === view ? fine : new Rows(grain.stored);
    if (one !== fine) mergeInto(one, fine);
    const isAsked = keyFilter(one, asked);
    return groupBy(one, group ?? view.key, isAsked);
  });
  const touched = touchedBy(news, panes, rows, asked);
  const isNews = (row: number): boolean => {
    if (touched.rows.has(row)) return true;
    const end = rows.end(row);
    // A list that is older than the one before: what was past its time may be back.
    const { retain } = grain.stored;
    if (retain !== null && end + retain <= known.level) return true;
    return stateOf(end, view.lateness, now) !== stateOf(end, view.lateness, known);
  };
  const token = encodeToken({ ...mark, finalTo, at: source.now, held: null });
  const kept = { expiredTo: expiredToOf(now), token, reset: false };
  return { answer, read: now, rows: selected.filter(isNews), gone: touched.gone, ...kept };
}

/** The panes of one view that entries behind a token have added to; null when one of these entries is gone. */
async function rowsAfter(
  context: PageContext,
  { partition, index, upTo, tail }: Snapshot,
  view: ViewPlan,
  { indexes }: Token,
): Promise<Rows[] | null> {
  const after = indexes.get(partition) ?? -1;
  const place = context.plan.views.indexOf(view);
  const news: Rows[] = [];
  if (after < Math.min(upTo, index)) {
    const count = upTo - after;
    if (count > newsEntriesMax) return null;
    const pk = partitionKeyOf(context.scope, partition);
    const [from, to] = [entrySort(after + 1), entrySort(upTo + 1)];
    const items = await context.store.range(pk, from, to, count);
    if (items.length < count) return null;
    for (const { sort, body } of items) {
      const entry = decodeEntry({ partition: pk, sort }, body, context);
      news.push(entry.views[place] as Rows);
    }
  }
  for (const entry of tail ?? []) {
    if (entry.index > after) news.push(entry.views?.[place] as Rows);
  }
  return news;
}
