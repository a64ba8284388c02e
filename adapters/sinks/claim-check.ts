import { hashBytes } from '../../core/hash.ts';
import type { ObjectStore } from '../../core/ports/object-store.ts';
import type { ResultMessage } from '../../core/ports/result-sink.ts';

/**
 * Puts a message into the object store; gives what is sent in its place. The object's name is of its content alone, so
 * that a row that is sent again is the same object.
 */
export async function putAside(objects: ObjectStore, { json }: ResultMessage): Promise<string> {
  const bytes = new TextEncoder().encode(json);
  const hash = [1n, 2n].map((seed) => hashBytes(bytes, seed).toString(16).padStart(16, '0'));
  const object = `results/${hash.join('')}.json`;
  await objects.put(object, bytes);
  return JSON.stringify({ object });
}
