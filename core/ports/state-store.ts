/** Names one item: ordered by `sort` within `partition`. Both are any well-formed text of 1 to 170 UTF-8 bytes. */
export interface ItemKey {
  readonly partition: string;
  readonly sort: string;
}

/** An item as it was read. `version` changes with every replace and means nothing beyond equality. */
export interface Item {
  readonly sort: string;
  readonly version: string;
  readonly body: Uint8Array;
}

/**
 * Small items with single-item conditional writes: all that Millrace asks of a database.
 *
 * - Nothing there: `read` gives null, `range` an empty array, `remove` does nothing.
 * - Reads give a state at least as new as any this instance has read or written in the same partition key.
 * - An item is never hidden while it exists: `expiresAt` only lets the store remove it some time after.
 * - Errors: `throttled`, `unavailable` (the outcome of a write is then unknown), `too-large`.
 * - Concurrent calls are safe. Adapters never retry; the core does.
 */
export abstract class StateStore {
  /** The largest body that `create` and `replace` take, bytes. */
  abstract readonly itemBytesMax: number;
  /** Puts an item where there is none: true for exactly one of any number of racing writers. `expiresAt`: epoch seconds. */
  abstract create(key: ItemKey, body: Uint8Array, expiresAt?: number): Promise<boolean>;
  /** Puts a new body if the version still stands; false if it moved or the item is gone. */
  abstract replace(
    key: ItemKey,
    body: Uint8Array,
    version: string,
    expiresAt?: number,
  ): Promise<boolean>;
  abstract read(key: ItemKey): Promise<Item | null>;
  /** Items with `from` <= sort < `to` (either may be ''), ascending by UTF-8 bytes: the first `limit` of them. */
  abstract range(partition: string, from: string, to: string, limit: number): Promise<Item[]>;
  abstract remove(key: ItemKey): Promise<void>;
}
