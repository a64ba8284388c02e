import { describe, expect, it, onTestFinished } from 'vitest';
import { compression } from '../../adapters/compression.ts';
import { httpApp } from '../../adapters/http/http-app.ts';
import { MillraceError } from '../../core/errors.ts';
import { defaultLimits } from '../../core/limits.ts';
import { type App, compose } from '../../local-app/composition.ts';
import { localConfig } from '../../local-app/config.ts';
import { Pump } from '../../local-app/pump.ts';
import { LeapingClock } from '../core/small-world.ts';
import { eventsIn, Holding, type StreamEvent } from './event-stream.ts';
import { ask, expectProblem, post, received, serving } from './serving.ts';
import { sale, sales } from './shop.ts';

/** An app whose live streams run on a clock that leaps. `onSleep` is what happens between two looks. */
function leaping(onSleep: (nth: number) => Promise<void>, limits = {}) {
  class Acting extends LeapingClock {
    override async sleep(ms: number): Promise<void> {
      await super.sleep(ms);
      await onSleep(this.sleeps.length);
    }
  }
  const clock = new Acting(Date.UTC(2026, 0, 2));
  const config = { ...localConfig({ pipelines: [sales], partitions: 2 }), packLingerMs: 0 };
  const app = compose(config);
  onTestFinished(() => app.close());
  const reported: unknown[] = [];
  const http = httpApp({
    ...{ publisher: app.publisher, clock, compression, figures: () => [], billedAt: [] },
    pipelines: [{ plan: sales.plan, reader: app.served.get('sales')!.reader }],
    limits: { ...defaultLimits, ...limits },
    access: { token: null, loopback: false, keyHeader: null },
    report: (error) => reported.push(error),
  });
  return { app, clock, http, reported };
}

function take(app: App, ...numbers: number[]): Promise<void> {
  return takeSales(
    app,
    numbers.map((n) => sale(n)),
  );
}

async function takeSales(app: App, events: readonly object[]): Promise<void> {
  const sends = events.map((event) => app.publisher.send('oslo', JSON.stringify(event)));
  await app.publisher.flush();
  await Promise.all(sends);
  await new Pump(app).catchUp();
}

async function all(response: Response): Promise<StreamEvent[]> {
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const events: StreamEvent[] = [];
  for await (const event of eventsIn(response)) events.push(event);
  return events;
}

const visits = (events: readonly StreamEvent[]) =>
  events.map(({ data }) =>
    data.rows.map((row: { measures: { sold: number } }) => row.measures.sold),
  );

describe('a live stream', () => {
  it('begins with all rows, tells what changes, and ends after its time', async () => {
    const { app, http, clock } = leaping(async (nth) => {
      if (nth === 3) await take(app, 2);
      if (nth === 9) await take(app, 3, 4);
    });
    await take(app, 1);
    const events = await all(await http.request('/v1/live?view=perDay'));
    expect(visits(events)).toEqual([[1], [2], [4]]);
    expect(events.map(({ data }) => data.reset)).toEqual([true, false, false]);
    expect(events.map(({ id }) => id)).toEqual(events.map(({ data }) => data.token));
    expect(clock.time).toBe(Date.UTC(2026, 0, 2, 0, 0, 25));
  });

  it('has all rows and not the first hundred, so that a window that begins is seen', async () => {
    const shops = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => sale(from + i, { shop: `shop ${from + i}` }));
    const { app, http } = leaping(async (nth) => {
      if (nth === 3) await takeSales(app, shops(150, 152));
    });
    await takeSales(app, shops(0, 150));
    const events = await all(await http.request('/v1/live?view=perShop'));
    expect(visits(events).map(({ length }) => length)).toEqual([150, 2]);
    const some = await http.request('/v1/live?view=perShop&limit=20');
    expect(visits(await all(some)).map(({ length }) => length)).toEqual([20]);
  });

  it('goes on behind the last event that the client has, with no hole and no repeat', async () => {
    const { app, http } = leaping(async (nth) => {
      if (nth % 7 === 0) await take(app, nth);
    });
    await take(app, 1);
    const holding = new Holding();
    for await (const event of eventsIn(await http.request('/v1/live?view=perShop'))) {
      holding.take(event);
    }
    await take(app, 1_000);
    const headers = { 'last-event-id': holding.last };
    const [next] = await all(await http.request('/v1/live?view=perShop&limit=5', { headers }));
    expect(next?.data.reset).toBe(true);
    const same = await all(await http.request('/v1/live?view=perShop', { headers }));
    expect(same[0]?.data.reset).toBe(false);
    expect(same[0]?.data.rows).toHaveLength(1);
    for (const event of same) holding.take(event);
    const { rows } = (await (await http.request('/v1/views/perShop')).json()) as { rows: [] };
    expect([...holding.rows.values()]).toHaveLength(rows.length);
    expect(new Set(holding.rows.values())).toEqual(new Set(rows));
  });

  it('shows in silence that it lives, and how soon to come back', async () => {
    const { http } = leaping(async () => {});
    const text = await (await http.request('/v1/live?view=perDay')).text();
    expect(text.startsWith('retry: 1000\n\n')).toBe(true);
    expect(text.split('\n\n').filter((block) => block === ':')).toHaveLength(2);
  });

  it('stops when the client goes away', async () => {
    const { http, clock } = leaping(async () => {});
    const { body } = await http.request('/v1/live?view=perDay');
    const reader = body!.getReader();
    await reader.read();
    await reader.cancel();
    const { length } = clock.sleeps;
    await new Promise((resolve) => setImmediate(resolve));
    expect(clock.sleeps.length).toBe(length);
  });

  it('that does not fit any more is a 503, until another one ends', async () => {
    const { http } = leaping(async () => {}, { liveConnectionsMax: 2 });
    const open = async () => http.request('/v1/live?view=perDay');
    const [first] = await Promise.all([
      open(),
      open(),
      http.request('/v1/live?view=perDay', { method: 'HEAD' }),
    ]);
    const third = await open();
    expect(third.status).toBe(503);
    expect(third.headers.get('retry-after')).toBe('1');
    expect(((await third.json()) as { detail: string }).detail).toContain('liveConnectionsMax (2)');
    await first!.body!.cancel();
    expect((await open()).status).toBe(200);
  });

  it('whose client has stopped to read keeps its place for a while and no longer', async () => {
    const { http, clock } = leaping(async () => {}, { liveConnectionsMax: 1 });
    await http.request('/v1/live?view=perDay');
    clock.time += 29_000;
    expect((await http.request('/v1/live?view=perDay')).status).toBe(503);
    clock.time += 2_000;
    expect((await http.request('/v1/live?view=perDay')).status).toBe(200);
  });

  it('rides out a store that fails for a moment, and ends with one that is broken', async () => {
    let code: 'throttled' | 'damaged' | null = null;
    const { app, http, reported } = leaping(async (nth) => {
      if (nth === 1) await take(app, 2);
      code = nth < 4 ? 'throttled' : null;
    });
    const { reader } = app.served.get('sales')!;
    const state = reader.state.bind(reader);
    reader.state = async () => {
      if (code !== null) throw new MillraceError(code, 'As the test said.');
      return state();
    };
    await take(app, 1);
    expect(visits(await all(await http.request('/v1/live?view=perDay')))).toEqual([[1], [2]]);
    expect(reported).toEqual([]);
    const broken = await http.request('/v1/live?view=perDay');
    reader.state = async () => {
      throw new MillraceError('damaged', 'As the test said.');
    };
    expect(await all(broken)).toHaveLength(1);
    expect(reported).toHaveLength(1);
  });

  it('of what can not be is a 400 or 404 with all that is wrong', async () => {
    const { url } = await serving();
    const wrong = 'view=perShop&cursor=x&limit=0&key.city=x';
    const { problems } = expectProblem(await ask(`${url}/v1/live?${wrong}`), 400);
    expect(problems).toHaveLength(3);
    expectProblem(await ask(`${url}/v1/live?view=perShop&since=x`), 400);
    expectProblem(await ask(`${url}/v1/live?view=none`), 404);
    expectProblem(await ask(`${url}/v1/live`), 404);
  });

  it('flows through the server while it is made', async () => {
    const running = await serving();
    await post(running, sale(1));
    await received(running, 1);
    const stop = new AbortController();
    const response = await fetch(`${running.url}/v1/live?view=perDay`, { signal: stop.signal });
    const events = eventsIn(response);
    const first = (await events.next()).value as StreamEvent;
    expect(visits([first])).toEqual([[1]]);
    await post(running, sale(2));
    const second = (await events.next()).value as StreamEvent;
    expect(second.data).toMatchObject({ reset: false, rows: [{ measures: { sold: 2 } }] });
    stop.abort();
    await expect(events.next()).rejects.toThrow();
  });
});
