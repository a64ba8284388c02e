import { randomUUID } from 'node:crypto';
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  KinesisClient,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { KinesisEventPublisher } from '../../adapters/aws/kinesis-event-publisher.ts';
import { KinesisStreamReader } from '../../adapters/aws/kinesis-stream-reader.ts';
import { FaultyProxy } from '../emulators/faulty-proxy.ts';
import { startKinesis } from '../emulators/kinesis.ts';
import { startKinesisLocal } from '../emulators/kinesis-local.ts';
import { type AwsAccess, awsAccess, throughProxy } from './aws-access.ts';
import { inJson, jsonFault } from './aws-failures.ts';
import { type Behind, inject, lazy } from './behind-proxy.ts';
import type { Stream } from './stream.contract.ts';
import type { Factory } from './subject.ts';

/**
 * The adapters of Kinesis, each subject in a stream of its own, over an emulator that is started
 * once or, where the environment names one, over a service that is there already:
 *
 * - MILLRACE_KINESIS_ENDPOINT: its URL.
 * - Region and credentials for it as every client of AWS finds them: AWS_REGION and so on.
 */
export const awsStream: Factory<Stream> = overKinesis(
  lazy(() => awsAccess('MILLRACE_KINESIS_ENDPOINT', startKinesis)),
);

/** The same over kinesis-local, which others have written: it knows no more of our emulator than we of it. */
export const kinesisLocalStream: Factory<Stream> = overKinesis(
  lazy(() => awsAccess('MILLRACE_KINESIS_LOCAL_ENDPOINT', startKinesisLocal)),
);

function overKinesis(access: () => Promise<AwsAccess>): () => Promise<Behind<Stream>> {
  return async () => {
    const service = await access();
    const client = kinesisClient(service);
    const StreamName = `contract-${randomUUID()}`;
    await client.send(new CreateStreamCommand({ StreamName, ShardCount: 3 }));
    await waitUntilStreamExists({ client, ...patience }, { StreamName });
    const proxy = await FaultyProxy.start(service.endpoint);
    const connect = (): Stream => {
      const own = throughProxy(kinesisClient(service), proxy);
      return {
        publisher: new KinesisEventPublisher(own, StreamName),
        reader: new KinesisStreamReader(own, StreamName),
      };
    };
    const throughput = jsonFault(400, 'ProvisionedThroughputExceededException');
    return {
      port: connect(),
      another: connect,
      failures: inject(proxy, [
        ...inJson,
        ['a shard over its throughput', 'throttled', throughput],
        ['too many calls', 'throttled', jsonFault(400, 'LimitExceededException')],
        ['a stream that changes', 'unavailable', jsonFault(400, 'ResourceInUseException')],
        ['a stream that is gone', 'request', jsonFault(400, 'ResourceNotFoundException')],
      ]),
      pass: async () => undefined,
      cleanup: async () => {
        await proxy.close();
        await client.send(new DeleteStreamCommand({ StreamName })).catch(() => undefined);
      },
      proxy,
    };
  };
}

/** How often to ask whether a stream is there, seconds; the first time at once. */
const patience = { maxWaitTime: 300, minDelay: 1, maxDelay: 5 };

/** A client that speaks HTTP/1, as the proxy and kinesis-local do. */
function kinesisClient({ endpoint, ...access }: AwsAccess): KinesisClient {
  const requestHandler = new NodeHttpHandler({
    requestTimeout: 10_000,
    throwOnRequestTimeout: true,
  });
  return new KinesisClient({ endpoint, ...access, maxAttempts: 1, requestHandler });
}
