import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** The test's end of the line to the functions of a fixture app: it sees each call and decides what comes of it. */
export class ControlServer<Call, Reply> {
  readonly calls: Call[] = [];
  /** What the functions do. */
  onCall: (call: Call) => Reply | Promise<Reply>;
  private readonly server: Server;
  private readonly waiting = new Set<() => void>();

  constructor(usual: Reply) {
    this.onCall = () => usual;
    this.server = createServer(async (request, response) => {
      const call = (await json(request)) as Call;
      this.calls.push(call);
      for (const look of this.waiting) look();
      const reply = await this.onCall(call);
      response.end(JSON.stringify(reply));
    });
  }

  async start(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Resolves as soon as there were `count` calls for which the test holds; gives the last of them. */
  until(test: (call: Call) => boolean = () => true, count = 1): Promise<Call> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.calls.filter(test)[count - 1];
        if (found === undefined) return;
        this.waiting.delete(look);
        resolve(found);
      };
      this.waiting.add(look);
      look();
    });
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}
