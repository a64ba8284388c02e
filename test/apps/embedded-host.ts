import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { openLocalDatabase } from '../../adapters/local/local-database.ts';
import { LocalEventPublisher } from '../../adapters/local/local-event-publisher.ts';
import { LocalLog } from '../../adapters/local/local-log.ts';
import { ManualClock } from '../../adapters/memory/manual-clock.ts';
import { databaseFile } from '../../local-app/composition.ts';
import { localConfig } from '../../local-app/config.ts';
import { start } from '../../local-app/main.ts';
import { newFolder } from '../local/folder.ts';
import type { AppHost, AppUnderTest, Scene } from './app-under-test.ts';
import { pipelinesOf } from './pipeline-sets.ts';

/** The embedded app with its data in a folder; tests put records into its stream from beside it. */
export const embedded: AppHost = {
  name: 'embedded',
  open: async () => {},
  close: async () => {},
  start: startEmbedded,
};

async function startEmbedded({ pipelines, partitions }: Scene): Promise<AppUnderTest> {
  const data = newFolder();
  const troubles: unknown[] = [];
  const running = await start(
    localConfig({
      ...{ pipelines: pipelinesOf(pipelines), data, partitions, batchWindowMs: 5 },
      sinks: { results: { kind: 'queue', place: 'results' } },
    }),
    {
      server: { host: '127.0.0.1', port: 0, token: null },
      onTrouble: (_, error) => troubles.push(error),
    },
  );
  const database = openLocalDatabase(join(data, databaseFile));
  const clock = new ManualClock();
  const publisher = new LocalEventPublisher(new LocalLog(database, partitions), clock);
  onTestFinished(async () => {
    database.close();
    await running.stop();
    expect(troubles).toEqual([]);
  });
  const { stream, store, maintenance } = running.app;
  return {
    ...{ stream, store, results: running.app.queue('results') },
    request: (path, init) => fetch(running.url + path, init),
    put: async (partition, records) => {
      for (const { arrival, body } of records) {
        clock.set(arrival);
        const outcomes = await publisher.publish([
          { bucket: Number(partition), bucketCount: partitions, body },
        ]);
        expect(outcomes).toEqual(['accepted']);
      }
    },
    maintain: async () => {
      const { failures } = await maintenance.run(Date.now() + 60_000);
      expect(failures).toEqual([]);
    },
  };
}
