import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bookText } from '../../cli/cost/refresh.ts';
import { type Price, priceBookOf, priceOf } from '../../cost/price-book.ts';
import { ageDays, refreshed } from '../../cost/refresh.ts';
import { folderOf, millrace } from '../cli/millrace.ts';
import { emptyPriceServer, priceServer } from './price-server.ts';
import { book } from './shipped.ts';

const today = new Date().toISOString().slice(0, 10);

/** A copy of the shipped book, ten days old. */
function oldBook(): string {
  const readOn = new Date(Date.parse(today) - 10 * 86_400_000).toISOString().slice(0, 10);
  return join(folderOf({ 'prices.json': bookText({ ...book, readOn }) }), 'prices.json');
}

describe('millrace cost refresh', () => {
  it('takes what the two price lists say, and shows what changes before it writes', async () => {
    const path = oldBook();
    const { url, asked } = await priceServer();
    const args = ['--prices', path, '--aws-url', url, '--azure-url', url];
    const { code, stdout, stderr } = await millrace(['cost', 'refresh', ...args]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toContain('10 days old');
    expect(stdout).toMatch(/aws\.kinesis\.shard-hour +changed +0\.015 +0\.0165/);
    expect(stdout).toMatch(/azure\.eventhubs\.tu-hour +changed +0\.03 +0\.04/);
    // One free tier lies below each of these: the first price that is none counts.
    expect(stdout).toMatch(/aws\.dynamodb\.gb-month +changed +0\.25 +0\.26/);
    expect(stdout).toMatch(/azure\.logs\.in-gb +changed +2\.3 +2\.5/);
    // Two prices for one thing, and one that is a hundred times what it was: nobody is told without looking.
    expect(stdout).toMatch(/aws\.kinesis\.stream-hour +doubtful +0\.04 +0\.05, 0\.06/);
    expect(stdout).toMatch(/aws\.kinesis\.in-gb +doubtful +0\.08 +8/);
    expect(stdout).toMatch(/aws\.kinesis\.fan-out-gb +missing/);
    expect(stdout).toMatch(/aws\.rds\.postgres-hour +by hand/);
    expect(stdout).toContain('2 prices are as they were');
    expect(stdout.indexOf('written')).toBeGreaterThan(stdout.indexOf('changed'));
    expect(asked.filter((one) => one.includes('AmazonKinesis/'))).toHaveLength(1);

    const after = priceBookOf(JSON.parse(readFileSync(path, 'utf8')));
    expect(after.readOn).toBe(today);
    // What nobody else says is one source, whatever was said of the price before.
    expect(priceOf(after, 'aws.kinesis.shard-hour')).toMatchObject({
      ...{ price: 0.0165, date: today, confidence: 'B' },
      source: 'AWS price list, AmazonKinesis, 2026-11-20',
    });
    expect(priceOf(after, 'azure.eventhubs.tu-hour').price).toBe(0.04);
    // A price for a million, and one that stays the same to the last digit.
    expect(priceOf(after, 'azure.eventhubs.ingress')).toMatchObject({
      ...{ price: 2.8e-8, date: today, confidence: 'A' },
      source: `Azure Retail Prices API, eastus, ${today}; ${priceOf(book, 'azure.eventhubs.ingress').source}`,
    });
    for (const id of ['aws.kinesis.stream-hour', 'aws.kinesis.in-gb', 'aws.rds.postgres-hour']) {
      expect(priceOf(after, id), id).toEqual(priceOf(book, id));
    }
  });

  it('writes nothing when it is only to show', async () => {
    const path = oldBook();
    const before = readFileSync(path, 'utf8');
    const { url } = await priceServer();
    const args = ['--prices', path, '--aws-url', url, '--azure-url', url, '--dry-run'];
    const { code, stdout } = await millrace(['cost', 'refresh', ...args]);
    expect(code).toBe(0);
    expect(stdout).toContain('changed');
    expect(stdout).not.toContain('written');
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  it('says how old the book is where there is no network, and leaves it alone', async () => {
    const path = oldBook();
    const before = readFileSync(path, 'utf8');
    const { url } = await priceServer();
    // Nothing listens at port 1.
    const nowhere = 'http://127.0.0.1:1';
    for (const [aws, azure] of [
      [nowhere, url],
      [url, nowhere],
    ]) {
      const args = ['--prices', path, '--aws-url', aws!, '--azure-url', azure!];
      const { code, stderr } = await millrace(['cost', 'refresh', ...args]);
      expect(code).toBe(1);
      expect(stderr).toContain("can't read 127.0.0.1:1");
      expect(stderr).toContain('10 days old, and stays as it is');
      expect(stderr).not.toContain('    at ');
    }
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  it('fails where neither list has any of the prices, and leaves the book alone', async () => {
    const path = oldBook();
    const before = readFileSync(path, 'utf8');
    const { url } = await emptyPriceServer();
    for (const more of [[], ['--dry-run']]) {
      const args = ['--prices', path, '--aws-url', url, '--azure-url', url, ...more];
      const { code, stdout, stderr } = await millrace(['cost', 'refresh', ...args]);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain('the price lists have none of the');
      expect(stderr).toContain('10 days old, and stays as it is');
    }
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  it('moves the day of the book only where a price was read', () => {
    const id = 'azure.eventhubs.tu-hour';
    const readOn = (prices: readonly number[]): string =>
      refreshed(book, new Map([[id, { prices, source: 'a list' }]]), '2027-01-01').book.readOn;
    expect(refreshed(book, new Map(), '2027-01-01').book).toEqual(book);
    expect(readOn([])).toBe(book.readOn);
    // Doubtful.
    expect(readOn([0.1, 0.2])).toBe(book.readOn);
    expect(readOn([0.03])).toBe('2027-01-01');
    expect(readOn([0.04])).toBe('2027-01-01');
  });

  it('keeps the sources that agree with a reading, and counts no reading twice', () => {
    const readAgain = (of: Partial<Price>, price: number): Price => {
      const prices = book.prices.map((one) => (one.id === id ? { ...one, ...of } : one));
      const found = new Map([
        [id, { prices: [price], source: 'AWS price list, AWSLambda, later' }],
      ]);
      return priceOf(refreshed({ ...book, prices }, found, '2027-01-01').book, id);
    };
    const id = 'aws.lambda.request';
    const reading = 'AWS price list, AWSLambda, before';
    expect(readAgain({ source: `${reading}; a text`, confidence: 'B' }, 2e-7)).toMatchObject({
      ...{
        source: 'AWS price list, AWSLambda, later; a text',
        confidence: 'A',
        date: '2027-01-01',
      },
    });
    const alone = { source: 'AWS price list, AWSLambda, later', confidence: 'B' };
    expect(readAgain({ source: reading, confidence: 'B' }, 2e-7)).toMatchObject(alone);
    expect(readAgain({ source: 'from memory', confidence: 'M' }, 2e-7)).toMatchObject(alone);
    expect(readAgain({ source: 'a text', confidence: 'C' }, 3e-7)).toMatchObject(alone);
  });

  it('knows the age of a book in days', () => {
    expect(ageDays({ ...book, readOn: '2026-11-22' }, '2026-11-22')).toBe(0);
    expect(ageDays({ ...book, readOn: '2026-11-22' }, '2027-01-01')).toBe(40);
  });
});
