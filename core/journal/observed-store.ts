import { type Item, type ItemKey, StateStore } from '../ports/state-store.ts';

/** A {@link StateStore} that passes everything on to another one, and sees what was answered. */
export abstract class ObservedStore extends StateStore {
  readonly inner: StateStore;

  constructor(inner: StateStore) {
    super();
    this.inner = inner;
  }

  override get itemBytesMax(): number {
    return this.inner.itemBytesMax;
  }

  /** After a write that was answered; `won` false for a lost condition. */
  protected abstract wrote(
    kind: 'create' | 'replace',
    key: ItemKey,
    body: Uint8Array,
    won: boolean,
  ): void;
  /** After a read, of what it gave. */
  protected abstract wasRead(kind: 'read' | 'range', items: readonly Item[]): void;
  protected abstract removed(): void;
  /** After a write that failed; it throws the error. */
  protected failed(error: unknown): never {
    throw error;
  }

  override create(key: ItemKey, body: Uint8Array, expiresAt?: number): Promise<boolean> {
    return this.written('create', key, body, this.inner.create(key, body, expiresAt));
  }

  override replace(
    key: ItemKey,
    body: Uint8Array,
    version: string,
    expiresAt?: number,
  ): Promise<boolean> {
    return this.written('replace', key, body, this.inner.replace(key, body, version, expiresAt));
  }

  override async read(key: ItemKey): Promise<Item | null> {
    const item = await this.inner.read(key);
    this.wasRead('read', item === null ? [] : [item]);
    return item;
  }

  override async range(
    partition: string,
    from: string,
    to: string,
    limit: number,
  ): Promise<Item[]> {
    const items = await this.inner.range(partition, from, to, limit);
    this.wasRead('range', items);
    return items;
  }

  override async remove(key: ItemKey): Promise<void> {
    await this.inner.remove(key);
    this.removed();
  }

  private async written(
    kind: 'create' | 'replace',
    key: ItemKey,
    body: Uint8Array,
    writing: Promise<boolean>,
  ): Promise<boolean> {
    const won = await writing.catch((error) => this.failed(error));
    this.wrote(kind, key, body, won);
    return won;
  }
}
