/** What the official client does not do, or does not let one see: shown with the AMQP library that is under it. */
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import rhea, { type Connection, type EventContext, type Message } from 'rhea';
import { expect, it, onTestFinished } from 'vitest';
import type { EventHubs } from './event-hubs.ts';
import { consumerOf, hub, producerOf, receive, send } from './hub-clients.ts';

/** A bare AMQP connection. */
async function connect(emulator: EventHubs): Promise<Connection> {
  const container = rhea.create_container();
  container.on('disconnected', () => undefined);
  const connection = container.connect({
    host: '127.0.0.1',
    port: emulator.port,
    username: 'anonymous',
    reconnect: false,
  });
  onTestFinished(() => connection.close());
  await once(connection, 'connection_open');
  return connection;
}

/** Sends a request as a client does, and gives its answer. */
async function ask(connection: Connection, node: string, request: object): Promise<Message> {
  const reply_to = `reply-${randomUUID()}`;
  const session = connection.create_session();
  session.begin();
  const receiver = session.open_receiver({ source: { address: node }, name: reply_to });
  const sender = session.open_sender({ target: { address: node } });
  await Promise.all([once(receiver, 'receiver_open'), once(sender, 'sendable')]);
  const answer = once(receiver, 'message') as Promise<EventContext[]>;
  sender.send({ message_id: 'm', reply_to, ...request } as never);
  const [context] = await answer;
  return context?.message as Message;
}

/** Puts a token for the hub. */
function putToken(connection: Connection, key = 'SAS_KEY_VALUE'): Promise<Message> {
  const [resource, expiry] = [encodeURIComponent('sb://any/hub'), 9_999_999_999];
  const signature = createHmac('sha256', key).update(`${resource}\n${expiry}`).digest('base64');
  const body =
    `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}` +
    `&se=${expiry}&skn=RootManageSharedAccessKey`;
  const type = 'servicebus.windows.net:sastoken';
  const application_properties = { operation: 'put-token', type, name: 'sb://any/hub' };
  return ask(connection, '$cbs', { body, application_properties });
}

it('opens a connection with the figures of Event Hubs', async () => {
  const connection = await connect(await hub());
  expect(connection).toMatchObject({
    max_frame_size: 65_536,
    channel_max: 4_999,
    idle_time_out: 240_000,
  });
});

it('answers a token with 202, or with 401 and why', async () => {
  const emulator = await hub();
  const good = await putToken(await connect(emulator));
  expect(good).toMatchObject({ correlation_id: 'm' });
  expect(good['application_properties']).toMatchObject({ 'status-code': 202 });
  const bad = await putToken(await connect(emulator), 'another');
  expect(bad['application_properties']).toEqual({
    'status-code': 401,
    'status-description': 'InvalidSignature: The token has an invalid signature.',
    'error-condition': 'amqp:unauthorized-access',
  });
});

it('takes no other kind of token', async () => {
  const properties = { operation: 'put-token', type: 'jwt', name: 'sb://any/hub' };
  const answer = await ask(await connect(await hub()), '$cbs', {
    body: 'x',
    application_properties: properties,
  });
  expect(answer['application_properties']).toMatchObject({ 'status-code': 400 });
});

it('refuses a link without a token: an answer that names no node, and an end with the error', async () => {
  const connection = await connect(await hub());
  for (const open of [
    () => connection.open_sender('hub'),
    () => connection.open_receiver('hub/ConsumerGroups/$Default/Partitions/0'),
  ]) {
    const link = open();
    const kind = link.is_sender() ? 'sender' : 'receiver';
    const end = once(link, `${kind}_error`);
    await once(link, `${kind}_open`);
    expect([link.source?.address, link.target?.address]).toEqual([undefined, undefined]);
    await end;
    expect(link.error).toMatchObject({ condition: 'amqp:unauthorized-access' });
  }
});

it('stores one message of format 0 as one event, and routes it by its key', async () => {
  const emulator = await hub();
  const connection = await connect(emulator);
  await putToken(connection);
  const sender = connection.open_sender('amqps://any.host/hub/Partitions/1');
  await once(sender, 'sendable');
  const body = rhea.message.data_section(Buffer.from('"one"'));
  sender.send({ body, application_properties: { small: rhea.types.wrap_ubyte(7) } } as never);
  await once(sender, 'accepted');
  const [event] = await receive(consumerOf(emulator), '1', 1);
  expect(event).toMatchObject({ body: 'one', properties: { small: 7 }, sequenceNumber: 0 });
});

it('rejects what is no message, and goes on', async () => {
  const emulator = await hub();
  const connection = await connect(emulator);
  await putToken(connection);
  const sender = connection.open_sender('hub/Partitions/0');
  await once(sender, 'sendable');
  sender.send(Buffer.from('nonsense') as never, undefined, 0x80013700);
  const [{ delivery }] = (await once(sender, 'rejected')) as [EventContext];
  expect(delivery?.remote_state?.['error']).toMatchObject({ condition: 'amqp:decode-error' });
  await send(producerOf(emulator), '0', 'x');
  expect(await receive(consumerOf(emulator), '0', 1)).toHaveLength(1);
});

it('starts a reader without a filter at the start, and gives back the credit that a drain asks for', async () => {
  const emulator = await hub();
  await send(producerOf(emulator), '0', 'a', 'b');
  const connection = await connect(emulator);
  await putToken(connection);
  const receiver = connection.open_receiver({
    source: 'hub/ConsumerGroups/$Default/Partitions/0',
    credit_window: 0,
  });
  let received = 0;
  receiver.on('message', () => {
    received += 1;
  });
  await once(receiver, 'receiver_open');
  expect(receiver.snd_settle_mode).toBe(1);
  const drained = once(receiver, 'receiver_drained');
  receiver.add_credit(10);
  receiver.drain_credit();
  await drained;
  expect(received).toBe(2);
});

it('goes on when the window of a session opens, and queues nothing that has no credit', async () => {
  const emulator = await hub({ partitions: 1 });
  const texts = Array.from({ length: 9_000 }, (_, i) => String(i));
  await send(producerOf(emulator), '0', ...texts);
  const connection = await connect(emulator);
  await putToken(connection);
  const session = connection.create_session();
  session.begin();
  const open = async () => {
    const receiver = session.open_receiver({
      source: 'hub/ConsumerGroups/$Default/Partitions/0',
      credit_window: 0,
      name: randomUUID(),
    });
    let received = 0;
    const waiting = new Map<number, () => void>();
    receiver.on('message', () => {
      received += 1;
      waiting.get(received)?.();
    });
    await once(receiver, 'receiver_open');
    const until = (count: number) => new Promise<void>((resolve) => waiting.set(count, resolve));
    return { receiver, until };
  };
  const first = await open();
  const some = first.until(3_000);
  first.receiver.add_credit(3_000);
  await pause(connection);
  await some;
  // What was queued without credit would stand in the way of the session's other links.
  const second = await open();
  const few = second.until(10);
  second.receiver.add_credit(10);
  await few;
  // More than fits into the window and the queue: the rest is sent when they have room again.
  const all = first.until(9_000);
  first.receiver.add_credit(6_000);
  await pause(connection);
  await all;
});

/** Lets a client not read for a while: its window closes, and the queue of the session fills up. */
async function pause(connection: Connection): Promise<void> {
  await setImmediate();
  const { socket } = connection as unknown as { socket: Socket };
  socket.pause();
  for (let i = 0; i < 300; i += 1) await setImmediate();
  socket.resume();
}
