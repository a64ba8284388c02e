import { expect, onTestFinished } from 'vitest';
import { defaultLimits, type Limits } from '../../core/limits.ts';
import type { Pipeline } from '../../core/pipeline.ts';
import { localConfig } from '../../local-app/config.ts';
import { type Running, start } from '../../local-app/main.ts';
import { sales } from './shop.ts';

/** What a test may set. */
export interface Setting {
  readonly pipelines?: readonly Pipeline[];
  readonly data?: string | null;
  readonly limits?: Partial<Limits>;
  readonly token?: string | null;
}

/** An embedded Millrace on a free port, stopped when the running test ends. Trouble fails the test. */
export async function serving(setting: Setting = {}): Promise<Running> {
  const { pipelines = [sales], data = null, limits = {}, token = null } = setting;
  const troubles: unknown[] = [];
  const config = localConfig({
    ...{ pipelines, data, partitions: 2, batchWindowMs: 5, packLingerMs: 0 },
    limits: { ...defaultLimits, ...limits },
  });
  const running = await start(config, {
    server: { host: '127.0.0.1', port: 0, token },
    onTrouble: (_, error) => troubles.push(error),
  });
  onTestFinished(async () => {
    await running.stop();
    expect(troubles).toEqual([]);
  });
  return running;
}

/** An answer, its body parsed. */
export interface Answered {
  readonly status: number;
  readonly type: string;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came.
  readonly body: any;
}

/** One request. */
export async function ask(url: string, init: RequestInit = {}): Promise<Answered> {
  const response = await fetch(url, init);
  const type = response.headers.get('content-type') ?? '';
  const text = await response.text();
  const body = type.includes('json') ? JSON.parse(text) : text;
  return { status: response.status, type, headers: response.headers, body };
}

/** Posts a body to `/v1/events`. */
export function post(
  { url }: Pick<Running, 'url'>,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answered> {
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } };
  return ask(`${url}/v1/events`, { ...init, body: raw ? (body as string) : JSON.stringify(body) });
}

/** Waits until a pipeline has received so many events, and gives its status. */
export async function received(
  { url }: Pick<Running, 'url'>,
  count: number,
  pipeline = 0,
): Promise<Answered['body']> {
  let status: Answered['body'];
  await expect
    .poll(
      async () => {
        status = (await ask(`${url}/v1/status`)).body.pipelines[pipeline];
        return status.counts.received;
      },
      { interval: 10, timeout: 20_000 },
    )
    .toBe(count);
  return status;
}

/** Expects problem details of a status, without a stack, and gives them. */
export function expectProblem(answer: Answered, status: number): Answered['body'] {
  expect(answer.body).toMatchObject({ type: 'about:blank', status });
  expect(answer.status).toBe(status);
  expect(answer.type).toBe('application/problem+json');
  expect(answer.body.title).toEqual(expect.any(String));
  expect(answer.body.detail).toEqual(expect.any(String));
  expect(answer.body.problems.length).toBeGreaterThan(0);
  expect(JSON.stringify(answer.body)).not.toMatch(/ {4}at |\.ts:\d+/);
  return answer.body;
}
