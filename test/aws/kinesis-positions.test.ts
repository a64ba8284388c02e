import fc from 'fast-check';
import { expect, it } from 'vitest';
import { kinesisAnswer, kinesisBatch } from '../../adapters/aws/kinesis-batch.ts';
import { placeOf, positionBefore, recordsOf } from '../../adapters/aws/kinesis-records.ts';
import { Reader, Writer } from '../../core/bytes.ts';
import { decodeCursor, encodeCursor } from '../../core/journal/entry-codec.ts';
import { minutes, tick } from '../core/fold/events.ts';
import { World } from '../core/small-world.ts';
import { idOf } from '../emulators/kinesis-clients.ts';
import { aggregateOfTexts } from './kinesis-aggregates.ts';
import { delivered, inEmulator, put } from './kinesis-streams.ts';

/** Sequence numbers have 186 bits, or 56 decimal digits. */
const sequenceNumbers = fc.bigInt({ min: 2n ** 185n, max: 2n ** 186n - 1n });

const recordAt = (sequenceNumber: bigint, data: Uint8Array) =>
  recordsOf({ sequenceNumber, partitionKey: 'k', arrival: 0, data });

it('finds the record of every position, and what stands behind it', () => {
  fc.assert(
    fc.property(sequenceNumbers, fc.integer({ min: 1, max: 20 }), (sequenceNumber, count) => {
      const parts = Array.from({ length: count }, (_, i) => String(i));
      const records = recordAt(sequenceNumber, aggregateOfTexts(...parts));
      expect(records).toHaveLength(count);
      for (const { position } of records) {
        expect(placeOf(position)).toEqual({ sequenceNumber, where: 'in' });
        expect(position).toBeGreaterThan(positionBefore(sequenceNumber));
      }
      const behind = records.at(-1)!.position + 1n;
      expect(placeOf(behind)).toEqual({ sequenceNumber, where: 'behind' });
      expect(behind).toBe(positionBefore(sequenceNumber + 1n));
    }),
  );
});

it('keeps positions as large as they get in the bytes of the journal', () => {
  fc.assert(
    fc.property(sequenceNumbers, fc.nat(10_000), (sequenceNumber, line) => {
      const [{ position } = { position: 0n }] = recordAt(sequenceNumber, new Uint8Array(0));
      const out = new Writer();
      encodeCursor(out, { position, line });
      const from = new Reader(out.done(), 'a cursor');
      expect(decodeCursor(from)).toEqual({ position, line });
      from.end();
      expect(out.length).toBeLessThanOrEqual(33);
    }),
  );
});

it('counts each event of a shard once, however often it is delivered, cold or warm', async () => {
  const { client, reader } = await inEmulator();
  const events = Array.from({ length: 12 }, (_, n) => JSON.stringify(tick(n, { who: `w${n}` })));
  const [first, second, ...rest] = events;
  await put(client, [first!, aggregateOfTexts(...rest.slice(0, 5)), ...rest.slice(5), second!]);
  const batch = kinesisBatch(await delivered(client));
  const world = new World([minutes]);
  const processor = world.processor(world.journals, reader);
  for (const end of [1, 4, 4, 8, batch.records.length, 3]) {
    // Also within the aggregate, as after a budget of time that was used up.
    const part = { ...batch, records: batch.records.slice(0, end) };
    const by = end % 2 === 0 ? processor : world.processor(world.journals, reader);
    const { acknowledged, failures } = await world.process(part.records, batch.partition, by);
    expect(failures).toEqual([]);
    expect(kinesisAnswer(part, acknowledged)).toEqual({ batchItemFailures: [] });
    if (end !== 4) continue;
    const [{ itemIdentifier } = { itemIdentifier: '' }] = kinesisAnswer(
      batch,
      acknowledged,
    ).batchItemFailures;
    expect(placeOf(batch.records[1]!.position).sequenceNumber).toBe(BigInt(itemIdentifier));
  }
  await world.compact(batch.partition);
  const [partition] = await world.reader().partitions();
  expect(partition).toMatchObject({
    partition: idOf(0),
    next: { position: batch.records.at(-1)!.position + 1n, line: 0 },
    counts: { received: 12, accepted: 12, duplicates: 0, deadLettered: 0 },
  });
});
