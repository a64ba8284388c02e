import type { Item } from '../../core/ports/state-store.ts';
import type { Random } from './random.ts';

/** An item as one write left it; without a body it was removed. */
interface Edition {
  /** The number of the write among those of its partition key. */
  readonly seq: number;
  readonly version: string;
  readonly body: Uint8Array | null;
  readonly expiresAt: number;
}

/** What a read may show: everything up to one write, or each item on its own no older than that. */
export interface Sight {
  readonly seq: number;
  /** Set for a store without sessions: the newest write it may show. */
  readonly torn: Random | null;
}

/** All items of one partition key, with what they were before: a read may be stale. */
export class Shelf {
  /** The number of writes. */
  seq = 0;
  /** No read shows anything older than this write. */
  floor = 0;
  private readonly sorts: string[] = [];
  private readonly items = new Map<string, Edition[]>();

  /** The newest edition of an item. */
  newest(sort: string): Edition | null {
    const edition = this.items.get(sort)?.at(-1);
    return edition?.body ? edition : null;
  }

  put(sort: string, version: string, body: Uint8Array | null, expiresAt: number): void {
    this.seq += 1;
    const edition = { seq: this.seq, version, body, expiresAt };
    const editions = this.items.get(sort);
    if (editions !== undefined) {
      editions.push(edition);
      return;
    }
    this.items.set(sort, [edition]);
    this.sorts.splice(this.place(sort), 0, sort);
  }

  /** The item as a read sees it. */
  read(sort: string, sight: Sight): Item | null {
    const editions = this.items.get(sort);
    if (editions === undefined) return null;
    const { seq, torn } = sight;
    const until = torn === null ? seq : torn.int(seq, this.seq);
    for (let i = editions.length - 1; i >= 0; i -= 1) {
      const { seq: written, version, body } = editions[i] as Edition;
      if (written <= until) return body === null ? null : { sort, version, body };
    }
    return null;
  }

  range(from: string, to: string, limit: number, sight: Sight): Item[] {
    const found: Item[] = [];
    for (let i = this.place(from); i < this.sorts.length && found.length < limit; i += 1) {
      const sort = this.sorts[i] as string;
      if (sort >= to) break;
      const item = this.read(sort, sight);
      if (item !== null) found.push(item);
    }
    return found;
  }

  /** Removes what expired before `nowSeconds` and may go; gives the number. */
  sweep(nowSeconds: number, mayGo: (sort: string) => boolean): number {
    let removed = 0;
    for (const sort of this.sorts) {
      const edition = this.newest(sort);
      if (edition === null || edition.expiresAt >= nowSeconds || !mayGo(sort)) continue;
      this.put(sort, edition.version, null, 0);
      removed += 1;
    }
    return removed;
  }

  private place(sort: string): number {
    let low = 0;
    let high = this.sorts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.sorts[middle] as string) < sort) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The truth behind all stores and queues of one run. */
export class Vault {
  readonly shelves = new Map<string, Shelf>();
  readonly objects = new Map<string, Uint8Array>();
  readonly messages: string[] = [];
  /** What sinks have taken, by the id of the message. */
  readonly deliveries = new Map<string, string>();
  private versions = 0;

  shelf(partition: string): Shelf {
    let shelf = this.shelves.get(partition);
    if (shelf === undefined) {
      shelf = new Shelf();
      this.shelves.set(partition, shelf);
    }
    return shelf;
  }

  /** A version that no item ever had. */
  version(): string {
    this.versions += 1;
    return String(this.versions);
  }
}
