import { Compile } from 'typebox/schema';
import { describe, expect, it } from 'vitest';
import { compression } from '../../adapters/compression.ts';
import { httpApp, operationsOf } from '../../adapters/http/http-app.ts';
import { type Answered, ask, post, received, serving } from './serving.ts';
import { sale, sales, visits } from './shop.ts';

// biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came.
type Json = any;

/** What the description says of an answer: null if it says nothing. */
function schemaFor(document: Json, operation: string, { status, type }: Answered): object | null {
  const [method, path] = operation.split(' ') as [string, string];
  const responses = document.paths[path]?.[method.toLowerCase()]?.responses ?? {};
  const described = responses[String(status)] ?? responses.default;
  return described?.content?.[type.split(';')[0]!]?.schema ?? null;
}

function expectDescribed(document: Json, operation: string, answer: Answered) {
  const schema = schemaFor(document, operation, answer);
  expect(schema, `${operation} ${answer.status} ${answer.type}`).not.toBeNull();
  const validator = Compile({ ...schema, components: document.components } as never);
  expect(validator.Errors(answer.body)[1], `${operation} ${answer.status}`).toEqual([]);
  // A schema that takes anything would show nothing.
  if (answer.type.includes('json') && operation !== 'GET /openapi.json') {
    expect(validator.Check({})).toBe(false);
  }
}

/** One request per operation and outcome. */
const cases: readonly (readonly [operation: string, path: string, status: number])[] = [
  ['GET /', '/', 200],
  ['GET /openapi.json', '/openapi.json', 200],
  ['GET /v1/health', '/v1/health', 200],
  ['GET /v1/status', '/v1/status', 200],
  ['GET /v1/views', '/v1/views', 200],
  ['GET /v1/views/{view}', '/v1/views/sales.perShop', 200],
  ['GET /v1/views/{view}', '/v1/views/visits.perShop', 200],
  ['GET /v1/views/{view}', '/v1/views/perDay?limit=1', 200],
  ['GET /v1/views/{view}', '/v1/views/sales.perShop?group=', 200],
  ['GET /v1/views/{view}', '/v1/views/sales.perShop?format=series', 200],
  ['GET /v1/views/{view}', '/v1/views/sales.perShop?format=csv', 200],
  ['GET /v1/views/{view}', '/v1/views/perDay?since=x', 400],
  ['GET /v1/live', '/v1/live?view=perDay', 200],
  ['GET /v1/live', '/v1/live?view=none', 404],
  ['GET /v1/views/{view}', '/v1/views/perDay?limit=0', 400],
  ['GET /v1/views/{view}', '/v1/views/none', 404],
];
const bodies: readonly (readonly [body: string, status: number])[] = [
  [JSON.stringify([sale(3), {}]), 202],
  ['{', 400],
  [`"${' '.repeat(5_000_000)}"`, 413],
  ['{}', 422],
];

describe('the description of the interface', () => {
  it('has every operation and no other', async () => {
    const { app, url } = await serving();
    const { body } = await ask(`${url}/openapi.json`);
    const described = Object.entries(body.paths).flatMap(([path, operations]) =>
      Object.keys(operations as Json).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const parts = { ...app, ...app.config, pipelines: [], compression, report: () => {} };
    const access = { token: null, loopback: true, keyHeader: null };
    expect(described.sort()).toEqual(
      operationsOf({ ...parts, figures: () => [], billedAt: [], access }).sort(),
    );
    expect(new Set(cases.map(([operation]) => operation)).size).toBe(described.length - 1);
  });

  it('is kept by every answer', async () => {
    const running = await serving({
      pipelines: [sales, visits],
      limits: { liveSecondsMax: 1 },
    });
    const { body: document } = await ask(`${running.url}/openapi.json`);
    expect(document.openapi).toBe('3.1.0');
    await post(running, [sale(1), sale(2), { ...sale(4), visitor: 'ann', minutes: 3 }]);
    await received(running, 3, 0);
    await received(running, 3, 1);
    for (const [operation, path, status] of cases) {
      const answer = await ask(`${running.url}${path}`);
      expect(answer.status, path).toBe(status);
      expectDescribed(document, operation, answer);
    }
    for (const [body, status] of bodies) {
      const answer = await post(running, body);
      expect(answer.status).toBe(status);
      expectDescribed(document, 'POST /v1/events', answer);
    }
  });

  it('names nothing that it does not hold', async () => {
    const { url } = await serving({ pipelines: [sales, visits] });
    const { body } = await ask(`${url}/openapi.json`);
    const text = JSON.stringify(body);
    const names = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map((one) => one[1]!);
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !(name in body.components.schemas))).toEqual([]);
    const used = new Set(names);
    expect(Object.keys(body.components.schemas).filter((name) => !used.has(name))).toEqual([]);
  });

  it('asks for the token where the server does', async () => {
    const token = 'a-token-of-some-length';
    const { url } = await serving({ token });
    const headers = { authorization: `Bearer ${token}` };
    const { body } = await ask(`${url}/openapi.json`, { headers });
    expect(body.security).toEqual([{ bearer: [] }]);
    expect(body.paths['/v1/health'].get.security).toEqual([]);
  });

  it('asks for no token where the server does not', async () => {
    const { url } = await serving();
    const { body } = await ask(`${url}/openapi.json`);
    expect(body).not.toHaveProperty('security');
    expect(body.components).not.toHaveProperty('securitySchemes');
  });

  it('asks for the key that is wanted in front of the app, and for the health too', async () => {
    const { app } = await serving();
    const parts = { ...app, ...app.config, pipelines: [], compression, report: () => {} };
    const access = { token: null, loopback: false, keyHeader: 'x-functions-key' };
    const http = httpApp({ ...parts, figures: () => [], billedAt: [], access });
    const body: Json = await (await http.request('/openapi.json')).json();
    expect(body.security).toEqual([{ key: [] }]);
    expect(body.components.securitySchemes).toEqual({
      key: { type: 'apiKey', in: 'header', name: 'x-functions-key' },
    });
    expect(body.paths['/v1/health'].get).not.toHaveProperty('security');
  });
});
