import { MemoryStateStore } from '../adapters/memory/memory-state-store.ts';
import { entrySort } from '../core/journal/keys.ts';
import type { ItemKey } from '../core/ports/state-store.ts';

/** Where an instance ends: before the entry of its batch is in the journal, or after it, before it could say so. */
export type Crash = 'before-commit' | 'after-commit';

/** The memory's state store, beside which an instance ends at its next commit. */
export class CrashingStateStore extends MemoryStateStore {
  /** The crash that waits for the next commit. */
  armed: Crash | null = null;
  private crashed: () => void = () => {};

  override async create(key: ItemKey, body: Uint8Array, expiresAt?: number): Promise<boolean> {
    const crash = this.armed;
    const isCommit = key.sort.startsWith('e/') && key.sort !== entrySort(0);
    if (crash === null || !isCommit) return super.create(key, body, expiresAt);
    this.armed = null;
    if (crash === 'after-commit') await super.create(key, body, expiresAt);
    this.crashed();
    // Whoever is gone never hears of it.
    return new Promise(() => {});
  }

  /** Does work of one instance: false when it crashed in the midst of it. */
  async survives(work: () => Promise<void>): Promise<boolean> {
    const crash = new Promise<false>((resolve) => {
      this.crashed = () => resolve(false);
    });
    return Promise.race([work().then(() => true as const), crash]);
  }
}
