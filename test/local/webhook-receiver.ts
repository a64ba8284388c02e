import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isSigned } from '../../docs/examples/verify-webhook.ts';

/** What a receiver answers a request with; 0 cuts the connection. */
export type Answer = (attempt: number, body: string) => number;

/** A program that takes what webhooks post, and checks who has signed it. */
export class WebhookReceiver {
  /** Bodies of the requests that were signed. */
  readonly bodies: string[] = [];
  /** Requests that were not. */
  unsigned = 0;
  answer: Answer = () => 204;
  attempts = 0;
  readonly url: string;
  private readonly server: ReturnType<typeof createServer>;

  private constructor(server: ReturnType<typeof createServer>, url: string) {
    this.server = server;
    this.url = url;
  }

  static async start(secret: string): Promise<WebhookReceiver> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const receiver = new WebhookReceiver(server, `http://127.0.0.1:${port}/hook?token=hush`);
    server.on('request', async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const body = Buffer.concat(chunks).toString();
      const signature = String(request.headers['millrace-signature']);
      receiver.attempts += 1;
      const status = receiver.answer(receiver.attempts, body);
      if (status === 0) {
        request.socket.destroy();
        return;
      }
      if (!isSigned(secret, signature, body)) receiver.unsigned += 1;
      else if (status < 300) receiver.bodies.push(body);
      response.writeHead(status, { location: '/elsewhere', 'retry-after': '2' }).end('thanks');
    });
    return receiver;
  }

  /** The messages of all requests that were taken, as JSON texts. */
  get messages(): string[] {
    return this.bodies.flatMap((body) => {
      const { messages }: { readonly messages: readonly object[] } = JSON.parse(body);
      return messages.map((message) => JSON.stringify(message));
    });
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}
