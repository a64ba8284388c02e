import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { RawRecord } from '../app-under-test.ts';
import { day } from '../storm-events.ts';

/** Events of a record, each with a key of its own: an entry of the journal has room for some of such records. */
export const wideEvents = 1_000;

/** Records with events of as many keys, which no other record has. */
export function wideRecords(count: number): RawRecord[] {
  return Array.from({ length: count }, (_, n) => {
    const lines = Array.from({ length: wideEvents }, () => {
      return JSON.stringify({ id: randomUUID(), at: day + n, key: randomUUID(), value: 1 });
    });
    return { arrival: day + 86_400_000, body: gzipSync(lines.join('\n')) };
  });
}
