import { MillraceError } from '../errors.ts';
import type { Item, ItemKey, StateStore } from '../ports/state-store.ts';
import { ObservedStore } from './observed-store.ts';
import type { Tally } from './tally.ts';

/** The store of one pipeline, whose calls are counted. */
export class MeteredStore extends ObservedStore {
  private readonly tally: Tally;

  constructor(inner: StateStore, tally: Tally) {
    super(inner);
    this.tally = tally;
  }

  protected override wrote(
    kind: 'create' | 'replace',
    _key: ItemKey,
    { length: bytes }: Uint8Array,
    won: boolean,
  ): void {
    this.tally.called({ kind, bytes, won });
  }

  protected override wasRead(kind: 'read' | 'range', items: readonly Item[]): void {
    this.tally.called({ kind, sizes: items.map(({ body }) => body.length) });
  }

  protected override removed(): void {
    this.tally.called({ kind: 'remove' });
  }

  protected override failed(error: unknown): never {
    const isRefused =
      error instanceof MillraceError && ['throttled', 'too-large'].includes(error.code);
    if (!isRefused) this.tally.doubted();
    throw error;
  }
}
