import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { LoopbackProxy } from './loopback-proxy.ts';

/** What a client meets instead of the service. */
export type Fault =
  /** Every request is taken, and its connection closed. */
  | 'reset'
  /** The service does its work, and the connection is closed halfway into the answer. */
  | 'cut'
  /** No request is ever answered. */
  | 'silence'
  /** The service says no, in words that it is known to use. */
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    };

/**
 * Between a client and a service, be it an emulator or the real one: passes all on until it is told
 * otherwise.
 */
export class FaultyProxy extends LoopbackProxy {
  /** What happens to requests; null to pass them on. */
  fault: Fault | null = null;
  /** Called with each request before anything else. */
  watch: (request: IncomingMessage) => void | Promise<void> = () => undefined;

  /** Starts one on a free port; it doesn't keep the process from ending. */
  static async start(service: string): Promise<FaultyProxy> {
    return new FaultyProxy(service).listen();
  }

  protected override async answer(from: IncomingMessage, to: ServerResponse): Promise<void> {
    await this.watch(from);
    const { fault } = this;
    if (fault === 'silence') return;
    if (fault === 'reset') {
      to.destroy();
    } else if (fault === null || fault === 'cut') {
      await this.forward(from, to, fault === 'cut');
    } else {
      from.resume();
      to.writeHead(fault.status, fault.headers).end(fault.body);
    }
  }

  private async forward(from: IncomingMessage, to: ServerResponse, cut: boolean): Promise<void> {
    const answer = await this.passOn(from, (passed) => from.pipe(passed));
    const body = await buffer(answer);
    if (cut && body.length < 2) {
      to.destroy();
      return;
    }
    to.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    if (!cut) to.end(body);
    else to.write(body.subarray(0, body.length / 2), () => to.destroy());
  }
}
