import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

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
export class FaultyProxy {
  /** What happens to requests; null to pass them on. */
  fault: Fault | null = null;
  /** Called with each request before anything else. */
  watch: (request: IncomingMessage) => void | Promise<void> = () => undefined;
  private readonly upstream: URL;
  private readonly agent: http.Agent;
  private readonly server: http.Server;

  private constructor(service: string) {
    this.upstream = new URL(service);
    const { Agent } = this.upstream.protocol === 'https:' ? https : http;
    this.agent = new Agent({ keepAlive: true });
    // It closes no connection for being idle: just then a client may make use of it, and meet a reset.
    this.server = http.createServer({ keepAliveTimeout: 0 }, (from, to) => {
      this.answer(from, to).catch(() => to.destroy());
    });
  }

  /** Starts one on a free port; it doesn't keep the process from ending. */
  static async start(service: string): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(service);
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

  private async answer(from: IncomingMessage, to: ServerResponse): Promise<void> {
    await this.watch(from);
    const { fault } = this;
    if (fault === 'silence') return;
    if (fault === 'reset') {
      to.destroy();
    } else if (fault === null || fault === 'cut') {
      await this.passOn(from, to, fault === 'cut');
    } else {
      from.resume();
      to.writeHead(fault.status, fault.headers).end(fault.body);
    }
  }

  private async passOn(from: IncomingMessage, to: ServerResponse, cut: boolean): Promise<void> {
    const { request } = this.upstream.protocol === 'https:' ? https : http;
    const headers = { ...from.headers, host: this.upstream.host };
    const url = new URL(from.url ?? '/', this.upstream);
    const passed = request(url, { method: from.method, headers, agent: this.agent });
    from.pipe(passed);
    const [answer] = (await once(passed, 'response')) as [IncomingMessage];
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
