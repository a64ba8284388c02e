import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

/** Takes an answer that the function streams, while it is made. */
export type OnStream = (contentType: string, body: Readable) => void;

/** An invocation on its way to the runtime. */
export interface RuntimeInvocation {
  readonly requestId: string;
  readonly functionArn: string;
  readonly payload: string;
  /** How long the function may take, from when the runtime has taken it. */
  readonly timeoutMs: number;
  /** Without it a streamed answer is collected. */
  readonly onStream?: OnStream | undefined;
  /** The runtime has taken it. */
  readonly entered: () => void;
}

/** What the runtime answered: what the function gave, or the error as `{ errorType, errorMessage, … }`. */
export interface RuntimeAnswer {
  readonly payload: Buffer;
  readonly isError: boolean;
}

/** What the runtime may do besides. */
export interface RuntimeApiOptions {
  /** The runtime could not load the handler. */
  readonly onInitError: (payload: Buffer) => void;
  /** The runtime waits for an invocation, and there is none. */
  readonly onIdle: () => void;
}

interface Current extends RuntimeInvocation {
  readonly resolve: (answer: RuntimeAnswer) => void;
}

const version = '/2018-06-01/runtime/';
/** The most bytes of an event, and of an answer that is not streamed. */
export const payloadBytesMax = 6_291_556;

/** The Lambda Runtime API of one sandbox: hands out one invocation at a time and takes its answer. */
export class RuntimeApi {
  private readonly options: RuntimeApiOptions;
  private readonly server: Server;
  private current: Current | null = null;
  /** The runtime's open request for its next invocation. */
  private idle: ServerResponse | null = null;

  static async start(options: RuntimeApiOptions): Promise<RuntimeApi> {
    const api = new RuntimeApi(options);
    api.server.listen(0, '127.0.0.1');
    await once(api.server, 'listening');
    return api;
  }

  private constructor(options: RuntimeApiOptions) {
    this.options = options;
    this.server = createServer((request, response) => {
      // A request that breaks off is one of a runtime that has ended: its sandbox tells.
      this.answer(request, response).catch(() => response.destroy());
    });
    // The runtime may wait for its next invocation as long as it takes.
    this.server.requestTimeout = 0;
    this.server.keepAliveTimeout = 0;
  }

  /** As `AWS_LAMBDA_RUNTIME_API` holds it. */
  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Resolves with the answer. Never, if the runtime ends before it. */
  invoke(invocation: RuntimeInvocation): Promise<RuntimeAnswer> {
    return new Promise((resolve) => {
      this.current = { ...invocation, resolve };
      if (this.idle !== null) this.handOut(this.idle, this.current);
      this.idle = null;
    });
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    const call = `${method} ${url.startsWith(version) ? url.slice(version.length) : ''}`;
    if (call === 'GET invocation/next') return this.next(response);
    if (call === 'POST init/error') {
      this.options.onInitError(await buffer(request));
      return reply(response, 202);
    }
    const [, requestId, kind] = /^POST invocation\/([^/]+)\/(response|error)$/.exec(call) ?? [];
    const { current } = this;
    if (requestId === undefined || requestId !== current?.requestId) return reply(response, 400);
    const answer = await answerOf(request, current, kind === 'error');
    this.current = null;
    reply(response, 202);
    current.resolve(answer);
  }

  private next(response: ServerResponse): void {
    if (this.current !== null) {
      this.handOut(response, this.current);
      return;
    }
    this.idle = response;
    this.options.onIdle();
  }

  private handOut(response: ServerResponse, invocation: RuntimeInvocation): void {
    const { requestId, timeoutMs, functionArn, payload } = invocation;
    response.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': requestId,
      'lambda-runtime-deadline-ms': String(Date.now() + timeoutMs),
      'lambda-runtime-invoked-function-arn': functionArn,
    });
    response.end(payload);
    invocation.entered();
  }
}

async function answerOf(
  request: IncomingMessage,
  { onStream }: RuntimeInvocation,
  isError: boolean,
): Promise<RuntimeAnswer> {
  const isStream = request.headers['lambda-runtime-function-response-mode'] === 'streaming';
  if (isStream && onStream !== undefined) {
    onStream(request.headers['content-type'] ?? '', request);
    await once(request, 'end');
  }
  const payload = request.readableEnded ? Buffer.alloc(0) : await buffer(request);
  // A stream that has begun can only end in an error by its trailers.
  const errorType = request.trailers['lambda-runtime-function-error-type'];
  if (errorType !== undefined) return error(errorType, 'The stream ended in an error.');
  if (!isStream && payload.length > payloadBytesMax) {
    const text = `Response payload size exceeded maximum allowed payload size (${payloadBytesMax} bytes).`;
    return error('Function.ResponseSizeTooLarge', text);
  }
  return { payload, isError };
}

function error(errorType: string, errorMessage: string): RuntimeAnswer {
  return { payload: Buffer.from(JSON.stringify({ errorType, errorMessage })), isError: true };
}

function reply(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ status: status === 202 ? 'OK' : 'Bad Request' }));
}
