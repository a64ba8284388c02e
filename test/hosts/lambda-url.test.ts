import { createHash, createHmac } from 'node:crypto';
import { request } from 'node:http';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type LambdaStage,
  type SceneOptions,
  startLambdaScene,
  startLambdaStage,
} from './lambda-fixture/stage.ts';

let stage: LambdaStage;
beforeAll(async () => {
  stage = await startLambdaStage();
});
afterAll(() => stage.stop());

const open: SceneOptions = { functions: { app: { url: { AuthType: 'NONE' } } } };
const signed: SceneOptions = {
  functions: { app: { url: { AuthType: 'AWS_IAM' } } },
  keys: { producer: 'its secret' },
};
const streamed: SceneOptions = {
  functions: {
    app: { handler: 'app.stream', url: { AuthType: 'NONE', InvokeMode: 'RESPONSE_STREAM' } },
    whole: { url: { AuthType: 'NONE', InvokeMode: 'RESPONSE_STREAM' } },
  },
};

describe('a function URL', () => {
  it('makes of a request an event of format 2.0', async () => {
    const { host, control } = await startLambdaScene(stage, open);
    const url = `${host.url('app')}/v1/shop%201?a=1&b=&a=%20`;
    const headers = { 'content-type': 'application/json', 'x-own': 'yes', cookie: 'one=1; two=2' };
    await fetch(url, { method: 'POST', body: '{"ü":1}', headers });
    const { host: domainName } = new URL(url);
    expect(control.calls[0]!.event).toMatchObject({
      ...{ version: '2.0', routeKey: '$default', rawPath: '/v1/shop%201' },
      ...{ rawQueryString: 'a=1&b=&a=%20', queryStringParameters: { a: '1, ', b: '' } },
      cookies: ['one=1', 'two=2'],
      headers: { 'content-type': 'application/json', 'x-own': 'yes', host: domainName },
      requestContext: {
        ...{ accountId: 'anonymous', domainName, stage: '$default' },
        http: { method: 'POST', path: '/v1/shop%201', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1' },
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.any(Number),
      },
      ...{ body: '{"ü":1}', isBase64Encoded: false },
    });
    expect(Object.keys((control.calls[0]!.event as { headers: object }).headers)).not.toContain(
      'cookie',
    );
    await fetch(host.url('app'), { method: 'PUT', body: Buffer.from([0, 255]) });
    expect(control.calls[1]!.event).toMatchObject({
      rawPath: '/',
      body: 'AP8=',
      isBase64Encoded: true,
    });
    await fetch(host.url('app'));
    expect(control.calls[2]!.event).not.toHaveProperty('body');
  });

  it('answers with what the function gave', async () => {
    const { host, control } = await startLambdaScene(stage, open);
    const ask = async (answer: unknown) => {
      control.onCall = () => ({ answer });
      const response = await fetch(host.url('app'));
      return { response, bytes: Buffer.from(await response.arrayBuffer()) };
    };
    const headers = { 'x-own': 'yes', 'content-type': 'text/plain' };
    const whole = {
      statusCode: 201,
      headers,
      cookies: ['a=1', 'b=2'],
      body: 'AP8=',
      isBase64Encoded: true,
    };
    const { response, bytes } = await ask(whole);
    expect([...bytes]).toEqual([0, 255]);
    expect(response.status).toBe(201);
    expect(response.headers.get('x-own')).toBe('yes');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    const inferred = await ask({ a: 1 });
    expect([inferred.response.status, inferred.bytes.toString()]).toEqual([200, '{"a":1}']);
    expect((await ask({ statusCode: 204 })).response.status).toBe(204);
  });

  it('says that a function failed, or can not be run, without a word of why', async () => {
    const functions = { app: { concurrency: 1, url: { AuthType: 'NONE' as const } } };
    const { host, control } = await startLambdaScene(stage, { functions });
    control.onCall = () => ({ does: 'throw' });
    const failed = await fetch(host.url('app'));
    expect([failed.status, await failed.text()]).toEqual([502, 'Internal Server Error']);
    const release = Promise.withResolvers<void>();
    control.onCall = () => release.promise.then(() => ({}));
    const running = fetch(host.url('app'));
    await control.until(() => true, 2);
    expect((await fetch(host.url('app'))).status).toBe(429);
    release.resolve();
    expect((await running).status).toBe(200);
  });
});

describe('a function URL that asks for a signature', () => {
  const keys = { accessKeyId: 'producer', secretAccessKey: 'its secret' };

  /** Sends what the signer of the SDK has signed, after `change`. */
  async function send(
    base: string,
    change: (request: {
      path: string;
      body: string;
      headers: Record<string, string>;
    }) => void = () => {},
    credentials: typeof keys & { sessionToken?: string } = keys,
    signingDate = new Date(),
  ): Promise<number> {
    const { hostname, port, host } = new URL(base);
    const signer = new SignatureV4({
      credentials,
      region: 'us-east-1',
      service: 'lambda',
      sha256: Sha256,
    });
    const headers = { host, 'content-type': 'text/plain', 'x-own': ' a  b ' };
    const query = { b: '2', a: ['1', ' ü'], empty: '' };
    const path = '/v1/shop%201/é'.replace('é', '%C3%A9');
    const toSign = {
      method: 'POST',
      protocol: 'http:',
      hostname,
      port: Number(port),
      path,
      query,
      headers,
      body: 'text',
    };
    const { headers: signedHeaders } = await signer.sign(toSign, { signingDate });
    const sent = {
      path: `${path}?b=2&a=1&a=%20%C3%BC&empty=`,
      body: 'text',
      headers: signedHeaders,
    };
    change(sent);
    const outgoing = request({
      hostname,
      port,
      method: 'POST',
      path: sent.path,
      headers: sent.headers,
    });
    return new Promise((resolve, reject) => {
      outgoing
        .on('response', (response) => resolve(response.resume().statusCode!))
        .on('error', reject);
      outgoing.end(sent.body);
    });
  }

  it('takes that of a known key, and says whose it was', async () => {
    const { host, control } = await startLambdaScene(stage, signed);
    expect(await send(host.url('app'))).toBe(200);
    expect(control.calls[0]!.event).toMatchObject({
      requestContext: { accountId: '000000000000', authorizer: { iam: { accessKey: 'producer' } } },
    });
    expect(await send(host.url('app'), () => {}, { ...keys, sessionToken: 'session' })).toBe(200);
  });

  it('takes nothing else', async () => {
    const { host, control } = await startLambdaScene(stage, signed);
    const url = host.url('app');
    expect((await fetch(url, { method: 'POST', body: 'text' })).status).toBe(403);
    const refused = [
      send(url, (sent) => {
        sent.body = 'other';
      }),
      send(url, (sent) => {
        sent.path = sent.path.replace('a=1', 'a=2');
      }),
      send(url, (sent) => {
        sent.path = `/v2${sent.path}`;
      }),
      send(url, (sent) => {
        sent.headers['x-own'] = 'c';
      }),
      send(url, (sent) => {
        sent.headers['authorization'] = sent.headers['authorization']!.replace(/.$/, 'x');
      }),
      send(url, () => {}, { ...keys, secretAccessKey: 'another' }),
      send(url, () => {}, { ...keys, accessKeyId: 'stranger' }),
      send(url, () => {}, keys, new Date(Date.now() - 301_000)),
      send(url, () => {}, keys, new Date(Date.now() + 301_000)),
    ];
    expect(await Promise.all(refused)).toEqual(refused.map(() => 403));
    expect(control.calls).toEqual([]);
  });
});

describe('a function URL that streams', () => {
  it('passes on what the function writes while it runs', async () => {
    const { host, control } = await startLambdaScene(stage, streamed);
    const more = Promise.withResolvers<void>();
    const prelude = {
      statusCode: 201,
      headers: { 'content-type': 'text/event-stream' },
      cookies: ['a=1'],
    };
    control.onCall = async ({ event }) => {
      if (event !== 'next') return { prelude, chunk: 'first' };
      await more.promise;
      return control.calls.length === 2 ? { chunk: 'second' } : {};
    };
    const response = await fetch(host.url('app'));
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.getSetCookie()).toEqual(['a=1']);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toBe('first');
    more.resolve();
    expect((await reader.read()).value).toBe('second');
    expect((await reader.read()).done).toBe(true);
  });

  it('needs no prelude, nor a stream', async () => {
    const { host, control } = await startLambdaScene(stage, streamed);
    control.onCall = ({ event }) => (event === 'next' ? {} : { chunk: 'plain' });
    const plain = await fetch(host.url('app'));
    expect([plain.status, plain.headers.get('content-type')]).toEqual([
      200,
      'application/octet-stream',
    ]);
    expect(await plain.text()).toBe('plain');
    control.onCall = () => ({ answer: { statusCode: 202, body: 'whole' } });
    const whole = await fetch(host.url('whole'));
    expect([whole.status, await whole.text()]).toEqual([202, 'whole']);
  });

  it('shows a function that fails before its answer, and one that fails within', async () => {
    const { host, control } = await startLambdaScene(stage, streamed);
    control.onCall = () => ({ does: 'throw' });
    expect((await fetch(host.url('app'))).status).toBe(502);
    control.onCall = ({ event }) => (event === 'next' ? { does: 'throw' } : { chunk: 'first' });
    await expect(fetch(host.url('app')).then((response) => response.text())).rejects.toThrow();
    control.onCall = ({ event }) => (event === 'next' ? { does: 'exit' } : { chunk: 'first' });
    await expect(fetch(host.url('app')).then((response) => response.text())).rejects.toThrow();
    control.onCall = ({ event }) => (event === 'next' ? {} : { chunk: 'well' });
    expect(await (await fetch(host.url('app'))).text()).toBe('well');
  });
});

/** The hash that the signer of the SDK asks for. */
class Sha256 {
  private readonly hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash =
      secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Buffer);
  }

  update(data: Uint8Array): void {
    this.hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }
}
