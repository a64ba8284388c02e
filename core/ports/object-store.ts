/**
 * Large values by name. Names are deterministic (they hold a hash of the content), so putting one
 * again is harmless, and nothing is ever conditional. The one kind of name that gets other content is the pointer of a
 * reference table: a `get` gives what was put before or after, whole.
 *
 * - Nothing there: `get` gives null, `list` an empty array, `remove` does nothing.
 * - A name is well-formed text of 1 to 340 UTF-8 bytes; `/` has no meaning to the store.
 * - Errors: `throttled`, `unavailable`, `too-large`.
 * - Concurrent calls are safe; a reader sees a whole object or none. Adapters never retry; the core does.
 */
export abstract class ObjectStore {
  /** The largest object, bytes. */
  abstract readonly objectBytesMax: number;
  abstract put(name: string, bytes: Uint8Array): Promise<void>;
  abstract get(name: string): Promise<Uint8Array | null>;
  /** Names that start with `prefix` and stand after `after` ('' for all), ascending by UTF-8 bytes: the first `limit`. */
  abstract list(prefix: string, after: string, limit: number): Promise<string[]>;
  abstract remove(name: string): Promise<void>;
}
