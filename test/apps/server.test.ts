import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { compression } from '../../adapters/compression.ts';
import { type HttpParts, httpApp } from '../../adapters/http/http-app.ts';
import { MillraceError } from '../../core/errors.ts';
import { defaultLimits } from '../../core/limits.ts';
import { localConfig } from '../../local-app/config.ts';
import { start } from '../../local-app/main.ts';
import { newFolder } from '../local/folder.ts';
import { ask, expectProblem, post, received, serving } from './serving.ts';
import { sale, sales } from './shop.ts';

describe('paths and methods', () => {
  it.each(['/nothing', '/v1', '/v1/', '/v1/views/', '/v1/views/a/b', '/v1/events/x', '//', '/%00'])(
    '%s is a 404',
    async (path) => {
      const { url } = await serving();
      expectProblem(await ask(url + path), 404);
    },
  );

  it.each([
    ['GET', '/v1/events', 'POST'],
    ['PUT', '/v1/events', 'POST'],
    ['OPTIONS', '/v1/events', 'POST'],
    ['POST', '/v1/views', 'GET, HEAD'],
    ['DELETE', '/v1/views/perShop', 'GET, HEAD'],
    ['PATCH', '/v1/status', 'GET, HEAD'],
    ['QUERY', '/', 'GET, HEAD'],
  ])('%s %s is a 405 that tells the methods', async (method, path, allow) => {
    const { url } = await serving();
    const answer = await ask(url + path, { method });
    expectProblem(answer, 405);
    expect(answer.headers.get('allow')).toBe(allow);
  });

  it('HEAD is GET without a body, and / links to all there is to see', async () => {
    const { url } = await serving();
    const head = await fetch(`${url}/v1/views/perShop`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const { body, type } = await ask(url);
    expect(type).toContain('text/html');
    const links = [...body.matchAll(/href="([^"]+)"/g)].map((one) => one[1]);
    expect(links).toContain('/v1/views/perShop');
    for (const link of links) expect((await ask(url + link)).status).toBe(200);
  });
});

/** The interface alone, with parts replaced. */
async function alone(parts: Partial<HttpParts>) {
  const { app } = await serving();
  const { publisher, clock, served } = app;
  const reported: unknown[] = [];
  const http = httpApp({
    pipelines: [{ plan: sales.plan, reader: served.get('sales')!.reader }],
    ...{ publisher, clock, compression, limits: defaultLimits, figures: () => [], billedAt: [] },
    access: { token: null, loopback: false, keyHeader: null },
    report: (error) => reported.push(error),
    ...parts,
  });
  const send = (body: object) =>
    http.request('/v1/events', { method: 'POST', body: JSON.stringify(body) });
  return { http, send, reported };
}

async function answered(response: Response) {
  const type = response.headers.get('content-type') ?? '';
  const body = JSON.parse(await response.text());
  return { status: response.status, type, headers: response.headers, body };
}

describe('trouble behind the door', () => {
  it('a stream that does not take events is a 503 that names those to send again', async () => {
    const unavailable = new MillraceError('unavailable', 'The stream is gone.');
    let count = 0;
    const publisher = {
      send: async () => {
        count += 1;
        if (count % 2 === 0) throw unavailable;
      },
    };
    const { send } = await alone({ publisher });
    const answer = await answered(await send([sale(1), {}, sale(2), sale(3), sale(4)]));
    expect(expectProblem(answer, 503)).toMatchObject({ accepted: 2, unknown: [2, 4] });
    expect(answer.body.refused).toMatchObject([{ index: 1, reason: 'invalid' }]);
    expect(answer.headers.get('retry-after')).toBe('1');
  });

  it('more requests than ingestBytesMax are a 503, until the stream has taken the others', async () => {
    let release = () => {};
    const taken = new Promise<void>((resolve) => {
      release = resolve;
    });
    const limits = { ...defaultLimits, ingestBytesMax: 200 };
    const { send } = await alone({ publisher: { send: () => taken }, limits });
    const first = send([sale(1), sale(2)]);
    await expect.poll(async () => (await send([sale(3), sale(4)])).status).toBe(503);
    release();
    expect((await first).status).toBe(202);
    expect((await send(sale(3))).status).toBe(202);
  });

  it.each([
    ['bug', 500],
    ['damaged', 500],
    ['missing', 500],
    ['definition', 500],
    ['throttled', 503],
  ] as const)('the code %s of a reader is a %d, and reported', async (code, status) => {
    const reader = {
      text: async () => {
        throw new MillraceError(code, 'That went wrong.');
      },
    } as never;
    const { http, reported } = await alone({ pipelines: [{ plan: sales.plan, reader }] });
    const answer = await answered(await http.request('/v1/views/perShop'));
    expect(expectProblem(answer, status).code).toBe(code);
    expect(reported).toHaveLength(1);
  });

  it('an error that nobody foresaw says nothing of itself', async () => {
    const reader = { text: () => Promise.reject(new Error('secret')) } as never;
    const { http, reported } = await alone({ pipelines: [{ plan: sales.plan, reader }] });
    const answer = await answered(await http.request('/v1/views/perShop'));
    expect(JSON.stringify(expectProblem(answer, 500))).not.toContain('secret');
    expect(String(reported[0])).toContain('secret');
  });
});

describe('many at once', () => {
  it('sixteen producers and readers lose nothing', async () => {
    const running = await serving({ data: newFolder() });
    const producers = Array.from({ length: 16 }, async (_, producer) => {
      for (let round = 0; round < 10; round += 1) {
        const events = Array.from({ length: 20 }, (__, i) => {
          const n = (producer * 10 + round) * 20 + i;
          return sale(n, { shop: `shop ${n % 7}`, cents: 1 });
        });
        expect((await post(running, events)).body).toEqual({ accepted: 20, refused: [] });
        const { body } = await ask(`${running.url}/v1/views/perDay`);
        expect(body.rows[0]?.measures.sold ?? 0).toBeLessThanOrEqual(3_200);
      }
    });
    await Promise.all(producers);
    await received(running, 3_200);
    const { body } = await ask(`${running.url}/v1/views/perShop`);
    const sold = body.rows.map((row: { measures: { sold: number } }) => row.measures.sold);
    expect(sold.reduce((sum: number, one: number) => sum + one, 0)).toBe(3_200);
  });
});

describe('starting and stopping', () => {
  const server = { host: '127.0.0.1', port: 0, token: null };
  const onTrouble = () => {};

  it('refuses a port that is taken, and says by what to choose another', async () => {
    const { url } = await serving();
    const port = Number(new URL(url).port);
    const data = newFolder();
    const config = localConfig({ pipelines: [sales], data });
    const starting = start(config, { server: { ...server, port }, onTrouble });
    await expect(starting).rejects.toThrow(/taken.*--port/);
    // Nothing is held by the one that failed.
    await (await start(config, { server, onTrouble })).stop();
  });

  it('refuses a folder that another one has, until that one stops', async () => {
    const data = newFolder();
    const config = localConfig({ pipelines: [sales], data });
    const first = await start(config, { server, onTrouble });
    await expect(start(config, { server, onTrouble })).rejects.toThrow(/in use/);
    await expect(start(config, { server, fresh: true, onTrouble })).rejects.toThrow(/in use/);
    await Promise.all([first.stop(), first.stop()]);
    await (await start(config, { server, onTrouble })).stop();
  });

  it('answers what is under way before it stops, and drops idle connections', async () => {
    const running = await serving({ data: newFolder() });
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const events = Array.from({ length: 5_000 }, (_, i) => sale(i));
    const answer = new Promise<string>((resolve, reject) => {
      const sent = request(`${running.url}/v1/events`, { method: 'POST', agent }, (response) => {
        text(response).then(resolve, reject);
      });
      sent.on('error', reject);
      sent.on('socket', (socket) => {
        socket.on('connect', () => {
          sent.end(JSON.stringify(events));
          void running.stop();
        });
      });
    });
    expect(JSON.parse(await answer)).toEqual({ accepted: 5_000, refused: [] });
    await running.stop();
  });

  it('a request that is no HTTP is answered and dropped', async () => {
    const { url } = await serving();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.end('\x16\x03\x01 hello\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
    expect((await ask(`${url}/v1/health`)).status).toBe(200);
  });
});
