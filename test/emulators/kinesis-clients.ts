import {
  type _Record,
  type GetShardIteratorInput,
  type KinesisClientConfig,
  Kinesis as KinesisService,
} from '@aws-sdk/client-kinesis';
import { onTestFinished } from 'vitest';
import { type Kinesis, type KinesisOptions, startKinesis } from './kinesis.ts';

/** An emulator that ends with the test. */
export async function kinesis(options: KinesisOptions = {}): Promise<Kinesis> {
  const emulator = await startKinesis(options);
  onTestFinished(() => emulator.stop());
  return emulator;
}

/** A client that is closed when the test ends; it tries everything once. */
export function clientOf(
  { endpoint }: { readonly endpoint: string },
  options: KinesisClientConfig = {},
): KinesisService {
  const client = new KinesisService({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    maxAttempts: 1,
    ...options,
  });
  onTestFinished(() => client.destroy());
  return client;
}

/** The id of a shard by its number. */
export const idOf = (number: number): string => `shardId-${String(number).padStart(12, '0')}`;

/** The name of the error that a call is refused with. */
export async function nameOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'no error',
    (error: Error) => error.name,
  );
}

/** The message of the error that a call is refused with. */
export async function messageOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'no error',
    (error: Error) => error.message,
  );
}

/** Puts a text for each hash key; gives the sequence numbers. */
export async function put(
  client: KinesisService,
  StreamName: string,
  ...texts: readonly string[]
): Promise<string[]> {
  const numbers: string[] = [];
  for (const text of texts) {
    const Data = Buffer.from(text);
    const answer = await client.putRecord({ StreamName, PartitionKey: text, Data });
    numbers.push(answer.SequenceNumber!);
  }
  return numbers;
}

/** An iterator of a shard; of the first one from its start on unless said otherwise. */
export async function iterator(
  client: KinesisService,
  StreamName: string,
  where: Partial<GetShardIteratorInput> = {},
): Promise<string> {
  const start = { ShardId: idOf(0), ShardIteratorType: 'TRIM_HORIZON' } as const;
  const answer = await client.getShardIterator({ StreamName, ...start, ...where });
  return answer.ShardIterator!;
}

/** What one GetRecords gives from somewhere on, as texts. */
export async function read(
  client: KinesisService,
  StreamName: string,
  where: Partial<GetShardIteratorInput> = {},
): Promise<string[]> {
  const ShardIterator = await iterator(client, StreamName, where);
  const { Records } = await client.getRecords({ ShardIterator });
  return Records!.map(textOf);
}

/** The data of a record as text. */
export const textOf = ({ Data }: _Record): string => Buffer.from(Data!).toString();
