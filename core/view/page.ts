import { Reader, Writer } from '../bytes.ts';
import { MillraceError } from '../errors.ts';
import { hashBytes } from '../hash.ts';
import { unpackRows } from '../journal/entry-codec.ts';
import { nameOf, open, seal } from '../journal/envelope.ts';
import type { Journal } from '../journal/journal.ts';
import type { ViewPlan } from '../plan.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Item, ItemKey } from '../ports/state-store.ts';
import { Rows } from './rows.ts';

/** The compacted rows of one view and one time bucket of one partition. */
export interface Page {
  /** The last entry merged into it; -1 for a page that does not exist. */
  readonly upTo: number;
  readonly rows: Rows;
  /** The object that holds its rows; null while they fit into the item. */
  readonly object: string | null;
}

/** What pages are read and written with: a page over the item limit lies in the object store. */
export interface PageContext extends Journal {
  readonly objects: ObjectStore;
}

/** For the rows of the page that is being written: nothing is awaited until they are packed. */
const rowsWriter = new Writer(16_384);

const inline = 0;
const elsewhere = 1;

/** The page as it was read from an item; null when its object is gone, which means that the page has moved on: read it again. */
export async function decodePage(
  context: PageContext,
  key: ItemKey,
  item: Item,
  view: ViewPlan,
): Promise<Page | null> {
  const name = nameOf(key);
  const from = new Reader(open('page', key, item.body), name);
  const upTo = from.unsigned();
  const form = from.byte();
  if (form > elsewhere) throw from.damaged('an unknown form of page');
  const object = form === inline ? null : from.text();
  if (object !== null && !isOverflow(key, object)) throw from.damaged('an object of another page');
  let packed: Uint8Array;
  if (object === null) packed = from.bytes();
  else {
    const bytes = await context.objects.get(object);
    if (bytes === null) return null;
    packed = open('overflow', { partition: object, sort: '' }, bytes);
  }
  from.end();
  const { limits, compression } = context;
  const reader = new Reader(unpackRows(packed, name, compression, limits), name);
  const rows = Rows.decode(reader, view, limits.queryRowsMax);
  reader.end();
  return { upTo, rows, object };
}

/** A page as an item's body, and the object its rows were put into if they are too large for an item. */
export async function encodePage(
  context: PageContext,
  key: ItemKey,
  page: Omit<Page, 'object'>,
): Promise<{ readonly body: Uint8Array; readonly object: string | null }> {
  const { store, objects, compression, limits } = context;
  const rows = rowsWriter.reset();
  page.rows.encode(rows);
  if (rows.length > limits.itemUnpackedBytesMax) {
    throw new MillraceError(
      'too-large',
      `${nameOf(key)}: ${rows.length} bytes of rows in one page`,
    );
  }
  const packed = compression.compress(rows.done());
  const out = new Writer(packed.length + 64);
  out.unsigned(page.upTo);
  const most = Math.min(store.itemBytesMax, limits.entryBytesMax);
  let object: string | null = null;
  if (packed.length + 64 <= most) {
    out.byte(inline);
    out.bytes(packed);
  } else {
    const hash = hashBytes(packed).toString(16).padStart(16, '0');
    object = `${overflowPrefix(key)}${String(page.upTo).padStart(20, '0')}/${hash}`;
    await objects.put(object, seal('overflow', { partition: object, sort: '' }, packed));
    out.byte(elsewhere);
    out.text(object);
  }
  return { body: seal('page', key, out.done()), object };
}

/** Whether an object's name is one that this page would give. */
function isOverflow(key: ItemKey, name: string): boolean {
  const prefix = overflowPrefix(key);
  return name.startsWith(prefix) && /^\d{20}\/[0-9a-f]{16}$/.test(name.slice(prefix.length));
}

/** What the names of a page's objects begin with, or of those of all pages whose sort keys begin so. */
export function overflowName(key: ItemKey): string {
  return `pages/${key.partition}/${key.sort}`;
}

function overflowPrefix(key: ItemKey): string {
  return `${overflowName(key)}/`;
}

/** Removes the objects of a page that lie behind `upTo`, the version that is in force. */
export async function collectOverflow(
  { objects }: PageContext,
  key: ItemKey,
  upTo: number,
): Promise<void> {
  const prefix = overflowPrefix(key);
  const current = `${prefix}${String(upTo).padStart(20, '0')}/`;
  for (const name of await objects.list(prefix, '', 1_000)) {
    if (name < current) await objects.remove(name);
  }
}
