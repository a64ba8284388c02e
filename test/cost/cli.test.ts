import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { clickTexts } from '../../bench/clicks.ts';
import { type Estimate, estimateOf } from '../../cost/estimate.ts';
import { profileOf } from '../../cost/profile.ts';
import { workloadOf } from '../../cost/workload.ts';
import { folderOf, millrace } from '../cli/millrace.ts';
import { book, profile } from './shipped.ts';

const clicksPipeline = fileURLToPath(new URL('../../bench/clicks.ts', import.meta.url));

describe('millrace cost', () => {
  it('prints bills, other designs, modes, what matters and what it carries, for both clouds', async () => {
    const { code, stdout, stderr } = await millrace(['cost', '--events-per-second', '2000']);
    expect([code, stderr]).toEqual([0, '']);
    const [aws = '', azure = ''] = stdout.split(/^(?=Azure)/m);
    expect(aws).toContain('AWS, us-east-1: 2,000 events/s of 198 bytes, 100 to a record, 4 part');
    for (const text of [aws, azure]) {
      expect(text).toMatch(/^ {2}sum +[\d,]+\.\d\d +[\d,]+\.\d\d$/m);
      expect(text).toMatch(/^ {2}idempotency record per event .* below [\d.]+ events\/s/m);
      expect(text).toMatch(/container with PostgreSQL .* from [\d,]+ to [\d,]+ events\/s/);
      expect(text).toMatch(/cheapest/);
      expect(text).toMatch(/to choose/);
      expect(text).toMatch(/full at/);
    }
    expect(aws).toContain('to 20,000 events/s');
    expect(aws).not.toContain('carries up to');
    expect(azure).toMatch(
      /^ {2}Millrace .* carries up to [\d,]+ events\/s: a logical partition, storage/m,
    );
    expect(azure).toContain('not possible: it has one consumer group');
    expect(azure).toMatch(/newest read on 2026-10-03, \d+ days ago, the oldest in 2024-07/);
    expect(azure).toContain('Profile: clicks on 200000 events of clicks.ndjson');
    const bill = estimateOf('aws', workloadOf({ eventsPerSecond: 2_000 }), profile, book).bill;
    expect(aws).toContain(`${bill.total.toFixed(2)} a month`);
  });

  it('says what is too much, and what helps', async () => {
    const { stdout } = await millrace(['cost', '--cloud', 'azure', '--events-per-second', '20000']);
    const help = 'TOO MUCH +a hot key: spread\\(key, n\\)';
    expect(stdout).toMatch(new RegExp(`^  a logical partition, storage .* ${help}$`, 'm'));
    expect(stdout.split('TOO MUCH')).toHaveLength(2);
  });

  it('gives as JSON exactly what the model gives', async () => {
    const file = { 'w.json': '{"eventsPerSecond":50,"shape":"bursty","archive":true}' };
    const path = join(folderOf(file), 'w.json');
    const args = ['cost', '--workload', path, '--partitions', '2', '--keys', '500', '--json'];
    const { code, stdout } = await millrace(args);
    expect(code).toBe(0);
    const { prices, oldestPrice, estimates } = JSON.parse(stdout) as {
      prices: string;
      oldestPrice: string;
      estimates: readonly Estimate[];
    };
    expect([prices, oldestPrice]).toEqual([book.readOn, '2024-07']);
    const given = { eventsPerSecond: 50, shape: 'bursty', archive: true };
    const workload = workloadOf({ ...given, partitions: 2, keys: 500 });
    const clouds = ['aws', 'azure'] as const;
    const expected = clouds.map((cloud) => estimateOf(cloud, workload, profile, book));
    expect(estimates).toEqual(JSON.parse(JSON.stringify(expected)));
  });

  it('gives CSV whose lines add up to the bill', async () => {
    const { stdout } = await millrace(['cost', '--cloud', 'azure', '--csv']);
    const [head = '', ...lines] = stdout.trimEnd().split('\n');
    expect(head.split(',').slice(0, 4)).toEqual(['cloud', 'meter', 'price', 'units']);
    const column = head.split(',').indexOf('month');
    // Names with commas are in quotes.
    const cells = lines.map((line) => line.replace(/"[^"]*"/g, 'quoted').split(','));
    const sum = cells.reduce((all, line) => all + Number(line[column]), 0);
    const { bill } = estimateOf('azure', workloadOf({}), profile, book);
    expect(sum).toBeCloseTo(bill.total, 6);
    expect(cells).toHaveLength(bill.lines.length);
  });

  it('lists all that is wrong with a workload', async () => {
    const peak = ['--peak-factor', 'Infinity'];
    const args = ['--events-per-second', 'many', '--partitions', '0', '--shape', 'round', ...peak];
    const { code, stderr } = await millrace(['cost', ...args]);
    expect(code).toBe(1);
    expect(stderr).toContain('eventsPerSecond must be a number from 0 to 10,000,000, not "many"');
    expect(stderr).toContain('partitions must be a whole number from 1 to 10,000, not 0');
    expect(stderr).toContain('peakFactor must be a number from 1 to 20, not Infinity');
    expect(stderr).toContain('shape must be one of flat, daily, bursty, not "round"');
  });

  it.each([
    [['--cloud', 'gcp'], '--cloud is aws or azure, not gcp'],
    [['renew'], 'cost has no renew; there is refresh'],
    [['--json', '--csv'], '--json or --csv, not both'],
  ])('refuses %j', async (args, text) => {
    const { code, stderr } = await millrace(['cost', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(text);
  });

  it('says which file is none, and which profile is wrong', async () => {
    const folder = folderOf({ 'p.json': '{}' });
    const missing = await millrace(['cost', '--workload', join(folder, 'none.json')]);
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining("can't read")]);
    const wrong = await millrace(['cost', '--profile', join(folder, 'p.json')]);
    expect(wrong.stderr).toContain('this is no profile of `millrace profile`');
  });
});

describe('millrace profile', () => {
  it('measures a pipeline on its events, for the bills of millrace cost', async () => {
    const texts = [...clickTexts({ count: 2_000, rate: 100, keys: 50, seed: 5 })];
    const folder = folderOf({ 'clicks.ndjson': `${texts.join('\n')}\n` });
    const out = join(folder, 'profile.json');
    const input = ['--input', join(folder, 'clicks.ndjson')];
    const pipeline = ['--pipeline', clicksPipeline, '--name', 'clicks'];
    const { code, stderr } = await millrace(['profile', ...pipeline, ...input, '--out', out]);
    expect([code, stderr]).toEqual([0, '']);
    const measured = profileOf(JSON.parse(readFileSync(out, 'utf8')));
    expect(measured).toMatchObject({ pipeline: 'clicks', input: 'clicks.ndjson', events: 2_000 });
    const bytes = texts.reduce((sum, text) => sum + text.length, 0) / texts.length;
    expect(Math.abs(measured.eventBytes - bytes)).toBeLessThan(0.1);
    // 100 events/s of event time, a few of them out of order.
    expect(measured.eventsPerSecond).toBeGreaterThan(80);
    expect(measured.eventsPerSecond).toBeLessThan(120);
    const sizes = measured.batches.map(({ events }) => events);
    expect(sizes).toEqual([1, 10, 30, 100, 300, 1_000]);
    expect(measured.batches.every(({ entryBytes, rowBytes }) => entryBytes > rowBytes)).toBe(true);
    const [view] = measured.views;
    expect(view).toMatchObject({ name: 'byPage', pageSeconds: 60 });
    expect(view!.keys.at(-1)).toEqual({ events: 2_000, keys: 50 });
    // Keys by Zipf's law; one event in twenty comes up to 20 seconds late, and some come again.
    expect(view!.popularity.exponent).toBeGreaterThan(0.8);
    expect(view!.popularity.exponent).toBeLessThan(1.2);
    expect(measured.delays[0]!.share).toBeGreaterThan(0.04);
    expect(measured.delays.at(-1)!).toEqual({ seconds: 20, share: 0 });
    // A batch is one conditional write; a compaction reads head and entries, and moves the head.
    expect(measured.calls.batch).toEqual({ reads: 0, writes: 1 });
    expect(measured.calls.compaction).toEqual({ reads: 2, writes: 1 });
    expect(measured.calls.quietPartition.writes).toBe(0);
    expect(measured.records[0]!.bytesPerEvent).toBeGreaterThan(measured.records[2]!.bytesPerEvent);
    expect(measured.startMs).toBeGreaterThan(10);
    expect(measured.cpu.plain.perEventUs).toBeGreaterThan(0.1);

    const cost = await millrace(['cost', '--profile', out, '--cloud', 'aws']);
    expect(cost.code).toBe(0);
    expect(cost.stdout).toContain('Profile: clicks on 2000 events of clicks.ndjson');
  });

  it('refuses too few events, and events of another pipeline', async () => {
    const few = folderOf({ 'few.ndjson': '{"id":"1"}\n' });
    const pipeline = ['--pipeline', clicksPipeline, '--name', 'clicks', '--input'];
    const short = await millrace(['profile', ...pipeline, join(few, 'few.ndjson')]);
    expect([short.code, short.stderr]).toEqual([
      1,
      expect.stringContaining('few.ndjson has 1 events; a profile needs 1000 at least'),
    ]);
    const lines = Array.from({ length: 1_200 }, (_, i) => `{"id":"${i}","word":"x"}`).join('\n');
    const others = folderOf({ 'others.ndjson': lines });
    const wrong = await millrace(['profile', ...pipeline, join(others, 'others.ndjson')]);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('the pipeline counts 0 of');
  });
});
