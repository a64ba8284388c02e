import { type Item, type ItemKey, StateStore } from '../../core/ports/state-store.ts';
import { checkBytes, checkKey, checkRange } from '../arguments.ts';
import { compareUtf8 } from '../utf8-order.ts';
import { type Fault, withFault } from './fault.ts';
import { SortedTexts } from './sorted-texts.ts';

interface StoredItem {
  readonly version: string;
  readonly body: Uint8Array;
  readonly expiresAt: number | undefined;
}

interface Partition {
  readonly items: Map<string, StoredItem>;
  readonly sorts: SortedTexts;
}

/** What a {@link MemoryStateStore} may be told. */
export interface MemoryStateStoreOptions {
  /** Default 2,000,000. */
  readonly itemBytesMax?: number;
  readonly fault?: Fault;
}

/** A {@link StateStore} in memory. Bodies are copied on their way in and out. */
export class MemoryStateStore extends StateStore {
  override readonly itemBytesMax: number;
  private readonly fault: Fault | undefined;
  private readonly partitions = new Map<string, Partition>();
  /** Never goes back, so that a version of a removed item does not fit its successor. */
  private versions = 0;

  constructor(options: MemoryStateStoreOptions = {}) {
    super();
    this.itemBytesMax = options.itemBytesMax ?? 2_000_000;
    this.fault = options.fault;
  }

  override async create(key: ItemKey, body: Uint8Array, expiresAt?: number): Promise<boolean> {
    checkKey(key);
    checkBytes('An item', body.length, this.itemBytesMax);
    return withFault(this.fault, 'create', () => {
      if (this.partitions.get(key.partition)?.items.has(key.sort)) return false;
      this.put(key, body, expiresAt);
      return true;
    });
  }

  override async replace(
    key: ItemKey,
    body: Uint8Array,
    version: string,
    expiresAt?: number,
  ): Promise<boolean> {
    checkKey(key);
    checkBytes('An item', body.length, this.itemBytesMax);
    return withFault(this.fault, 'replace', () => {
      const item = this.partitions.get(key.partition)?.items.get(key.sort);
      if (item?.version !== version) return false;
      this.put(key, body, expiresAt);
      return true;
    });
  }

  override async read(key: ItemKey): Promise<Item | null> {
    checkKey(key);
    return withFault(this.fault, 'read', () => {
      const item = this.partitions.get(key.partition)?.items.get(key.sort);
      return item === undefined ? null : copy(key.sort, item);
    });
  }

  override async range(
    partition: string,
    from: string,
    to: string,
    limit: number,
  ): Promise<Item[]> {
    checkRange(partition, from, to, limit);
    return withFault(this.fault, 'range', () => {
      const found: Item[] = [];
      const stored = this.partitions.get(partition);
      if (stored === undefined) return found;
      for (const sort of stored.sorts.from(from)) {
        if (found.length >= limit || compareUtf8(sort, to) >= 0) break;
        found.push(copy(sort, stored.items.get(sort)!));
      }
      return found;
    });
  }

  override async remove(key: ItemKey): Promise<void> {
    checkKey(key);
    return withFault(this.fault, 'remove', () => this.drop(key));
  }

  /**
   * Removes the items that expired before `nowSeconds` (epoch); gives their number. Not part of the
   * port.
   */
  sweep(
    nowSeconds: number,
    needed: (partition: string, sort: string) => boolean = () => false,
  ): number {
    let removed = 0;
    for (const [partition, { items }] of this.partitions) {
      for (const [sort, { expiresAt }] of items) {
        if (expiresAt === undefined || expiresAt >= nowSeconds || needed(partition, sort)) continue;
        this.drop({ partition, sort });
        removed += 1;
      }
    }
    return removed;
  }

  private put(key: ItemKey, body: Uint8Array, expiresAt: number | undefined): void {
    let partition = this.partitions.get(key.partition);
    if (partition === undefined) {
      partition = { items: new Map(), sorts: new SortedTexts() };
      this.partitions.set(key.partition, partition);
    }
    if (!partition.items.has(key.sort)) partition.sorts.add(key.sort);
    this.versions += 1;
    const version = String(this.versions);
    partition.items.set(key.sort, { version, body: new Uint8Array(body), expiresAt });
  }

  private drop(key: ItemKey): void {
    const partition = this.partitions.get(key.partition);
    if (!partition?.items.delete(key.sort)) return;
    partition.sorts.remove(key.sort);
    if (partition.items.size === 0) this.partitions.delete(key.partition);
  }
}

function copy(sort: string, item: StoredItem): Item {
  return { sort, version: item.version, body: new Uint8Array(item.body) };
}
