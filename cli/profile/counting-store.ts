import { type Item, type ItemKey, StateStore } from '../../core/ports/state-store.ts';

/** What a store was asked for, by calls and bytes. */
export interface Counted {
  reads: number;
  writes: number;
  readBytes: number;
  /** Of pages and heads: what compaction writes. */
  compactedBytes: number;
  pages: number;
  heads: number;
}

const nothing: Counted = {
  ...{ reads: 0, writes: 0, readBytes: 0 },
  ...{ compactedBytes: 0, pages: 0, heads: 0 },
};

/** A {@link StateStore} that counts what another one is asked for, and keeps the entries as they were put. */
export class CountingStore extends StateStore {
  readonly inner: StateStore;
  readonly entries: { readonly key: ItemKey; readonly body: Uint8Array }[] = [];
  private counted: Counted = { ...nothing };

  constructor(inner: StateStore) {
    super();
    this.inner = inner;
  }

  override get itemBytesMax(): number {
    return this.inner.itemBytesMax;
  }

  /** What was counted since the last time. */
  take(): Counted {
    const { counted } = this;
    this.counted = { ...nothing };
    return counted;
  }

  override create(key: ItemKey, body: Uint8Array, expiresAt?: number): Promise<boolean> {
    this.wrote(key, body);
    return this.inner.create(key, body, expiresAt);
  }

  override replace(
    key: ItemKey,
    body: Uint8Array,
    version: string,
    expiresAt?: number,
  ): Promise<boolean> {
    this.wrote(key, body);
    return this.inner.replace(key, body, version, expiresAt);
  }

  override async read(key: ItemKey): Promise<Item | null> {
    const item = await this.inner.read(key);
    this.wasRead(item === null ? [] : [item]);
    return item;
  }

  override async range(
    partition: string,
    from: string,
    to: string,
    limit: number,
  ): Promise<Item[]> {
    const items = await this.inner.range(partition, from, to, limit);
    this.wasRead(items);
    return items;
  }

  override remove(key: ItemKey): Promise<void> {
    this.counted.writes += 1;
    return this.inner.remove(key);
  }

  private wrote(key: ItemKey, body: Uint8Array): void {
    const { counted } = this;
    counted.writes += 1;
    if (key.sort.startsWith('e/')) this.entries.push({ key, body });
    if (key.sort.startsWith('p/')) counted.pages += 1;
    if (key.sort === 'head') counted.heads += 1;
    if (key.sort.startsWith('p/') || key.sort === 'head') counted.compactedBytes += body.length;
  }

  private wasRead(items: readonly Item[]): void {
    this.counted.reads += 1;
    for (const { body } of items) this.counted.readBytes += body.length;
  }
}
