import { ObservedStore } from '../../core/journal/observed-store.ts';
import type { Item, ItemKey } from '../../core/ports/state-store.ts';

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

/** Counts what a store is asked for, and keeps the entries as they were put. */
export class CountingStore extends ObservedStore {
  readonly entries: { readonly key: ItemKey; readonly body: Uint8Array }[] = [];
  private counted: Counted = { ...nothing };

  /** What was counted since the last time. */
  take(): Counted {
    const { counted } = this;
    this.counted = { ...nothing };
    return counted;
  }

  protected override wrote(_kind: 'create' | 'replace', key: ItemKey, body: Uint8Array): void {
    const { counted } = this;
    counted.writes += 1;
    if (key.sort.startsWith('e/')) this.entries.push({ key, body });
    if (key.sort.startsWith('p/')) counted.pages += 1;
    if (key.sort === 'head') counted.heads += 1;
    if (key.sort.startsWith('p/') || key.sort === 'head') counted.compactedBytes += body.length;
  }

  protected override wasRead(_kind: 'read' | 'range', items: readonly Item[]): void {
    this.counted.reads += 1;
    for (const { body } of items) this.counted.readBytes += body.length;
  }

  protected override removed(): void {
    this.counted.writes += 1;
  }
}
