import type { Fingerprints } from '../../../core/dedupe/fingerprints.ts';
import { decodeEntry, decodeEntryHead } from '../../../core/journal/entry-codec.ts';
import { readHead } from '../../../core/journal/head.ts';
import { entrySort, headSort, partitionKeyOf, partitionsKey } from '../../../core/journal/keys.ts';
import { readPartitions } from '../../../core/journal/partitions.ts';
import type { ItemKey } from '../../../core/ports/state-store.ts';
import { StateStore } from '../../../core/ports/state-store.ts';
import { decodeKept } from '../../../core/view/kept-refs.ts';
import { decodePage, type PageContext } from '../../../core/view/page.ts';
import type { Rows } from '../../../core/view/rows.ts';
import { minutes, tick } from '../fold/events.ts';
import { recordsOf } from '../folding.ts';
import { World } from '../small-world.ts';

/** Shows bytes of one's own as an item, whatever is asked. */
class Display extends StateStore {
  override readonly itemBytesMax = 1;
  private readonly body: Uint8Array;

  constructor(body: Uint8Array) {
    super();
    this.body = body;
  }

  override read({ sort }: ItemKey) {
    return Promise.resolve({ sort, version: '1', body: this.body });
  }

  override create(): never {
    throw new Error('only for reading');
  }
  override replace = this.create;
  override range = this.create;
  override remove = this.create;
}

/** A kind of stored item: its real bytes and the code that reads them. */
export interface StoredItem {
  readonly kind: string;
  readonly key: ItemKey;
  readonly body: Uint8Array;
  /** What the bytes say under a key; throws or rejects if they are damaged. */
  readonly read: (body: Uint8Array, key: ItemKey) => unknown;
}

/** A world in which every kind of item has been written, and those items. */
export async function storedItems(): Promise<{ world: World; items: StoredItem[] }> {
  const world = new World([minutes]);
  const events = [0, 20, 70, 71].map((at, i) => tick(at, { who: `w${i}`, n: i / 4 }));
  await world.process(recordsOf([...events, tick(-500), 'nonsense', events[0]]));
  await world.compact();
  const journal = world.journals[0]!;
  const partition = partitionKeyOf(journal.scope, '0');
  const view = journal.plan.views[0]!;
  const pages = await world.store.range(partition, 'p/v/', 'p/v0', 10);
  const kept = await world.store.range(partition, 'p/_dead/', 'p/_dead0', 10);
  const entry = { partition, sort: entrySort(1) };
  const head = { partition, sort: headSort };
  const bodyOf = async (key: ItemKey) => (await world.store.read(key))!.body;
  const over = (body: Uint8Array): PageContext => ({ ...journal, store: new Display(body) });
  const item = (sort: string, body: Uint8Array) => ({ sort, version: '1', body });
  return {
    world,
    items: [
      {
        kind: 'entry',
        key: entry,
        body: await bodyOf(entry),
        read: (body, key) => plainEntry(decodeEntry(key, body, journal)),
      },
      {
        kind: 'entry without its rows',
        key: entry,
        body: await bodyOf(entry),
        read: (body, key) => plainEntry(decodeEntryHead(key, body, journal)),
      },
      {
        kind: 'page',
        key: { partition, sort: pages[0]!.sort },
        body: pages[0]!.body,
        read: async (body, key) => {
          const page = await decodePage(journal, key, item(key.sort, body), view);
          // Null where its object is gone.
          return page && { upTo: page.upTo, rows: plainRows(page.rows) };
        },
      },
      {
        kind: 'page of references',
        key: { partition, sort: kept[0]!.sort },
        body: kept[0]!.body,
        read: (body, key) => decodeKept(key, body),
      },
      {
        kind: 'head',
        key: head,
        body: await bodyOf(head),
        read: async (body, { partition: of }) => {
          const stored = await readHead(over(body), of.split('/').at(-1)!);
          return stored?.head;
        },
      },
      {
        kind: 'partitions',
        key: partitionsKey(journal.scope),
        body: await bodyOf(partitionsKey(journal.scope)),
        read: (body, { partition: of }) => {
          const generation = Number(of.split('/').at(-1));
          return readPartitions({ ...over(body), scope: { ...journal.scope, generation } });
        },
      },
    ],
  };
}

function plainEntry<E extends { fingerprints: Fingerprints; views?: readonly Rows[] }>(entry: E) {
  const { fingerprints, views, ...rest } = entry;
  return {
    ...rest,
    buckets: fingerprints.buckets(),
    ids: fingerprints.size,
    rows: views?.map(plainRows),
  };
}

function plainRows(rows: Rows) {
  return rows.starts.map((start, row) => [
    start,
    rows.key(row),
    rows.columns.map((column) => column.json(row)),
  ]);
}
