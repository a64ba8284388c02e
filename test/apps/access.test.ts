import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { checkServerOptions } from '../../local-app/server.ts';
import { ask, expectProblem, post, serving } from './serving.ts';
import { sale } from './shop.ts';

const token = 'a-token-of-some-length';
const paths = [
  '/',
  '/openapi.json',
  '/v1/status',
  '/v1/views',
  '/v1/views/perShop',
  '/cost',
  '/no',
];

/** The status of a request whose Host header fetch would not send. */
function statusOf(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/v1/views`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('a server with a token', () => {
  it('answers nobody without it, but says that it is there', async () => {
    const running = await serving({ token });
    for (const path of paths) {
      const answer = await ask(`${running.url}${path}`);
      expectProblem(answer, 401);
      expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    }
    expectProblem(await post(running, sale(1)), 401);
    expect((await ask(`${running.url}/v1/health`)).body).toEqual({ status: 'ok' });
  });

  it.each(['', 'x', `${token}x`, token.slice(1), token.toUpperCase()])(
    'refuses the token %j',
    async (wrong) => {
      const { url } = await serving({ token });
      const headers = { authorization: `Bearer ${wrong}` };
      expectProblem(await ask(`${url}/v1/views`, { headers }), 401);
      const basic = { authorization: `Basic ${token}` };
      expectProblem(await ask(`${url}/v1/views`, { headers: basic }), 401);
    },
  );

  it('answers who sends it', async () => {
    const running = await serving({ token });
    const headers = { authorization: `bearer ${token}` };
    expect((await ask(`${running.url}/v1/views`, { headers })).status).toBe(200);
    expect((await post(running, sale(1), headers)).status).toBe(202);
  });
});

describe('a server on loopback', () => {
  it('answers under the names of loopback alone', async () => {
    const { url } = await serving();
    for (const host of ['localhost', 'localhost:80', '127.0.0.1:7400', '[::1]:7400']) {
      expect(await statusOf(url, { host }), host).toBe(200);
    }
    for (const host of [
      'evil.example',
      'evil.example:7400',
      'localhost.evil.example',
      '127.0.0.2',
    ]) {
      expect(await statusOf(url, { host }), host).toBe(403);
    }
    expect(await statusOf(url, { host: 'a b' })).toBe(400);
  });

  it('answers no page of another site', async () => {
    const running = await serving();
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1']) {
      expectProblem(await post(running, sale(1), { origin }), 403);
    }
    expect((await post(running, sale(1), { origin: running.url })).status).toBe(202);
  });
});

describe('where a server may listen', () => {
  const check = (host: string, given: string | null) => () =>
    checkServerOptions({ host, port: 0, token: given });

  it('without a token is loopback alone', () => {
    for (const host of ['127.0.0.1', '::1', 'localhost']) expect(check(host, null)).not.toThrow();
    for (const host of ['0.0.0.0', '::', '10.0.0.1', 'example.com', '127.0.0.1.example.com']) {
      expect(check(host, null), host).toThrow(/MILLRACE_TOKEN/);
      expect(check(host, token), host).not.toThrow();
    }
  });

  it('with a weak token is nowhere', () => {
    for (const weak of ['', 'short', ' '.repeat(20), `${token}\n`]) {
      expect(check('127.0.0.1', weak)).toThrow(/16 visible characters/);
    }
  });
});
