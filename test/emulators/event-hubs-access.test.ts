import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import {
  codeOf,
  consumerOf,
  hub,
  once,
  patient,
  producerOf,
  receive,
  send,
} from './hub-clients.ts';

/** A connection string with a token of our own making instead of the key. */
function withToken(
  connection: string,
  token: { readonly resource?: string; readonly key?: string; readonly endsAt?: number },
): string {
  const { resource = 'sb://any/hub', key = 'SAS_KEY_VALUE', endsAt = Date.now() + 60_000 } = token;
  const expiry = Math.floor(endsAt / 1_000);
  const audience = encodeURIComponent(resource);
  const signature = createHmac('sha256', key).update(`${audience}\n${expiry}`).digest('base64');
  const text =
    `SharedAccessSignature sr=${audience}&sig=${encodeURIComponent(signature)}` +
    `&se=${expiry}&skn=RootManageSharedAccessKey`;
  return connection.replace(
    /SharedAccessKeyName=.*?;SharedAccessKey=.*?;/,
    () => `SharedAccessSignature=${text};`,
  );
}

it('is reached by its connection string alone, on whatever port', async () => {
  const [a, b] = [await hub(), await hub()];
  expect(a.port).not.toBe(b.port);
  for (const emulator of [a, b]) {
    expect(emulator.connectionString('hub')).toContain(`Endpoint=sb://127.0.0.1:${emulator.port};`);
    await send(producerOf(emulator), '0', String(emulator.port));
    const [event] = await receive(consumerOf(emulator), '0', 1);
    expect(event?.body).toBe(String(emulator.port));
  }
});

it('is not reached where the flag is not exactly true, since the client wants TLS then', async () => {
  const emulator = await hub();
  const connection = emulator.connectionString('hub').replace('=true', '=True');
  expect(await codeOf(producerOf(connection).getPartitionIds())).not.toBe('UnauthorizedError');
});

it('refuses a wrong key and an unknown policy as unauthorized', async () => {
  const emulator = await hub();
  const connection = emulator.connectionString('hub');
  for (const wrong of [
    connection.replace('SAS_KEY_VALUE', 'another'),
    connection.replace('RootManageSharedAccessKey', 'another'),
  ]) {
    expect(await codeOf(producerOf(wrong).getPartitionIds())).toBe('UnauthorizedError');
    expect(await codeOf(producerOf(wrong).sendBatch([{ body: 1 }]))).toBe('UnauthorizedError');
    expect(await codeOf(receive(consumerOf(wrong), '0', 1))).toBe('UnauthorizedError');
  }
});

it('says of a token what is wrong with it', async () => {
  const emulator = await hub();
  const connection = emulator.connectionString('hub');
  const messageOf = async (token: Parameters<typeof withToken>[1]) => {
    const client = producerOf(withToken(connection, token));
    return client.createBatch().then(
      () => 'taken',
      (error: Error) => error.message,
    );
  };
  expect(await messageOf({})).toBe('taken');
  expect(await messageOf({ key: 'another' })).toMatch(
    /^InvalidSignature: The token has an invalid/,
  );
  expect(await messageOf({ endsAt: Date.now() - 1_000 })).toMatch(/^ExpiredToken: /);
  expect(await messageOf({ resource: 'sb://any/other' })).toMatch(/^InvalidAudience: /);
});

it('lets a token for the namespace into all of it, and one for a partition into that alone', async () => {
  const emulator = await hub();
  const connection = emulator.connectionString('hub');
  const all = producerOf(withToken(connection, { resource: 'sb://any/' }));
  await send(all, '0', 'x');
  const one = producerOf(withToken(connection, { resource: 'sb://any/hub/Partitions/0' }));
  await send(one, '0', 'y');
  expect(await codeOf(send(one, '1', 'z'))).toBe('UnauthorizedError');
});

it('takes no request once the token has ended', async () => {
  let now = Date.now();
  const emulator = await hub({ now: () => now });
  const client = producerOf(withToken(emulator.connectionString('hub'), { endsAt: now + 5_000 }));
  expect(await client.getPartitionIds()).toEqual(['0', '1']);
  now += 6_000;
  expect(await codeOf(client.getPartitionIds())).toBe('UnauthorizedError');
});

it('knows each hub by its name in any case, and no other', async () => {
  const emulator = await hub({ hubs: { Clicks: { partitions: 1 } } });
  const properties = (name: string) =>
    producerOf(emulator.connectionString(name)).getEventHubProperties();
  expect(await properties('cLICKS')).toMatchObject({ name: 'Clicks' });
  expect(await codeOf(properties('hub'))).toBe('MessagingEntityNotFoundError');
  emulator.addHub('hub', { partitions: 3 });
  expect(await properties('hub')).toMatchObject({ partitionIds: ['0', '1', '2'] });
});

it('has only the consumer groups and partitions that it was given', async () => {
  const emulator = await hub();
  await send(producerOf(emulator), '1', 'x');
  for (const group of ['readers', 'READERS', '$default', '$Default']) {
    expect(await receive(consumerOf(emulator, once, group), '1', 1)).toHaveLength(1);
  }
  const other = consumerOf(emulator, once, 'others');
  expect(await codeOf(receive(other, '1', 1))).toBe('MessagingEntityNotFoundError');
  expect(await codeOf(receive(consumerOf(emulator), '2', 1))).toBe('ArgumentOutOfRangeError');
  expect(await codeOf(send(producerOf(emulator), '2', 'x'))).toBe('ArgumentOutOfRangeError');
});

it('makes the client try again after a refusal that may pass, and give all errors at the end', async () => {
  const emulator = await hub();
  emulator.busy(true);
  const error = await producerOf(emulator, patient)
    .getPartitionIds()
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(AggregateError);
  expect((error as AggregateError).errors).toHaveLength(4);
  expect(await codeOf(Promise.reject(error))).toBe('ServerBusyError');
});
