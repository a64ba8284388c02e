import { once } from 'node:events';
import http, { type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';

/** Stands between a client and a service, be it an emulator or the real one; what it does there is the subclass's. */
export abstract class LoopbackProxy {
  private readonly upstream: URL;
  private readonly agent: http.Agent;
  private readonly server: http.Server;

  protected constructor(service: string) {
    this.upstream = new URL(service);
    const { Agent } = this.upstream.protocol === 'https:' ? https : http;
    this.agent = new Agent({ keepAlive: true });
    // It closes no connection for being idle: just then a client may make use of it, and meet a reset.
    this.server = http.createServer({ keepAliveTimeout: 0 }, (from, to) => {
      this.answer(from, to).catch(() => to.destroy());
    });
  }

  /** Listens on a free port; it doesn't keep the process from ending. */
  protected async listen(): Promise<this> {
    this.server.listen(0, '127.0.0.1').unref();
    await once(this.server, 'listening');
    return this;
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

  /** Answers a request; where it fails the connection is closed. */
  protected abstract answer(from: IncomingMessage, to: ServerResponse): Promise<void>;

  /** What the service answers; `send` gives it the body. */
  protected async passOn(
    from: IncomingMessage,
    send: (passed: ClientRequest) => void,
  ): Promise<IncomingMessage> {
    const { request } = this.upstream.protocol === 'https:' ? https : http;
    const headers = { ...from.headers, host: this.upstream.host };
    const url = new URL(from.url ?? '/', this.upstream);
    const passed = request(url, { method: from.method, headers, agent: this.agent });
    send(passed);
    const [answer] = (await once(passed, 'response')) as [IncomingMessage];
    return answer;
  }
}
