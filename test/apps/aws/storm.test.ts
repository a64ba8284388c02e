import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stormSeed, weather } from '../storm.ts';
import { AwsHost } from './aws-host.ts';
import { AwsFaults } from './storm-faults.ts';

/** `STORM_ROUNDS=20 npx vitest run --project aws-app storm` for a long one. */
const rounds = Number(process.env['STORM_ROUNDS'] ?? 1);

describe('a storm over AWS', () => {
  const host = new AwsHost();
  beforeAll(() => host.open());
  afterAll(() => host.close());

  it('leaves every event counted once, as a plain loop over the stream counts', async () => {
    const app = await host.start(
      { pipelines: 'storm', partitions: 4 },
      { mapping: { BatchSize: 5 }, functions: { timeoutSeconds: 20 } },
    );
    const storm = new AwsFaults(host, app);
    const { all: faults, waiting, heal } = storm;
    const report = await weather(app, { seed: stormSeed(), faults, rounds, waiting, heal });
    const { strikes, confirmed, retries, duplicates, late } = report;
    const cameAbout = storm.cameAbout();
    const figures = { strikes, cameAbout, confirmed, retries, duplicates, late };
    console.info(JSON.stringify(figures, null, 1));
    expect(duplicates).toBeGreaterThan(0);
    expect(late).toBeGreaterThan(0);
    for (const { name } of faults) expect([name, strikes[name]]).toEqual([name, rounds]);
  });
});
