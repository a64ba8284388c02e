import type { Socket } from 'node:net';
import rhea, { type Connection, type link as Link, type Sender, type Session } from 'rhea';
import type { AmqpCondition } from './conditions.ts';

/**
 * The parts of rhea that its types do not declare and a broker needs: the reply to an attach, the credit of a link,
 * the session's queue and the socket.
 */
interface LinkInternals {
  readonly local: { readonly attach: Record<string, unknown> };
  readonly credit: number;
  readonly delivery_count: number;
}

/** The format that stands for 0, which rhea would decode; a broker wants the bytes. */
const rawFormat = 0xffffffff;

/** Sets what the reply to a client's attach says; only while the link is being opened. */
export function replyWith(link: Link, fields: Readonly<Record<string, unknown>>): void {
  Object.assign(internals(link).local.attach, fields);
}

/** Answers a client's attach as Event Hubs refuses it: a reply that names no node, and an end with the error. */
export function refuse(link: Link, error: AmqpCondition): void {
  link.close(error);
}

/** How many messages may be sent on a link after the `sent` ones that were handed to rhea so far. */
export function creditOf(sender: Sender, sent: number): number {
  const { credit, delivery_count: written } = internals(sender);
  // rhea counts what is on the wire; what is still queued has used its credit too.
  return credit - (sent - written);
}

/** Places in the queue of a session; `send` throws when there is none. */
export function roomOf(session: Session): number {
  return (session as unknown as { outgoing: { available(): number } }).outgoing.available();
}

/** The socket of a connection. */
export function socketOf(connection: Connection): Socket {
  return (connection as unknown as { socket: Socket }).socket;
}

/** Ends a connection without a word. The error is for our own side: rhea takes a mere close for no end. */
export function cut(socket: Socket): void {
  socket.destroy(new Error('The emulator cut the connection.'));
}

/** Writes what is sent until the end of this tick in one piece; rhea would write each frame by itself. */
export function cork(connection: Connection): void {
  const socket = socketOf(connection);
  socket.cork();
  process.nextTick(() => socket.uncork());
}

/** Has a session hand over every message as bytes, also those of format 0. */
export function keepBytes(session: Session): void {
  const { incoming } = session as unknown as {
    incoming: { on_transfer(frame: { performative: { message_format?: number } }, to: Link): void };
  };
  const take = incoming.on_transfer.bind(incoming);
  incoming.on_transfer = (frame, to) => {
    const { performative } = frame;
    if (performative.message_format === 0) performative.message_format = rawFormat;
    take(frame, to);
  };
}

/** Calls `listener` when a client grants credit or opens the window of a session; rhea tells of the former alone. */
export function onFlow(session: Session, listener: () => void): void {
  const internal = session as unknown as { on_flow(frame: unknown): void };
  const take = internal.on_flow.bind(session);
  internal.on_flow = (frame) => {
    take(frame);
    listener();
  };
}

/** Sends encoded bytes as they are, settled. */
export function sendBytes(sender: Sender, bytes: Buffer): void {
  sender.send(bytes, undefined, 0);
}

/** An AMQP long of any size. */
export function long(value: bigint): unknown {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return rhea.types.wrap_long(bytes);
}

/** What rhea gives for an integer: a number or, beyond 2^53, eight bytes. Null for anything else. */
export function bigintOf(value: unknown): bigint | null {
  if (typeof value === 'number') return BigInt(value);
  return Buffer.isBuffer(value) && value.length === 8 ? value.readBigInt64BE() : null;
}

/** Capabilities come as one or as many. */
export function desires(link: Link, capability: string): boolean {
  const { desired_capabilities: desired } = link;
  return Array.isArray(desired) ? desired.includes(capability) : desired === capability;
}

function internals(link: Link): LinkInternals {
  return link as unknown as LinkInternals;
}
