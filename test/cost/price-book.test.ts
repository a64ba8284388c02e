import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bookText, readPrices } from '../../cli/cost/refresh.ts';
import { defaultAwsModes } from '../../cost/aws/settings.ts';
import { awsMeters } from '../../cost/aws/usage.ts';
import { defaultAzureModes } from '../../cost/azure/settings.ts';
import { basicMeters } from '../../cost/azure/stream.ts';
import { azureLoads, azureMeters } from '../../cost/azure/usage.ts';
import { type Price, priceBookOf } from '../../cost/price-book.ts';
import { oldestDate } from '../../cost/refresh.ts';
import { rivalsOf } from '../../cost/rivals.ts';
import { workloadOf } from '../../cost/workload.ts';
import { folderOf, millrace } from '../cli/millrace.ts';
import { book, profile } from './shipped.ts';

/** Every meter of every mode and of every other design. */
function allMeters(): Set<string> {
  const busy = { queriesPerSecond: 1, archive: true, retentionHours: 48 };
  const workload = workloadOf(busy);
  const streams = ['provisioned', 'on-demand', 'advantage'] as const;
  const aws = streams.flatMap((stream) =>
    [true, false].flatMap((fanOut) =>
      (['on-demand', 'provisioned'] as const).flatMap((store) => {
        const modes = { ...defaultAwsModes, stream, fanOut, store, httpReady: fanOut ? 1 : 0 };
        return awsMeters(workload, profile, modes);
      }),
    ),
  );
  const azure = (['standard', 'premium'] as const).flatMap((stream) =>
    (['on-demand', 'always-ready'] as const).flatMap((functions) =>
      (['serverless', 'autoscale', 'provisioned'] as const).flatMap((store) =>
        azureMeters(workload, profile, { ...defaultAzureModes, stream, functions, store }),
      ),
    ),
  );
  const rivals = ([1, 1_000] as const).flatMap((eventsPerSecond) =>
    (['aws', 'azure'] as const).flatMap((cloud) =>
      rivalsOf(cloud, workloadOf({ ...busy, eventsPerSecond }), profile, book).flatMap(
        ({ meters }) => meters,
      ),
    ),
  );
  const basic = basicMeters(azureLoads(workload, profile));
  return new Set([...aws, ...azure, ...rivals, ...basic].map(({ price }) => price));
}

/** What of a source tells of something else than the price in its region. */
const aside =
  /^(free tier|rounding|least period|one text|infracost: |infracost golden has)|has West US: /;
/** A dated reading of a price list: of the list itself, or by tools that read it. */
const reading =
  /^(infracost golden test|Retail Prices API, |(the )?AWS price list|Azure Retail Prices API, )/;
const elsewhere = /West US|East US 2|Southeast Asia|region not told|another region/;

/** The surest that a price may be whose source is such a text. */
function mostSure(source: string, region: string): Price['confidence'] {
  const parts = source.split('; ').filter((one) => !aside.test(one));
  if (parts.some((one) => one.startsWith('from memory'))) return 'M';
  const isRead = (one: string): boolean =>
    reading.test(one) && !(region === 'eastus' && elsewhere.test(one.split(' and ')[0]!));
  if (!parts.some(isRead)) return 'C';
  return parts.flatMap((one) => one.split(/ and (?=\(|\d)/)).length > 1 ? 'A' : 'B';
}

describe('the price book', () => {
  it('has a price for every meter, and no price without a meter', () => {
    expect([...allMeters()].sort()).toEqual(book.prices.map(({ id }) => id).sort());
  });

  it('is written as a refresh writes it', () => {
    const file = readFileSync(new URL('../../cost/prices.json', import.meta.url), 'utf8');
    expect(bookText(book)).toBe(file);
  });

  it('names sources that a reader can follow, and says so of what is from memory', () => {
    for (const { id, source, confidence } of book.prices) {
      expect(source, id).not.toMatch(/\bid \d+|\bids \d+/);
      if (confidence === 'M') expect(source, id).toContain('from memory');
      else expect(source, id).not.toBe('from memory');
    }
  });

  it('is no surer of a price than its sources are', () => {
    const tooSure = book.prices.filter(
      ({ region, source, confidence }) => confidence < mostSure(source, region),
    );
    expect(tooSure.map(({ id }) => id)).toEqual([]);
  });

  it.each([
    ['infracost golden test a_test; free tier: a page', 'us-east-1', 'B'],
    ['infracost golden test a_test; a second text', 'us-east-1', 'A'],
    ['infracost golden test a_test (West US); a second text', 'eastus', 'C'],
    ['Retail Prices API, 1 May 2026 and 2 May 2026', 'eastus', 'A'],
    ['Retail Prices API, East US 2, 1 May 2026', 'eastus', 'C'],
    ['Azure Retail Prices API, eastus, 2026-11-22', 'eastus', 'B'],
    ['three texts of 2026 agree', 'us-east-1', 'C'],
    ['from memory', 'us-east-1', 'M'],
  ])('knows how sure a source is: %j in %s is %s', (source, region, letter) => {
    expect(mostSure(source, region)).toBe(letter);
  });

  it('is of the day of its newest reading, and that day has come', () => {
    const read = book.prices.filter(({ confidence }) => confidence !== 'M');
    const newest = read
      .map(({ date }) => date)
      .sort()
      .at(-1);
    expect(book.readOn).toBe(newest);
    expect(oldestDate(book)).toBe('2024-07');
    expect(Date.parse(book.readOn)).toBeLessThanOrEqual(Date.now());
  });

  it('has a free tier as a number where there is one', () => {
    const free = Object.fromEntries(book.prices.map(({ id, free }) => [id, free]));
    expect(free['aws.lambda.request']).toBe(1_000_000);
    expect(free['aws.lambda.gb-second']).toBe(400_000);
    expect(free['azure.flex.gb-second']).toBe(100_000);
    expect(free['aws.kinesis.shard-hour']).toBeUndefined();
  });

  it('is refused with all that is wrong', () => {
    const [good] = book.prices;
    const bad = [
      { ...good, price: -1, confidence: 'D' },
      { ...good, date: 'yesterday', source: '' },
      null,
    ];
    const refuse = () => priceBookOf({ readOn: 'today', prices: bad });
    expect(refuse).toThrow(
      expect.objectContaining({
        code: 'definition',
        problems: [
          'readOn must be a day like 2026-11-22, not "today"',
          'aws.kinesis.shard-hour: price must be a number of at least 0, not -1',
          'aws.kinesis.shard-hour: confidence must be A,B,C,M',
          'aws.kinesis.shard-hour: source must be a text',
          'aws.kinesis.shard-hour: date must be 2026, 2026-11 or a day',
          'price 2 is no object',
          'aws.kinesis.shard-hour is there twice',
        ],
      }),
    );
    expect(() => priceBookOf(null)).toThrow('prices must be an array of prices');
  });

  it('that lacks prices is refused with all of them', async () => {
    const prices = book.prices.slice(2);
    const path = join(folderOf({ 'prices.json': bookText({ ...book, prices }) }), 'prices.json');
    expect(() => readPrices(path)).toThrow(
      expect.objectContaining({
        code: 'definition',
        problems: ['there is no aws.kinesis.shard-hour', 'there is no aws.kinesis.put-unit'],
      }),
    );
    const { code, stderr } = await millrace(['cost', '--prices', path]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('there is no aws.kinesis.put-unit'),
    ]);
  });
});
