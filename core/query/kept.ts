import { MillraceError } from '../errors.ts';
import { eventTimeMin } from '../event.ts';
import type { DeadLetterJson, LateEventJson } from '../fold/kept.ts';
import { hashBytes } from '../hash.ts';
import type { ObjectRef } from '../journal/entry.ts';
import { decodeEntryHead } from '../journal/entry-codec.ts';
import { readHead } from '../journal/head.ts';
import { keptName, pageRange, pageSort, partitionKeyOf } from '../journal/keys.ts';
import { entryPages } from '../journal/load.ts';
import { windowStart } from '../plan.ts';
import { decodeKept, type KeptView, keptPageSize } from '../view/kept-refs.ts';
import type { PageContext } from '../view/page.ts';

/** A dead letter or late event, and where it is kept. */
export interface Kept<V extends KeptView> {
  readonly partition: string;
  /** The entry that refers to it, and its place among those of the entry, from 0. */
  readonly entry: number;
  readonly index: number;
  readonly json: V extends '_dead' ? DeadLetterJson : LateEventJson;
}

const rangeItems = 256;

/**
 * The dead letters or late events of a partition, oldest first: exactly those that committed entries refer to.
 *
 * @throws MillraceError `missing` or `damaged` for an object that is gone or is not what was written.
 */
export async function* keptEvents<V extends KeptView>(
  context: PageContext,
  partition: string,
  view: V,
): AsyncGenerator<Kept<V>> {
  const refs = await keptRefs(context, partition, view);
  for (const [entry, ref] of [...refs].sort(([a], [b]) => a - b)) {
    const lines = await keptLines(context, partition, view, entry, ref);
    for (const [index, line] of lines.entries()) {
      yield { partition, entry, index, json: JSON.parse(line) };
    }
  }
}

/**
 * The objects of a partition that committed entries refer to, by entry. Head first: what moves into a page after it is
 * read is met twice, in tail and page, and never missed. `fromArrival`: entries that arrived before it may be left out.
 */
export async function keptRefs(
  context: PageContext,
  partition: string,
  view: KeptView,
  fromArrival: number = Number.NEGATIVE_INFINITY,
): Promise<Map<number, ObjectRef>> {
  const refs = new Map<number, ObjectRef>();
  const pk = partitionKeyOf(context.scope, partition);
  const stored = await readHead(context, partition);
  for await (const items of entryPages(context, {
    partition,
    from: (stored?.head.upTo ?? -1) + 1,
  })) {
    for (const { sort, body } of items) {
      const entry = decodeEntryHead({ partition: pk, sort }, body, context);
      const ref = view === '_dead' ? entry.dead : entry.late;
      if (ref !== null) refs.set(entry.index, ref);
    }
  }
  const [first, end] = pageRange(view, keptPageSize);
  const span = windowStart(fromArrival, keptPageSize);
  const from = span <= eventTimeMin ? first : pageSort(view, keptPageSize, span);
  for (let at = from; ; ) {
    const items = await context.store.range(pk, at, end, rangeItems);
    for (const item of items) {
      const page = decodeKept({ partition: pk, sort: item.sort }, item.body);
      for (const { entry, ...ref } of page.refs) refs.set(entry, ref);
    }
    const last = items.at(-1);
    if (last === undefined || items.length < rangeItems) return refs;
    at = `${last.sort}~`;
  }
}

/**
 * The JSON lines of one object.
 *
 * @throws MillraceError `missing` or `damaged` for an object that is gone or is not what was written.
 */
export async function keptLines(
  context: PageContext,
  partition: string,
  view: KeptView,
  entry: number,
  { hash }: Pick<ObjectRef, 'hash'>,
): Promise<string[]> {
  const { scope, objects, compression, limits } = context;
  const name = keptName(scope, partition, view, entry, hash);
  const packed = await objects.get(name);
  if (packed === null) throw new MillraceError('missing', `${name}: the object is gone`);
  const bytes = compression.decompress(packed, limits.itemUnpackedBytesMax);
  if (hashBytes(bytes).toString(16).padStart(16, '0') !== hash) {
    throw new MillraceError('damaged', `${name}: its content is not what its name says`);
  }
  return new TextDecoder('utf-8').decode(bytes).split('\n').slice(0, -1);
}
