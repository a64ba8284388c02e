import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  request as requestTo,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { FunctionRunner } from './function-runner.ts';
import type { OnHostEvent } from './host-events.ts';
import { type Match, match, type Route } from './http-routes.ts';
import type { RpcHttp } from './rpc.ts';

/** Keys that callers give as `x-functions-key` or `?code=`. */
export interface AccessKeys {
  /** Opens functions of level `function`. */
  readonly function: string;
  /** Opens all. */
  readonly master: string;
}

/** What a listener is made of. */
export interface HttpListenerOptions {
  readonly routes: readonly Route[];
  readonly keys: AccessKeys;
  readonly runner: FunctionRunner;
  readonly port: number;
  readonly onEvent: OnHostEvent;
}

/** The HTTP front of the host, for all HTTP functions. */
export class HttpListener {
  private readonly options: HttpListenerOptions;
  private readonly server: Server;

  constructor(options: HttpListenerOptions) {
    this.options = options;
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error: Error) => {
        options.onEvent({ kind: 'trouble', where: 'http', message: error.message });
        fail(response, 500);
      });
    });
  }

  /** Listens on 127.0.0.1; gives its address. */
  async start(): Promise<string> {
    this.server.listen(this.options.port, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Ends the connections too: a browser holds them open for ever. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = urlOf(request);
    if (url === null) return fail(response, 400);
    const found = match(this.options.routes, request.method ?? '', url.pathname);
    if (found === null) return fail(response, 404);
    if (!this.isAllowed(found.route, request, url)) return fail(response, 401);
    const { httpUri } = await this.options.runner.worker();
    if (httpUri !== null) return this.stream(request, response, found, url, httpUri);
    await this.pass(request, response, found, url);
  }

  private isAllowed(route: Route, request: IncomingMessage, url: URL): boolean {
    if (route.authLevel === 'anonymous') return true;
    const { keys } = this.options;
    const given = request.headers['x-functions-key'] ?? url.searchParams.get('code');
    return given === keys.master || (route.authLevel === 'function' && given === keys.function);
  }

  /** The whole request goes to the function as one message, and its answer comes back as one. */
  private async pass(
    request: IncomingMessage,
    response: ServerResponse,
    { route, params }: Match,
    url: URL,
  ): Promise<void> {
    // A body without a stated length is not passed on: the real host looks at the length alone.
    const length = Number(request.headers['content-length'] ?? 0);
    const body = length > 0 ? { body: { bytes: await buffer(request) } } : {};
    const http: RpcHttp = {
      ...{ method: request.method ?? '', url: url.href },
      nullableHeaders: nullable(headersOf(request)),
      nullableQuery: nullable(Object.fromEntries(url.searchParams)),
      nullableParams: nullable(params),
      ...body,
    };
    const call = () => ({ input: { http }, triggerMetadata: {} });
    const result = await this.options.runner.call(route.functionName, call);
    if (result.error !== null) return fail(response, 500);
    const answer = result.response.returnValue?.http;
    if (answer === undefined) return fail(response, 204);
    if ((answer.cookies ?? []).length > 0) throw new Error('Cookies are not reproduced here.');
    response.writeHead(Number(answer.statusCode), answer.headers);
    response.end(answer.body?.bytes);
  }

  /** The worker takes the request itself and the function's answer flows back while it is made. */
  private async stream(
    request: IncomingMessage,
    response: ServerResponse,
    { route, params }: Match,
    url: URL,
    httpUri: string,
  ): Promise<void> {
    const invocationId = randomUUID();
    const { hostname, port } = new URL(httpUri);
    const upstream = requestTo({
      ...{ hostname, port, path: `${url.pathname}${url.search}` },
      method: request.method ?? '',
      headers: {
        ...request.headers,
        'x-ms-invocation-id': invocationId,
        'x-forwarded-host': request.headers.host ?? '',
        'x-forwarded-proto': 'http',
      },
    });
    upstream.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    // An answer that breaks off is seen as such by the caller; one that never began is an error 500.
    upstream.on('error', () => (response.headersSent ? response.destroy() : fail(response, 500)));
    response.on('close', () => {
      // What is left of a body that nobody read must not stand in the way of the connection's next request.
      request.unpipe(upstream).resume();
      upstream.destroy();
    });
    request.pipe(upstream);
    const triggerMetadata = {
      ...Object.fromEntries(Object.entries(params).map(([name, string]) => [name, { string }])),
      Query: { json: JSON.stringify(Object.fromEntries(url.searchParams)) },
      Headers: { json: JSON.stringify(headersOf(request)) },
    };
    const call = () => ({ input: { string: '' }, triggerMetadata });
    const options = { invocationId };
    const { error } = await this.options.runner.call(route.functionName, call, options);
    if (error !== null) upstream.destroy(error);
  }
}

/** A path is put behind the host as it was sent: taken as an address, `//v1` would be another host. */
function urlOf({ url = '/', headers }: IncomingMessage): URL | null {
  return URL.parse(url.startsWith('/') ? `http://${headers.host}${url}` : url);
}

const headersOf = (request: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));

const nullable = (values: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));

function fail(response: ServerResponse, status: number): void {
  if (!response.headersSent) response.writeHead(status, { 'content-length': '0' });
  response.end();
}
