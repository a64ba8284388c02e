import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import http2, { type Http2ServerRequest } from 'node:http2';
import net, { type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Answer, Request } from './answering.ts';

/** A server that listens. */
export interface Listening {
  readonly port: number;
  /** Cuts all connections without a word, as a network does. */
  dropConnections(): void;
  stop(): Promise<void>;
}

/** Gives the answer to a request; null for none: its connection is cut. */
type Answering = (request: Request) => Promise<Answer | null>;

/** The answering of requests over HTTP/1.1, and over HTTP/2 without TLS, on the same port of 127.0.0.1. */
export async function listen(answering: Answering, port: number): Promise<Listening> {
  const sockets = new Set<Socket>();
  const respond = (from: IncomingMessage, to: ServerResponse) => {
    handle(answering, from, to).catch(() => cut(from));
  };
  // What Node gives of a request over HTTP/2 has the same members, as far as they are used here.
  const http1 = http.createServer({ keepAliveTimeout: 0 }, respond);
  const http2Server = http2.createServer(respond as never);
  const server = net.createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    socket.once('readable', () => {
      const start: Buffer | null = socket.read();
      if (start === null) return;
      socket.unshift(start);
      // HTTP/2 connections begin with a preface that is no method of HTTP/1.1.
      const speaker = start.toString('latin1', 0, 3) === 'PRI' ? http2Server : http1;
      speaker.emit('connection', socket);
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const dropConnections = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    dropConnections,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      dropConnections();
      await closed;
    },
  };
}

async function handle(
  answering: Answering,
  from: IncomingMessage,
  to: ServerResponse,
): Promise<void> {
  const body = await text(from);
  const answer = await answering({ headers: from.headers, body });
  if (answer === null) return cut(from);
  const bytes = Buffer.from(answer.body);
  to.writeHead(answer.status, {
    'x-amzn-RequestId': randomUUID(),
    'content-type': answer.type,
    'content-length': bytes.length,
  });
  to.end(bytes);
}

/** An HTTP/2 request has no socket of its own: what ends its connection is the session. */
function cut(from: IncomingMessage | Http2ServerRequest): void {
  if ('stream' in from) from.stream.session?.destroy();
  else from.socket.destroy();
}
