import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { RawRecord } from '../app-under-test.ts';
import { day } from '../storm-events.ts';

/** Records of events of one minute, each with a key of its own: they take much room in the journal and in a page. */
export function wideRecords(count: number, events: number): RawRecord[] {
  return Array.from({ length: count }, (_, n) => {
    const lines = Array.from({ length: events }, () => {
      return JSON.stringify({ id: randomUUID(), at: day + n, key: randomUUID(), value: 1 });
    });
    return { arrival: day + 86_400_000, body: gzipSync(lines.join('\n')) };
  });
}
