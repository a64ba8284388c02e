import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { problemOf } from '../adapters/http/problem.ts';
import { isLoopback } from '../adapters/loopback.ts';
import { MillraceError } from '../core/errors.ts';

/** Where a server listens, and who may call it. */
export interface ServerOptions {
  /** Only this machine by default: another address needs a token. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** What callers must send as `Authorization: Bearer`; null lets in every program of this machine. */
  readonly token: string | null;
}

/** A server that listens. */
export interface Listening {
  /** `http://127.0.0.1:7400`. */
  readonly url: string;
  /** Takes no new connections, waits for the requests under way, and cuts them off after a while. */
  close(graceMs: number): Promise<void>;
}

const requestMsMax = 30_000;
const headersMsMax = 10_000;
const idleMs = 20;
const tokenCharactersMin = 16;

/**
 * Refuses what would let in strangers.
 *
 * @throws MillraceError `definition`.
 */
export function checkServerOptions({ host, token }: ServerOptions): void {
  const problem =
    token === null
      ? `${host} can be reached from other machines, so callers need a token: set MILLRACE_TOKEN, ` +
        'or name a file with --token-file'
      : `a token is ${tokenCharactersMin} visible characters or more, without spaces`;
  const weak = token !== null && !/^[\x21-\x7e]{16,}$/.test(token);
  if (weak || (token === null && !isLoopback(host))) {
    throw new MillraceError('definition', problem, { problems: [problem] });
  }
}

/**
 * Serves a fetch handler over HTTP.
 *
 * @throws MillraceError `unavailable` when the port is taken or the address can't be used.
 */
export async function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  { host, port }: Pick<ServerOptions, 'host' | 'port'>,
): Promise<Listening> {
  const listener = getRequestListener(fetch, {
    overrideGlobalObjects: false,
    // What never became a request, such as one with a broken Host header, is the caller's mistake.
    errorHandler: () => problemOf(new MillraceError('request', 'No valid request.')).response(),
  });
  const server = createServer(listener as RequestListener);
  server.requestTimeout = requestMsMax;
  server.headersTimeout = headersMsMax;
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (cause) {
    throw refusal(cause, host, port);
  }
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${name}:${address.port}`,
    close: (graceMs) => closeServer(server, graceMs),
  };
}

function refusal(cause: unknown, host: string, port: number): MillraceError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const text =
    code === 'EADDRINUSE'
      ? `port ${port} of ${host} is taken: choose another with --port, or a free one with --port 0`
      : `can't listen on port ${port} of ${host}: ${message}`;
  return new MillraceError('unavailable', text, { cause });
}

async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  // A connection that is kept alive becomes idle once its request is answered.
  const idle = setInterval(() => server.closeIdleConnections(), idleMs);
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}
