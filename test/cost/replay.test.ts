import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultAwsModes } from '../../cost/aws/settings.ts';
import { awsMeters } from '../../cost/aws/usage.ts';
import { defaultAzureModes } from '../../cost/azure/settings.ts';
import { azureMeters } from '../../cost/azure/usage.ts';
import { workloadOf } from '../../cost/workload.ts';
import { type Compared, replay } from '../replay/replay.ts';
import { uncounted, whyUncounted } from '../replay/uncounted.ts';
import { replayed } from '../replay/workloads.ts';
import { profile } from './shipped.ts';

/** The error of every meter and call, as the page states it. */
const errorMax = 0.05;
/** Queries and rounds are few: one more or fewer at the ends is none of the model's errors. */
const few = 1;

/**
 * A batch every 1.5 seconds: five compactions, each 96 seconds after the one before, meet pages of 60 at ages twelve
 * seconds apart.
 */
const small = workloadOf({
  ...{ eventsPerSecond: 20, recordEvents: 1, eventBytes: 191, partitions: 1, keys: 10_000 },
  ...{ batchWindowSeconds: 1.5, queriesPerSecond: 0.05, querySeconds: 120 },
});
const span = { seconds: 480, warmSeconds: 192, offsetSeconds: 11, maintainAt: 27.5 };

function beyond(compared: readonly Compared[]): Compared[] {
  return compared.filter(({ predicted, counted }) => {
    const off = Math.abs(predicted - counted);
    return off > few && off > errorMax * counted;
  });
}

describe.each(['aws', 'azure'] as const)('a replay on %s', (cloud) => {
  it('counts what the model predicts, each meter within 5 %', async () => {
    const compared = await replay({
      ...{ cloud, profile, replayed: { name: 'small', workload: small } },
      ...span,
    });
    expect(compared.length).toBeGreaterThan(10);
    expect(beyond(compared)).toEqual([]);
  });
});

describe('the meters of the bills', () => {
  it.each([
    ['aws', awsMeters(replayed[0]!.workload, profile, defaultAwsModes)],
    ['azure', azureMeters(replayed[0]!.workload, profile, defaultAzureModes)],
  ] as const)('that are not counted on %s are told, and no others', (cloud, meters) => {
    const names = meters.map(({ name }) => name).filter((name) => whyUncounted(cloud, name));
    for (const told of Object.keys(uncounted[cloud])) {
      expect(
        names.some((name) => name.startsWith(told)),
        told,
      ).toBe(true);
    }
  });
});

describe('the table of the page about costs', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/cost.md'), 'utf8');
  const rows = page.split('\n').filter((line) => /^\| (AWS|Azure) \| /.test(line));

  it('has every workload on both clouds, each meter within 5 %', () => {
    for (const cloud of ['AWS', 'Azure']) {
      for (const { name } of replayed) {
        const own = rows.filter((row) => row.startsWith(`| ${cloud} | ${name} |`));
        expect(own.length, `${cloud}, ${name}`).toBeGreaterThan(10);
      }
    }
    for (const row of rows) {
      const error = Number(row.split(' | ')[5]?.replace(' % |', ''));
      expect(Math.abs(error), row).toBeLessThanOrEqual(100 * errorMax);
    }
  });
});
