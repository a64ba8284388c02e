import { MillraceError } from '../errors.ts';
import { start, timeMin } from '../event.ts';
import { addCounts, noCounts } from '../journal/counts.ts';
import { type Entry, endOf } from '../journal/entry.ts';
import { decodeEntry } from '../journal/entry-codec.ts';
import { nameOf } from '../journal/envelope.ts';
import { type Head, noneRemoved, readHead, type StoredHead, writeHead } from '../journal/head.ts';
import { liveOf } from '../journal/inherited.ts';
import { addSamples, noSample } from '../journal/key-sample.ts';
import { entrySort, entrySortEnd, pageSort, partitionKeyOf } from '../journal/keys.ts';
import { markHorizon } from '../journal/state.ts';
import { addUsage, noUsage } from '../journal/usage.ts';
import { grainsOf, storedGrains, type ViewPlan, windowStart } from '../plan.ts';
import type { ItemKey } from '../ports/state-store.ts';
import { laterVersions } from '../references/versions.ts';
import { decodeKept, encodeKept, type KeptRef, type KeptView, keptPageSize } from './kept-refs.ts';
import { collectOverflow, decodePage, encodePage, type PageContext } from './page.ts';
import { mergeInto } from './rollup.ts';
import { Rows } from './rows.ts';

/** What a compaction did. */
export interface Compacted {
  /** The last entry merged; -1 when there is none. */
  readonly upTo: number;
  /** Entries merged by this call, and pages written. */
  readonly entries: number;
  readonly pages: number;
  /** Another compaction was first with the head; what it merged is in force. */
  readonly lost: boolean;
}

/**
 * Merges the entries behind the head, `entriesMax` at most, into pages of every grain, then moves the head
 * (architecture, section 5). Any number of compactions may run at once: a page is replaced only at the version it was
 * read at, and holds `upTo`.
 */
export async function compact(
  context: PageContext,
  partition: string,
  entriesMax: number,
): Promise<Compacted> {
  const stored = await readHead(context, partition);
  const upTo = stored?.head.upTo ?? -1;
  const entries = await entriesAfter(context, partition, upTo, entriesMax);
  const last = entries.at(-1);
  if (last === undefined) return { upTo, entries: 0, pages: 0, lost: false };
  let pages = 0;
  for (const [index, view] of context.plan.views.entries()) {
    for (const grain of grainsOf(view)) {
      for (const [bucket, parts] of touched(entries, index, grain)) {
        const sort = pageSort(view.name, grain.window.grain, bucket);
        const key = { partition: partitionKeyOf(context.scope, partition), sort };
        await mergePage(context, key, grain, parts, last.index);
        pages += 1;
      }
    }
  }
  pages += await keepRefs(context, partition, '_dead', entries);
  pages += await keepRefs(context, partition, '_late', entries);
  const won = await writeHead(context, partition, headAfter(context, stored, entries), stored);
  return { upTo: last.index, entries: entries.length, pages, lost: !won };
}

/** The entries after a number, up to the first that is missing or not yet visible. */
async function entriesAfter(
  context: PageContext,
  partition: string,
  upTo: number,
  limit: number,
): Promise<Entry[]> {
  const pk = partitionKeyOf(context.scope, partition);
  const items = await context.store.range(pk, entrySort(upTo + 1), entrySortEnd, limit);
  const entries: Entry[] = [];
  for (const item of items) {
    if (item.sort !== entrySort(upTo + 1 + entries.length)) break;
    entries.push(decodeEntry({ partition: pk, sort: item.sort }, item.body, context));
  }
  return entries;
}

/** Rows of one entry that belong to one page. */
interface Part {
  readonly entry: number;
  readonly rows: Rows;
  readonly numbers: number[];
}

/** The pages of one grain that the entries' rows of a view touch, by the start of their bucket. */
function touched(entries: readonly Entry[], index: number, view: ViewPlan): Map<number, Part[]> {
  const buckets = new Map<number, Part[]>();
  for (const entry of entries) {
    const rows = entry.views[index] as Rows;
    for (let row = 0; row < rows.size; row += 1) {
      const bucket = view.window.pageStart(rows.starts[row] as number);
      let parts = buckets.get(bucket);
      if (parts === undefined) {
        parts = [];
        buckets.set(bucket, parts);
      }
      let part = parts.at(-1);
      if (part?.entry !== entry.index) {
        part = { entry: entry.index, rows, numbers: [] };
        parts.push(part);
      }
      part.numbers.push(row);
    }
  }
  return buckets;
}

async function mergePage(
  context: PageContext,
  key: ItemKey,
  view: ViewPlan,
  parts: readonly Part[],
  upTo: number,
): Promise<void> {
  const { store } = context;
  for (let gone = 0; ; ) {
    const item = await store.read(key);
    const page = item
      ? await decodePage(context, key, item, view)
      : { upTo: -1, rows: new Rows(view), object: null };
    if (page === null) {
      gone += 1;
      if (gone < attemptsMax) continue;
      // A store that shows an old version for long looks the same as one that has lost the object.
      throw new MillraceError(
        'unavailable',
        `${nameOf(key)}: the object that holds its rows is gone`,
      );
    }
    const news = parts.filter((part) => part.entry > page.upTo);
    if (news.length === 0) return;
    for (const part of news) mergeInto(page.rows, part.rows, part.numbers);
    const { body, object } = await encodePage(context, key, { upTo, rows: page.rows });
    const won = item ? await store.replace(key, body, item.version) : await store.create(key, body);
    if (!won) continue;
    if (page.object !== null || object !== null) await collectOverflow(context, key, upTo);
    return;
  }
}

/** How often a page is read whose object is gone: it may have moved on meanwhile. */
const attemptsMax = 8;

async function keepRefs(
  context: PageContext,
  partition: string,
  view: KeptView,
  entries: readonly Entry[],
): Promise<number> {
  const spans = new Map<number, KeptRef[]>();
  for (const entry of entries) {
    const ref = view === '_dead' ? entry.dead : entry.late;
    if (ref === null) continue;
    const span = windowStart(entry.arrival, keptPageSize);
    spans.set(span, [...(spans.get(span) ?? []), { ...ref, entry: entry.index }]);
  }
  for (const [span, refs] of spans) {
    const sort = pageSort(view, keptPageSize, span);
    const key = { partition: partitionKeyOf(context.scope, partition), sort };
    for (let won = false; !won; ) {
      const item = await context.store.read(key);
      const page = item ? decodeKept(key, item.body) : { upTo: -1, refs: [] };
      const news = refs.filter((ref) => ref.entry > page.upTo);
      if (news.length === 0) break;
      const upTo = entries.at(-1)?.index as number;
      const body = encodeKept(key, { upTo, refs: [...page.refs, ...news] });
      won = item
        ? await context.store.replace(key, body, item.version)
        : await context.store.create(key, body);
    }
  }
  return spans.size;
}

function headAfter(
  { plan }: PageContext,
  stored: StoredHead | null,
  entries: readonly Entry[],
): Head {
  let head: Head = stored?.head ?? {
    ...{ upTo: -1, next: start, watermark: timeMin, arrival: 0, horizon: [] },
    counts: noCounts(plan.views.length),
    ...{ partitionKeys: noSample, references: {}, used: noUsage },
    ...{ end: null, inherited: [], removed: noneRemoved(storedGrains(plan).length) },
  };
  for (const entry of entries) {
    head = {
      upTo: entry.index,
      next: entry.next,
      watermark: entry.watermark,
      arrival: entry.arrival,
      counts: addCounts(head.counts, entry.counts),
      partitionKeys: addSamples(head.partitionKeys, entry.partitionKeys),
      references: laterVersions(head.references, entry.references),
      end: endOf(entry),
      horizon: markHorizon(head.horizon, entry, plan),
      inherited: liveOf([...head.inherited, ...entry.inherited], plan, entry.watermark),
      removed: head.removed,
      used: addUsage(head.used, entry.used),
    };
  }
  return head;
}
