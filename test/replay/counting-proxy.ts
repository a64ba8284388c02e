import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

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
export class CountingProxy {
  private readonly upstream: URL;
  private readonly tell: (call: AnsweredCall) => void;
  private readonly agent = new http.Agent({ keepAlive: true });
  private readonly server: http.Server;

  private constructor(service: string, tell: (call: AnsweredCall) => void) {
    this.upstream = new URL(service);
    this.tell = tell;
    this.server = http.createServer({ keepAliveTimeout: 0 }, (from, to) => {
      this.passOn(from, to).catch(() => to.destroy());
    });
  }

  /** Starts one on a free port; it doesn't keep the process from ending. */
  static async start(service: string, tell: (call: AnsweredCall) => void): Promise<CountingProxy> {
    const proxy = new CountingProxy(service, tell);
    proxy.server.listen(0, '127.0.0.1').unref();
    await once(proxy.server, 'listening');
    return proxy;
  }

  /** Where clients connect to; its path is that of the service. */
  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}${this.upstream.pathname.replace(/\/$/, '')}`;
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    this.agent.destroy();
    await closed;
  }

  private async passOn(from: IncomingMessage, to: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = from;
    const asked = await buffer(from);
    const headers = { ...from.headers, host: this.upstream.host };
    const passed = http.request(new URL(url, this.upstream), {
      method,
      headers,
      agent: this.agent,
    });
    passed.end(asked);
    const [answer] = (await once(passed, 'response')) as [IncomingMessage];
    const given = await buffer(answer);
    const status = answer.statusCode ?? 502;
    // Before the client knows: what it does next is another use.
    this.tell({
      ...{ method, url, headers: from.headers, status },
      ...{ body: asked.toString(), answer: given.toString() },
    });
    to.writeHead(status, answer.rawHeaders);
    to.end(given);
  }
}
