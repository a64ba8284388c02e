import { definePipeline, tumbling } from 'millrace';
import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import type { Served } from '../../../core/engine.ts';
import { rowJson } from '../../../core/query/answer.ts';
import { keptEvents } from '../../../core/query/kept.ts';
import { scan } from '../../../core/query/scan.ts';
import { type App, compose } from '../../../local-app/composition.ts';
import { localConfig } from '../../../local-app/config.ts';
import { Pump } from '../../../local-app/pump.ts';

const walks = definePipeline({
  name: 'walks',
  schema: Type.Object({ id: Type.String(), at: Type.Integer(), who: Type.String() }),
  id: 'id',
  time: 'at',
  partitionKey: 'id',
  views: (on) => ({
    byWho: on.view({
      key: ['who'],
      window: tumbling('1m'),
      retain: '10m',
      measures: { walks: on.count() },
    }),
  }),
});

const start = Date.UTC(2026, 0, 1);

/** Twenty minutes of events over three partitions, some of them late, and one that is none. */
async function published(): Promise<{ readonly app: App; readonly served: Served }> {
  const app = compose(localConfig({ pipelines: [walks], partitions: 3, packLingerMs: 0 }));
  const sends = Array.from({ length: 600 }, (_, i) => {
    const at = start + i * 2_000 - (i % 50 === 7 ? 200_000 : 0);
    const event = { id: `i${i}`, at, who: `w${(i * 7) % 5}` };
    return app.publisher.send(event.id, JSON.stringify(event));
  });
  sends.push(app.publisher.send('', '"no event"'));
  await app.publisher.flush();
  await Promise.all(sends);
  return { app, served: app.served.get('walks') as Served };
}

describe('a scan', () => {
  it('gives the rows of a query, in its order, bucket by bucket', async () => {
    const { app, served } = await published();
    await new Pump(app).drain();
    const { selected, rows, finalTo } = await served.reader.read('byWho', { limit: 10_000 });
    const expected = selected.map((row) => rowJson(rows, row, finalTo));
    const found: string[] = [];
    let buckets = 0;
    for await (const one of scan(served.journal, rows.view)) {
      buckets += 1;
      found.push(...one.selected.map((row) => rowJson(one.rows, row, one.finalTo)));
    }
    expect(expected.length).toBeGreaterThan(40);
    expect(found).toEqual(expected);
    expect(buckets).toBeGreaterThan(10);
  });

  it('refuses a journal with entries that are in no page', async () => {
    const { app, served } = await published();
    await new Pump(app).catchUp();
    const [view] = served.journal.plan.views;
    const first = scan(served.journal, view as NonNullable<typeof view>).next();
    await expect(first).rejects.toMatchObject({ code: 'request' });
  });
});

describe('what an entry keeps', () => {
  it('is found before compaction and after it, the same', async () => {
    const { app, served } = await published();
    const pump = new Pump(app);
    await pump.catchUp();
    const all = async () => {
      const found: unknown[] = [];
      for (const partition of ['0', '1', '2']) {
        for (const view of ['_dead', '_late'] as const) {
          for await (const one of keptEvents(served.journal, partition, view)) found.push(one);
        }
      }
      return found;
    };
    const before = await all();
    const partitions = await served.reader.partitions();
    const late = partitions.reduce((sum, { counts }) => sum + (counts.views[0]?.late ?? 0), 0);
    expect(late).toBeGreaterThan(3);
    expect(before).toHaveLength(late + 1);
    await pump.drain();
    expect(await all()).toEqual(before);
  });

  it('is an error when its object is gone', async () => {
    const { app, served } = await published();
    await new Pump(app).drain();
    for (const name of await app.objects.list('kept/', '', 100)) await app.objects.remove(name);
    const letters = ['0', '1', '2'].map((one) => keptEvents(served.journal, one, '_dead').next());
    const outcomes = await Promise.allSettled(letters);
    const [gone] = outcomes.filter(({ status }) => status === 'rejected');
    expect(gone).toMatchObject({ reason: { code: 'missing' } });
  });
});
