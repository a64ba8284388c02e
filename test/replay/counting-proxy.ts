import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { LoopbackProxy } from '../emulators/loopback-proxy.ts';

/** A call that a service has answered. */
export interface AnsweredCall {
  readonly method: string;
  /** From the path on. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly status: number;
  readonly answer: string;
}

/** Between a client and a service: passes all on, and tells what was asked and answered. */
export class CountingProxy extends LoopbackProxy {
  private readonly tell: (call: AnsweredCall) => void;

  private constructor(service: string, tell: (call: AnsweredCall) => void) {
    super(service);
    this.tell = tell;
  }

  /** Starts one on a free port; it doesn't keep the process from ending. */
  static start(service: string, tell: (call: AnsweredCall) => void): Promise<CountingProxy> {
    return new CountingProxy(service, tell).listen();
  }

  protected override async answer(from: IncomingMessage, to: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = from;
    const asked = await buffer(from);
    const answer = await this.passOn(from, (passed) => passed.end(asked));
    const given = await buffer(answer);
    const status = answer.statusCode ?? 502;
    // Before the client knows: what it does next is another use.
    this.tell({
      ...{ method, url, headers, status },
      ...{ body: asked.toString(), answer: given.toString() },
    });
    to.writeHead(status, answer.rawHeaders);
    to.end(given);
  }
}
