import type { Host } from '../load.ts';

/** How the app runs on AWS, beside the workload. */
export interface AwsModes {
  readonly stream: 'provisioned' | 'on-demand' | 'advantage';
  readonly store: 'on-demand' | 'provisioned';
  /** Whether Kinesis pushes records to the function. */
  readonly fanOut: boolean;
  readonly processMemoryMB: number;
  readonly httpMemoryMB: number;
  readonly maintainMemoryMB: number;
  /** Instances of `ingest` and of `query` that are kept warm. */
  readonly httpReady: number;
}

/** What the template makes where nothing else is asked for. */
export const defaultAwsModes: AwsModes = {
  stream: 'provisioned',
  store: 'on-demand',
  fanOut: false,
  processMemoryMB: 1_024,
  httpMemoryMB: 512,
  maintainMemoryMB: 512,
  httpReady: 0,
};

/** The event source mapping: a payload of 6 MB holds 4.5 MB of records as base64, and a shard is asked once a second.
 * A sequence number has 186 bits. */
export const lambdaHost: Host = {
  batchRecordsMax: 10_000,
  batchBytesMax: 4_718_592,
  waitSeconds: 1,
  positionBytes: 27,
};

/** With enhanced fan-out a shard pushes records, 70 ms after they came in the mean, as the Kinesis documentation says. */
export const pushedHost: Host = { ...lambdaHost, waitSeconds: 0.07 };

/** How long the template has the stream keep records, hours. */
export const retentionHours = 24;
/** Metrics that the alarms of the template look at. */
export const alarmMetrics = 28;
/** Figures of the app that are metrics: of maintenance alone, and of all. */
export const figures = { quiet: 3, all: 10 } as const;

/** A vCPU comes with so much memory, and less of it with less, MB. */
export const vcpuMemoryMB = 1_769;
/** Where a shard is full: bytes and records by second. */
export const shardBytes = 1_048_576;
/** See {@link shardBytes}. */
export const shardRecords = 1_000;

/** What no document of AWS tells and no emulator can show. The page about costs states each with its reason. */
export const assumed = {
  /** One call of DynamoDB, milliseconds; and the CPU time that the SDK takes for it. */
  storeCallMs: 8,
  sdkCpuMs: 0.8,
  /** What Lambda itself adds to an invocation, milliseconds. */
  invocationMs: 2,
  /** A round of maintenance: at its base, and to ask the stream for one partition. */
  roundMs: 100,
  askStreamMs: 20,
  /** An answer, beside its calls. */
  queryMs: 20,
  /** Lambda's three lines about an invocation, and those of figures by minute and function. */
  invocationLogBytes: 400,
  minuteLogBytes: 2_048,
  /** Logs are compressed where they are kept; the template keeps them for 30 days. */
  logStoredShare: 0.15,
  /** Calls of KMS every five minutes: of the table, and of each shard when it is read and when it is written. */
  kmsSeconds: 300,
  /** The share of provisioned capacity that auto scaling lets be used. */
  capacityShare: 0.7,
  /** Five pollers ask the queue, each for 20 seconds. */
  queuePollers: 5,
  queuePollSeconds: 20,
  /** Firehose puts an object every five minutes or 64 MB. */
  objectSeconds: 300,
  objectBytes: 67_108_864,
} as const;
