import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultAwsModes } from '../../cost/aws/settings.ts';
import { awsMeters } from '../../cost/aws/usage.ts';
import { defaultAzureModes } from '../../cost/azure/settings.ts';
import { azureMeters } from '../../cost/azure/usage.ts';
import { workloadOf } from '../../cost/workload.ts';
import { predicted } from '../replay/predicted.ts';
import { type Compared, replay } from '../replay/replay.ts';
import { uncounted, whyUncounted } from '../replay/uncounted.ts';
import { replayed, span } from '../replay/workloads.ts';
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
const smallSpan = { seconds: 480, warmSeconds: 192, offsetSeconds: 11, maintainAt: 27.5 };

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
      ...smallSpan,
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
  const page = readFileSync(join(import.meta.dirname, '../../docs/cost-replay.md'), 'utf8');
  const number = (text = ''): number => Number(text.replaceAll(',', ''));

  it.each([
    ['AWS', 'aws'],
    ['Azure', 'azure'],
  ] as const)(
    'has all that the model says of %s, within 5 percent of what was counted',
    (title, cloud) => {
      for (const [column, { workload }] of replayed.entries()) {
        for (const [meter, units] of predicted(cloud, workload, profile, span.seconds)) {
          const row = page.split('\n').find((line) => line.startsWith(`| ${title}, ${meter} |`));
          const cell = row?.split(' | ')[column + 1] ?? '';
          const [, is, was] = /([\d,]+) \/ ([\d,]+), /.exec(cell) ?? [];
          // On failure: npm run cost:replay -- --write
          expect(Math.abs(number(is) - units), `${meter}: ${cell}`).toBeLessThanOrEqual(0.5001);
          expect(Math.abs(units / number(was) - 1), `${meter}: ${cell}`).toBeLessThan(errorMax);
        }
      }
    },
  );
});
