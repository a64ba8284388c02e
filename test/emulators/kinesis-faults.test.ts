import { NodeHttpHandler } from '@smithy/node-http-handler';
import { expect, it } from 'vitest';
import { clientOf, iterator, kinesis, nameOf, put, read, textOf } from './kinesis-clients.ts';

const StreamName = 'a';

async function stream() {
  const emulator = await kinesis();
  const client = clientOf(emulator);
  await client.createStream({ StreamName, ShardCount: 1 });
  return { emulator, client };
}

it('refuses a request with the error that its hook names, and does nothing', async () => {
  const { emulator, client } = await stream();
  const throttled = 'ProvisionedThroughputExceededException';
  emulator.onRequest = (operation) => (operation === 'PutRecord' ? { error: throttled } : null);
  const refused = await client
    .putRecord({ StreamName, PartitionKey: 'k', Data: Buffer.from('x') })
    .catch((error) => error);
  expect(refused.name).toBe(throttled);
  expect(refused.$metadata.httpStatusCode).toBe(400);
  emulator.onRequest = () => null;
  expect(await read(client, StreamName)).toEqual([]);
  emulator.onRequest = () => ({ error: 'InternalFailure' });
  const failed = await client.listShards({ StreamName }).catch((error) => error);
  expect(failed.name).toBe('InternalFailure');
  expect(failed.$metadata.httpStatusCode).toBe(500);
});

it('tells its hook the operation and what it is asked for', async () => {
  const { emulator, client } = await stream();
  const seen: unknown[] = [];
  emulator.onRequest = (operation, input) => {
    seen.push([operation, input]);
    return null;
  };
  await client.putRecord({ StreamName, PartitionKey: 'k', Data: Buffer.from('x') });
  expect(seen).toEqual([['PutRecord', { StreamName, PartitionKey: 'k', Data: 'eA==' }]]);
});

it('delays a request until its hook lets it go on, and nobody else', async () => {
  const { emulator, client } = await stream();
  let go = () => {};
  const delay = new Promise<null>((done) => {
    go = () => done(null);
  });
  const arrived = new Promise<void>((done) => {
    emulator.onRequest = (operation) => {
      if (operation !== 'PutRecord') return null;
      done();
      return delay;
    };
  });
  const delayed = put(client, StreamName, 'x');
  await arrived;
  expect(await read(client, StreamName)).toEqual([]);
  go();
  await delayed;
  expect(await read(client, StreamName)).toEqual(['x']);
});

it('does what it never answers, over HTTP/2 and over HTTP/1.1', async () => {
  const { emulator, client } = await stream();
  const other = clientOf(emulator, { requestHandler: new NodeHttpHandler() });
  emulator.onRequest = (operation) => (operation === 'PutRecord' ? { isAnswerLost: true } : null);
  expect(await nameOf(put(client, StreamName, 'x'))).not.toBe('no error');
  expect(await nameOf(put(other, StreamName, 'y'))).not.toBe('no error');
  expect(await read(clientOf(emulator), StreamName)).toEqual(['x', 'y']);
});

it('stores a record twice when the client tries again after a lost answer', async () => {
  const { emulator } = await stream();
  const patient = clientOf(emulator, { maxAttempts: 3 });
  let lost = 0;
  emulator.onRequest = (operation) => {
    if (operation !== 'PutRecord' || lost > 0) return null;
    lost += 1;
    return { isAnswerLost: true };
  };
  await put(patient, StreamName, 'x');
  expect(await read(patient, StreamName)).toEqual(['x', 'x']);
});

it('fails some records of a request, says which and why, and stores the others', async () => {
  const { emulator, client } = await stream();
  const errors = ['ProvisionedThroughputExceededException', 'InternalFailure'] as const;
  emulator.onRequest = () => ({
    failedRecord: (index) => (index === 1 ? errors[0] : index === 2 ? errors[1] : null),
  });
  const answer = await client.putRecords({
    StreamName,
    Records: ['a', 'b', 'c', 'd'].map((text) => ({ PartitionKey: text, Data: Buffer.from(text) })),
  });
  expect(answer.FailedRecordCount).toBe(2);
  expect(answer.Records!.map(({ ErrorCode }) => ErrorCode)).toEqual([
    undefined,
    ...errors,
    undefined,
  ]);
  const failed = answer.Records!.slice(1, 3);
  expect(failed.map(({ SequenceNumber, ShardId }) => SequenceNumber ?? ShardId)).toEqual([
    undefined,
    undefined,
  ]);
  expect(failed.every(({ ErrorMessage }) => ErrorMessage !== undefined)).toBe(true);
  expect(await read(client, StreamName)).toEqual(['a', 'd']);
});

it('gives no records though there are some, and says that it is behind', async () => {
  const { emulator, client } = await stream();
  await put(client, StreamName, 'x');
  emulator.advance(1_000);
  emulator.onRequest = (operation) => (operation === 'GetRecords' ? { isEmpty: true } : null);
  const empty = await client.getRecords({ ShardIterator: await iterator(client, StreamName) });
  expect(empty.Records).toEqual([]);
  expect(empty.MillisBehindLatest).toBeGreaterThan(0);
  emulator.onRequest = () => null;
  const next = await client.getRecords({ ShardIterator: empty.NextShardIterator });
  expect(next.Records!.map(textOf)).toEqual(['x']);
});
