import { describe, expect, it } from 'vitest';
import { noUsage, type Usage } from '../../core/journal/usage.ts';
import { type UsedBill, usedBill } from '../../cost/used.ts';
import { book } from './shipped.ts';

/** A million batches of 100 records, as the tally has them. */
const used: Usage = {
  ...{ batches: 1e6, busyMs: 80e6, activeMs: 600e6 },
  ...{ records: 100e6, recordBytes: 20e9, payloadUnits: 100e6, ingressUnits: 101e6 },
  ...{ writes: 1.1e6, writeUnits: 14e6, reads: 2e6, readUnits: 3e6, requestMilliunits: 12e9 },
};
const events = 50e6;

const dollars = ({ lines }: UsedBill): Record<string, number> =>
  Object.fromEntries(lines.map((line) => [line.name, Number(line.dollars.toFixed(6))]));

describe('what was used', () => {
  it('comes to the sum of its lines on AWS', () => {
    const bill = usedBill({ cloud: 'aws', store: 'items' }, used, events, book);
    expect(dollars(bill)).toEqual({
      // 100,000,000 x 0.014 / 1,000,000; 1,000,000 x 0.2 / 1,000,000.
      ...{ 'payload units': 1.4, batches: 0.2 },
      // 80,000 s of a GB and half a millisecond of each batch: 80,500 x 0.0000133334.
      'time of batches': 1.073339,
      // 14,000,000 x 0.625 / 1,000,000; 3,000,000 x 0.125 / 1,000,000.
      ...{ writes: 8.75, reads: 0.375 },
    });
    expect(bill.dollars).toBeCloseTo(1.4 + 0.2 + 1.0733387 + 8.75 + 0.375, 9);
    expect(bill.dollarsPerMillionEvents).toBeCloseTo(bill.dollars / 50, 12);
    expect(bill.leftOut).toContain('shards');
  });

  it('comes to the sum of its lines on Azure', () => {
    const bill = usedBill({ cloud: 'azure', store: 'items' }, used, events, book);
    expect(dollars(bill)).toEqual({
      // 101,000,000 x 0.028 / 1,000,000; 1,000,000 x 0.4 / 1,000,000.
      ...{ 'records in': 2.828, batches: 0.4 },
      // 600,000 s with 2 GB x 0.000026; 12,000,000 x 0.25 / 1,000,000.
      ...{ 'time of batches': 31.2, 'request units': 3 },
    });
    expect(bill.dollars).toBeCloseTo(2.828 + 0.4 + 31.2 + 3, 9);
    expect(bill.leftOut).toContain('throughput units');
  });

  it('says that calls of Blob storage are not in it, where the state is there', () => {
    const bill = usedBill({ cloud: 'azure', store: 'blobs' }, used, events, book);
    expect(Object.keys(dollars(bill))).toEqual(['records in', 'batches', 'time of batches']);
    expect(bill.leftOut).toContain('calls of Blob storage');
  });

  it.each(['aws', 'azure'] as const)('is nothing on %s before the first batch', (cloud) => {
    const bill = usedBill({ cloud, store: 'items' }, noUsage, 0, book);
    expect(bill).toMatchObject({ dollars: 0, dollarsPerMillionEvents: null });
    expect(bill.lines.every(({ units }) => units === 0)).toBe(true);
  });

  it.each(['aws', 'azure'] as const)('never costs less on %s when there is more of it', (cloud) => {
    const least = usedBill({ cloud, store: 'items' }, used, events, book).dollars;
    for (const name of Object.keys(used) as (keyof Usage)[]) {
      const more = { ...used, [name]: used[name] * 2 };
      const bill = usedBill({ cloud, store: 'items' }, more, events, book);
      expect(bill.dollars, name).toBeGreaterThanOrEqual(least);
    }
  });
});
