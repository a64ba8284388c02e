import { expect, test } from 'vitest';
import { partitionsKey } from '../../core/journal/keys.ts';
import { definePipeline, tumbling } from '../../core/pipeline.ts';
import { compose } from '../../local-app/composition.ts';
import { localConfig } from '../../local-app/config.ts';
import { Pump } from '../../local-app/pump.ts';
import { flights } from '../../pipelines/flights.ts';

const airports = definePipeline({
  name: 'airports',
  schema: flights.plan.schema as never,
  id: 'id' as never,
  time: 'date' as never,
  partitionKey: 'origin' as never,
  dedupe: 'off',
  views: (on) => ({
    all: on.view({ key: [], window: tumbling('1h'), measures: { flights: on.count() } }),
  }),
});

test('a pipeline that can not go on holds back no other', async () => {
  const app = compose(
    localConfig({ pipelines: [flights, airports], partitions: 1, packLingerMs: 0 }),
  );
  const { journal } = app.served.get('flights') ?? expect.fail('not served');
  await app.store.create(partitionsKey(journal.scope), new Uint8Array(20));
  const troubles: unknown[] = [];
  const pump = new Pump(app, (_, error) => troubles.push(error));
  await pump.start();
  const { reader } = app.served.get('airports') ?? expect.fail('not served');
  const event = {
    date: '2001-01-01T10:00:00Z',
    delay: 0,
    distance: 1,
    origin: 'A',
    destination: 'B',
  };
  for (const id of ['1', '2']) {
    await app.publisher.send('A', JSON.stringify({ id, ...event }));
    await expect
      .poll(async () => (await reader.query(airports, 'all')).rows[0]?.measures.flights)
      .toBe(Number(id));
  }
  await pump.stop();
  expect(troubles[0]).toMatchObject({ code: 'damaged' });
  expect(pump.caughtUp).toBe(false);
});
