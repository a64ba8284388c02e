import { Writable } from 'node:stream';
import type { OpenStream } from './runtime-client.ts';

/** Status, headers and cookies of an HTTP answer, in front of its body. */
export interface HttpPrelude {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
}

/** What parts the prelude of an HTTP answer from its body. */
export const preludeEnd: Buffer = Buffer.alloc(8);
/** The type of an answer that begins with a prelude. */
export const httpIntegrationType = 'application/vnd.awslambda.http-integration-response';

const streaming = Symbol('streaming');

/** The stream that a handler writes its answer to. It is opened by the first write. */
export class ResponseStream extends Writable {
  private readonly open: (contentType: string) => OpenStream;
  private contentType = 'application/octet-stream';
  private prelude: HttpPrelude | null = null;
  private opened: OpenStream | null = null;

  constructor(open: (contentType: string) => OpenStream) {
    super();
    this.open = open;
  }

  setContentType(contentType: string): void {
    this.contentType = contentType;
  }

  /** Makes the answer an HTTP one. */
  setPrelude(prelude: HttpPrelude): void {
    this.contentType = httpIntegrationType;
    this.prelude = prelude;
  }

  /** Ends the stream if the handler has not, and waits until the host has all of it. */
  async finish(): Promise<void> {
    if (!this.writableEnded) this.end();
    if (!this.writableFinished) {
      await new Promise((resolve, reject) => this.once('close', resolve).once('error', reject));
    }
    await this.opened?.done;
  }

  /** Ends an answer that has begun in an error; false if it has not begun. */
  async breakOff(errorType: string, errorBody: string): Promise<boolean> {
    if (this.opened === null) return false;
    const { writable, done } = this.opened;
    writable.addTrailers({
      'lambda-runtime-function-error-type': errorType,
      'lambda-runtime-function-error-body': Buffer.from(errorBody).toString('base64'),
    });
    writable.end();
    await done;
    return true;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    const { writable } = this.start();
    if (chunk.length === 0 || writable.write(chunk)) done();
    else writable.once('drain', () => done());
  }

  override _final(done: (error?: Error | null) => void): void {
    this.start().writable.end(() => done());
  }

  private start(): OpenStream {
    if (this.opened !== null) return this.opened;
    this.opened = this.open(this.contentType);
    if (this.prelude !== null) {
      this.opened.writable.write(
        Buffer.concat([Buffer.from(JSON.stringify(this.prelude)), preludeEnd]),
      );
    }
    return this.opened;
  }
}

/** Whether a handler answers by a stream. */
export function isStreaming(handler: object): boolean {
  return streaming in handler;
}

/** Gives handlers the global `awslambda`. */
export function installStreaming(): void {
  const awslambda = {
    streamifyResponse: (handler: object) => Object.assign(handler, { [streaming]: true }),
    HttpResponseStream: {
      from(stream: ResponseStream, prelude: HttpPrelude): ResponseStream {
        stream.setPrelude(prelude);
        return stream;
      },
    },
  };
  Object.assign(globalThis, { awslambda });
}
