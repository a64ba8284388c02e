import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { assumed as assumedAws } from '../../cost/aws/settings.ts';
import { assumed as assumedAzure } from '../../cost/azure/settings.ts';
import { billOf } from '../../cost/bill.ts';
import type { Cloud } from '../../cost/price-book.ts';
import { rivalFigures } from '../../cost/rival-figures.ts';
import { rivalsOf } from '../../cost/rivals.ts';
import { perMillionEvents, templateBill } from '../../cost/total.ts';
import { workloadOf } from '../../cost/workload.ts';
import { docRows } from './doc-table.ts';
import { book, flightsProfile, profile } from './shipped.ts';

const docs = join(import.meta.dirname, '../../docs');
const pageOf = (name: string): string => readFileSync(join(docs, name), 'utf8');

describe('the tables of costs in the docs', () => {
  it.each([
    ['deploy-aws.md', 'aws'],
    ['deploy-azure.md', 'azure'],
  ] as const)('%s has the bills that the model makes, to the cent', (name, cloud: Cloud) => {
    const page = pageOf(name);
    for (const eventsPerSecond of [0, 1_000]) {
      const bill = templateBill(cloud, workloadOf({ eventsPerSecond }), profile, book);
      // On failure this is what has to stand there.
      expect(page).toContain(docRows(bill).join('\n'));
      const [, sum] = /\| sum \| \| \| ([\d.]+) \|/.exec(docRows(bill).at(-1)!)!;
      expect(Math.abs(Number(sum) - bill.total)).toBeLessThan(0.05);
    }
  });
});

describe('the page about costs', () => {
  it.each([
    ['AWS', assumedAws],
    ['Azure', assumedAzure],
    ['other designs', rivalFigures],
  ])('states every figure that is assumed, with its value: %s', (_, assumed) => {
    const page = pageOf('cost.md');
    const rows = page.split('\n').map((line) => line.split(' | ').slice(0, 2).join(' | '));
    for (const [name, value] of Object.entries(assumed)) {
      expect(rows, name).toContain(`| ${name} | ${value.toLocaleString('en-US')}`);
    }
  });
});

describe('the profiles that are shipped', () => {
  it.each([
    ['clicks', profile],
    ['flights', flightsProfile],
  ])('have a row of what a million events cost with them: %s', (name, shipped) => {
    const workload = workloadOf({ eventBytes: Math.round(shipped.eventBytes) });
    const dollars = (['aws', 'azure'] as const).map((cloud) => {
      const bill = templateBill(cloud, workload, shipped, book);
      return (perMillionEvents(bill, workload) ?? 0).toFixed(4);
    });
    const cells = [name, workload.eventBytes, ...dollars].join(' | ');
    // On failure this is what has to stand there.
    expect(pageOf('cost.md')).toContain(`| ${cells} |`);
  });
});

describe('the README', () => {
  it('has the sums that the command gives', () => {
    const page = readFileSync(join(docs, '../README.md'), 'utf8');
    const dollars = (value: number): string =>
      `$${value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
    const clouds = ['aws', 'azure'] as const;
    for (const [eventsPerSecond, partitions] of [
      [100, 1],
      [1_000, 4],
      [5_000, 8],
    ] as const) {
      const workload = workloadOf({ eventsPerSecond, partitions });
      const sums = clouds.map((cloud) => templateBill(cloud, workload, profile, book).total);
      const name = `${eventsPerSecond.toLocaleString('en-US')} events/s, ${partitions} partition`;
      const row = `${sums.map(dollars).join(' | ')} |`;
      expect(page.split('\n').find((line) => line.startsWith(`| ${name}`))).toContain(row);
    }
    const others = clouds.map((cloud) => {
      const [first] = rivalsOf(cloud, workloadOf({}), profile, book);
      return dollars(billOf(first!.meters, book).total);
    });
    expect(page).toContain(`with an idempotency record per event | ${others.join(' | ')} |`);
  });
});
