import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { OnLambdaEvent } from './lambda-events.ts';
import { InvokeError, type LambdaFunction } from './lambda-function.ts';
import type { OnStream } from './runtime-api.ts';
import { answerStream, answerWhole, fail } from './url-answer.ts';
import { urlEvent } from './url-event.ts';
import { callerOf, type KnownKeys } from './url-signature.ts';

/** How a function URL is set up, in the words of `AWS::Lambda::Url`. */
export interface UrlProperties {
  readonly AuthType: 'NONE' | 'AWS_IAM';
  readonly InvokeMode?: 'BUFFERED' | 'RESPONSE_STREAM';
}

/** What a function URL is made of. */
export interface FunctionUrlParts {
  readonly target: LambdaFunction;
  readonly properties: UrlProperties;
  readonly region: string;
  readonly account: string;
  /** Who may call where `AuthType` asks for a signature. */
  readonly keys: KnownKeys;
  readonly port: number;
  readonly onEvent: OnLambdaEvent;
}

const statuses = { throttled: 429, unavailable: 502, 'too-large': 413 } as const;

/** The URL of a function: an HTTP server that turns each request into one invocation. */
export class FunctionUrl {
  private readonly parts: FunctionUrlParts;
  private readonly server: Server;
  private readonly id = randomUUID().replaceAll('-', '');

  constructor(parts: FunctionUrlParts) {
    this.parts = parts;
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error: Error) => {
        const where = `${parts.target.name}, url`;
        if (!(error instanceof InvokeError)) {
          parts.onEvent({ kind: 'trouble', where, message: error.message });
        }
        const status = error instanceof InvokeError ? statuses[error.code] : 502;
        fail(response, status, JSON.stringify({ Message: error.message }));
      });
    });
  }

  /** Listens on 127.0.0.1; gives its address. */
  async start(): Promise<string> {
    this.server.listen(this.parts.port, '127.0.0.1');
    await once(this.server, 'listening');
    return this.url;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Ends the connections too: a browser holds them open for ever. */
  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { target, properties, region, account, keys } = this.parts;
    const body = await buffer(request);
    const nowMs = Date.now();
    const isOpen = properties.AuthType === 'NONE';
    const caller = isOpen ? null : callerOf(request, body, { keys, region, nowMs });
    if (!isOpen && caller === null) return fail(response, 403, '{"Message":"Forbidden"}');
    const event = urlEvent(request, body, { urlId: this.id, account, caller, nowMs });
    let streaming: Promise<unknown> | null = null;
    const onStream: OnStream = (contentType, answer) => {
      // What breaks it off is told by the invocation.
      streaming = answerStream(response, contentType, answer).catch(() => {});
    };
    const isStream = properties.InvokeMode === 'RESPONSE_STREAM';
    const result = await target.invoke(event, isStream ? { onStream } : {});
    if (streaming === null) return answerWhole(response, result);
    if (result.functionError !== null) return fail(response, 502, 'Internal Server Error');
    await streaming;
    response.end();
  }
}
