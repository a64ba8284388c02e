import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import rhea, {
  type Connection,
  type EventContext,
  type link as Link,
  type Receiver,
  type Sender,
} from 'rhea';
import { Claims, type Keys } from './claims.ts';
import { type AmqpCondition, amqpOf, notFound, Refusal } from './conditions.ts';
import { openDelivering } from './delivering.ts';
import { type Hub, type Place, pathOf, placeOf } from './hub.ts';
import { openPublishing, type PublishingParts } from './publishing.ts';
import { Requests, requestNodes } from './requests.ts';
import { cut, keepBytes, refuse } from './rhea-internals.ts';

/** What a server serves. */
export interface ServerParts {
  readonly hubs: ReadonlyMap<string, Hub>;
  readonly keys: Keys;
  readonly now: () => number;
  readonly publishing: PublishingParts;
  /** What requests and new readers are refused with at the moment. */
  readonly refusal: () => AmqpCondition | null;
}

/** A server that listens. */
export interface Listening {
  readonly port: number;
  /** Cuts every connection without a word. */
  dropConnections(): void;
  stop(): Promise<void>;
}

/** What there is for each connection. */
interface Client {
  readonly claims: Claims;
  readonly requests: Requests;
  /** What its links leave behind ends with these. */
  readonly ends: Set<() => void>;
}

const quietEvents = [
  'error',
  'connection_error',
  'session_error',
  'sender_error',
  'receiver_error',
  'protocol_error',
] as const;

/** The figures that Event Hubs gives when a connection opens. */
const opening = { max_frame_size: 65_536, channel_max: 4_999, idle_time_out: 240_000 } as const;

/** Messages that a client may send ahead on one link. */
const creditMax = 300;

/** Listens for AMQP over plain TCP. */
export async function listen(
  parts: ServerParts,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Listening> {
  const container = rhea.create_container({ id: 'event-hubs-emulator' });
  offerMechanisms(container.sasl_server_mechanisms);
  const clients = new Map<Connection, Client>();
  const clientOf = (connection: Connection): Client => {
    const known = clients.get(connection);
    if (known !== undefined) return known;
    const claims = new Claims(parts.keys, parts.now);
    const client = { claims, requests: new Requests(parts, claims), ends: new Set<() => void>() };
    clients.set(connection, client);
    return client;
  };
  container.on('disconnected', ({ connection }: EventContext) => forget(clients, connection));
  container.on('connection_close', ({ connection }: EventContext) => forget(clients, connection));
  // Unheard, these end the process; what is wrong with a connection ends that connection alone.
  for (const name of quietEvents) container.on(name, () => undefined);
  container.on('session_open', ({ session }: EventContext) => session && keepBytes(session));
  container.on('receiver_open', ({ connection, receiver }: EventContext) => {
    const link = receiver as Receiver;
    answering(link, () => openReceiver(link, clientOf(connection), parts));
  });
  container.on('sender_open', ({ connection, sender }: EventContext) => {
    const link = sender as Sender;
    answering(link, () => openSender(link, clientOf(connection), parts));
  });
  const server = container.listen({
    host,
    port,
    tcp_no_delay: true,
    receiver_options: { autoaccept: false, credit_window: creditMax },
    ...opening,
  } as never) as Server;
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    // Every reader of a connection waits for the same socket.
    socket.setMaxListeners(0);
    socket.once('close', () => sockets.delete(socket));
  });
  await once(server, 'listening');
  const dropConnections = () => {
    for (const socket of sockets) cut(socket);
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

function forget(clients: Map<Connection, Client>, connection: Connection): void {
  for (const end of clients.get(connection)?.ends ?? []) end();
  clients.delete(connection);
}

/** Clients name one of these and prove who they are afterwards, with a token. */
function offerMechanisms(mechanisms: Record<string, unknown> & { enable_anonymous(): void }): void {
  mechanisms.enable_anonymous();
  for (const name of ['MSSBCBS', 'EXTERNAL']) {
    mechanisms[name] = () => ({
      outcome: undefined as boolean | undefined,
      start() {
        this.outcome = true;
      },
    });
  }
}

/** Opens a link, or refuses it with what that throws. */
function answering(link: Link, open: () => void): void {
  try {
    open();
  } catch (error) {
    refuse(link, amqpOf(error));
  }
}

/** A client sends on this link. */
function openReceiver(link: Receiver, { claims, requests }: Client, parts: ServerParts): void {
  const address = String(link.target?.address ?? '');
  const node = requestNodes.find((each) => each === pathOf(address));
  if (node !== undefined) {
    requests.openRequests(link, node);
    return;
  }
  const place = placeOf(address, parts.hubs);
  if (place.readers !== null) throw notFound(address);
  claims.demand(address);
  openPublishing(link, place, parts.publishing);
}

/** A client receives on this link. */
function openSender(link: Sender, { claims, requests, ends }: Client, parts: ServerParts): void {
  const address = String(link.source?.address ?? '');
  if (requestNodes.some((each) => each === pathOf(address))) {
    requests.openReplies(link);
    return;
  }
  const place = placeOf(address, parts.hubs);
  if (!isReadable(place)) throw notFound(address);
  claims.demand(address);
  const refusal = parts.refusal();
  if (refusal !== null) throw new Refusal(refusal.condition, refusal.description);
  openDelivering(link, place, parts.now, ends);
}

function isReadable(place: Place): place is Parameters<typeof openDelivering>[1] {
  return place.partition !== null && place.readers !== null;
}
