import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { payloadUnits } from '../../cost/aws/stream.ts';
import { type AwsApp, bundleTo, startAwsApp } from '../hosts/aws-app.ts';
import { type AwsStage, awsPlaces, startAwsStage } from '../hosts/aws-stage.ts';
import { shardRecord } from '../hosts/lambda/kinesis-event.ts';
import { queryPath, type ReplayCloud } from './cloud.ts';
import { type AnsweredCall, CountingProxy } from './counting-proxy.ts';
import { Counts, countInvocation } from './counts.ts';

const putMax = 500;
const name = 'clicks';
const hashKeys = 2n ** 128n;

/** Counts a call of DynamoDB, and the capacity that it says it took. */
function countDynamoDb(counts: Counts, { headers, body, answer }: AnsweredCall): void {
  const [, operation] = String(headers['x-amz-target']).split('.');
  const asked = JSON.parse(body) as { Item?: { sk: { S: string } } };
  const { ConsumedCapacity } = JSON.parse(answer) as {
    ConsumedCapacity?: { CapacityUnits?: number };
  };
  const kind = operation === 'PutItem' || operation === 'DeleteItem' ? 'writes' : 'reads';
  const use = counts.useOf(asked.Item?.sk.S.startsWith('e/') ?? false);
  counts.add(`${kind} of ${use}`, ConsumedCapacity?.CapacityUnits ?? Number.NaN);
  counts.add(`calls for ${use}`);
}

/** The app for AWS as it is deployed, in the stand-in for Lambda. The mapping is left out: the replay makes batches. */
export async function openAws(partitions: number): Promise<ReplayCloud> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-replay-'));
  const [stage] = await Promise.all([
    startAwsStage(),
    bundleTo(folder, join(import.meta.dirname, 'aws-app.ts')),
  ]);
  const places = await awsPlaces(stage, { name, shards: partitions });
  const counts = new Counts();
  const dynamoDb = await CountingProxy.start(stage.dynamoDb.endpoint, (call) =>
    countDynamoDb(counts, call),
  );
  const objects = await CountingProxy.start(stage.fauxqs.endpoint, () => counts.add('calls of S3'));
  const app = await startAwsApp(stage, places, {
    taskRoot: folder,
    settings: { AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.url, AWS_ENDPOINT_URL_S3: objects.url },
    host: {
      onEvent: (event) => {
        if (event.kind === 'invocation') countInvocation(counts, event.functionName);
      },
    },
  });
  await app.records.stop();
  const stop = async (): Promise<void> => {
    await app.kill();
    await Promise.all([dynamoDb.close(), objects.close()]);
    await stage.stop();
    rmSync(folder, { recursive: true });
  };
  return cloudOf({ stage, app, counts, streamArn: places.streamArn, partitions, stop });
}

interface Parts {
  readonly stage: AwsStage;
  readonly app: AwsApp;
  readonly counts: Counts;
  readonly streamArn: string;
  readonly partitions: number;
  readonly stop: () => Promise<void>;
}

function cloudOf({ stage, app, counts, streamArn, partitions, stop }: Parts): ReplayCloud {
  const width = hashKeys / BigInt(partitions);
  const put = async (partition: number, bodies: readonly Uint8Array[]) => {
    const ExplicitHashKey = String(BigInt(partition) * width + 1n);
    const Records = bodies.map((Data) => ({ PartitionKey: 'page', ExplicitHashKey, Data }));
    const command = new PutRecordsCommand({ StreamARN: streamArn, Records });
    const answer = await stage.clients.kinesis.send(command);
    return answer.Records!.map(({ SequenceNumber, ShardId }, i) => {
      const source = { shard: ShardId!, sourceArn: streamArn, roleArn: 'arn:aws:iam::0:role/l' };
      const record = { ...Records[i]!, SequenceNumber: SequenceNumber! };
      counts.add('payload units', payloadUnits(record.Data.length));
      return shardRecord({ ...record, ApproximateArrivalTimestamp: new Date() }, source).event;
    });
  };
  return {
    counts,
    stop,
    async bring(partition, bodies) {
      const records = [];
      for (let i = 0; i < bodies.length; i += putMax) {
        records.push(...(await put(partition, bodies.slice(i, i + putMax))));
      }
      counts.doing = 'batches';
      const { payload, functionError } = await app.host.invoke('process', { Records: records });
      if (functionError !== null || payload.toString() !== '{"batchItemFailures":[]}') {
        throw new Error(`process: ${payload}`);
      }
    },
    async maintain() {
      counts.doing = 'maintenance';
      const { payload, functionError } = await app.clock.fire();
      if (functionError !== null) throw new Error(`maintain: ${payload}`);
    },
    async query(from, to) {
      counts.doing = 'queries';
      const response = await fetch(app.url + queryPath(from, to));
      const text = await response.text();
      if (!response.ok) throw new Error(`query: ${text}`);
    },
  };
}
