import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { SignatureV4 } from '@smithy/signature-v4';
import { credentials, region } from './aws-stage.ts';

/** What a front door is opened with. */
export interface FrontDoorOptions {
  /** 0 for any that is free. */
  readonly port: number;
  /** The address of the function that answers a request. */
  readonly route: (method: string, path: string) => string;
}

/** A front door that is open. */
export interface FrontDoor {
  readonly url: string;
  stop(): Promise<void>;
}

type Data = Parameters<Hash['update']>[0];

/** SHA-256, as the signer wants it. */
class Sha256 {
  private readonly hash: Hash | Hmac;

  constructor(secret?: Data) {
    this.hash =
      secret === undefined ? createHash('sha256') : createHmac('sha256', secret as string);
  }

  update(data: Data): void {
    this.hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }
}

const signer = new SignatureV4({
  ...{ service: 'lambda', region, credentials },
  sha256: Sha256 as ConstructorParameters<typeof SignatureV4>[0]['sha256'],
});
/** What belongs to one connection, or is written anew. */
const ownHeaders = ['host', 'connection', 'transfer-encoding', 'content-length', 'authorization'];

/**
 * One address before the function URLs of an app: it takes requests that are not signed, and signs them, as a
 * distribution of CloudFront does with origin access control.
 */
export async function openFrontDoor({ port, route }: FrontDoorOptions): Promise<FrontDoor> {
  const server = createServer((from, to) => {
    forward(from, to, route).catch(() => {
      if (to.headersSent) to.destroy();
      else to.writeHead(502).end();
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function forward(
  from: IncomingMessage,
  to: ServerResponse,
  route: FrontDoorOptions['route'],
): Promise<void> {
  const { method = 'GET', url = '/', headers } = from;
  const [path = '/', ...rest] = url.split('?');
  const { hostname, port, host } = new URL(route(method, path));
  const body = await buffer(from);
  const signed = await signer.sign({
    ...{ method, protocol: 'http:', hostname, path, query: queryOf(rest.join('?')) },
    ...{ headers: { host }, body },
  });
  const others = Object.entries(headers).filter(([name]) => !ownHeaders.includes(name));
  const onward = request({
    ...{ method, hostname, port, path: url, agent: false },
    headers: { ...Object.fromEntries(others), ...signed.headers, 'content-length': body.length },
  });
  to.once('close', () => onward.destroy());
  onward.end(body);
  const [answer] = (await once(onward, 'response')) as [IncomingMessage];
  to.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
  await pipeline(answer, to);
}

/** As it was sent, a plus included: the signer encodes it again. */
function queryOf(text: string): Record<string, string[]> {
  const values: Record<string, string[]> = {};
  for (const pair of text.split('&').filter((one) => one !== '')) {
    const [name = '', ...value] = pair.split('=').map(decodeURIComponent);
    values[name] = [...(values[name] ?? []), value.join('=')];
  }
  return values;
}
