import type { Bill } from '../../cost/bill.ts';

/** What a service does, the same on both clouds; its color follows from it. */
export type Role = 'stream' | 'functions' | 'store' | 'storage' | 'watching' | 'other';

/** A service and what all its meters cost in a month. */
export interface Service {
  readonly name: string;
  readonly role: Role;
  readonly total: number;
}

const storage = ['Storage', 'storage'] as const;
const monitor = ['Azure Monitor', 'watching'] as const;
const watch = ['CloudWatch', 'watching'] as const;

/** Services by the first two parts of the ids of their prices. */
const services: Readonly<Record<string, readonly [name: string, role: Role]>> = {
  'aws.kinesis': ['Kinesis', 'stream'],
  'aws.lambda': ['Lambda', 'functions'],
  'aws.dynamodb': ['DynamoDB', 'store'],
  'aws.s3': ['S3', 'storage'],
  'aws.firehose': ['Firehose', 'storage'],
  'aws.sqs': ['SQS', 'storage'],
  'aws.logs': watch,
  'aws.alarm-month': watch,
  'aws.metric-month': watch,
  'aws.kms': ['KMS', 'other'],
  'aws.egress-gb': ['Data out', 'other'],
  'azure.eventhubs': ['Event Hubs', 'stream'],
  'azure.flex': ['Functions', 'functions'],
  'azure.cosmos': ['Cosmos DB', 'store'],
  'azure.blob': storage,
  'azure.queue': storage,
  'azure.logs': monitor,
  'azure.log-alert-month': monitor,
  'azure.metric-alert-month': monitor,
  'azure.egress-gb': ['Data out', 'other'],
};

/** A bill by services, in the order of its meters. */
export function servicesOf({ lines }: Bill): Service[] {
  const found = new Map<string, Service>();
  for (const { price, cost } of lines) {
    const id = price.id.split('.').slice(0, 2).join('.');
    const [name, role] = services[id] ?? [id, 'other'];
    const total = (found.get(name)?.total ?? 0) + cost;
    found.set(name, { name, role, total });
  }
  return [...found.values()];
}
