import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stormSeed, weather } from '../storm.ts';
import { AzureHost } from './azure-host.ts';
import { AzureFaults, stormInstances } from './storm-faults.ts';

/** `STORM_ROUNDS=20 npx vitest run --project azure-app storm` for a long one. */
const rounds = Number(process.env['STORM_ROUNDS'] ?? 1);
const [first, second] = stormInstances;

describe.each(['cosmos', 'blob'] as const)('a storm over %s', (stateStore) => {
  const host = new AzureHost(stateStore);
  beforeAll(() => host.open());
  afterAll(() => host.close());

  it('leaves every event counted once, as a plain loop over the stream counts', async () => {
    const app = await host.start({ pipelines: 'storm', partitions: 4 }, first);
    const { host: other } = await app.startInstance(second);
    await other.hub('process').balance();
    const storm = new AzureFaults(host, app);
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
