import type { Host } from '../load.ts';

/** How the app runs on Azure, beside the workload. */
export interface AzureModes {
  readonly stream: 'standard' | 'premium';
  readonly functions: 'on-demand' | 'always-ready';
  /** Of `ingest` and `query`, which share their instances. */
  readonly http: 'on-demand' | 'always-ready';
  readonly store: 'serverless' | 'autoscale' | 'provisioned';
  readonly instanceMemoryMB: 512 | 2_048 | 4_096;
}

/** What the template makes where nothing else is asked for. */
export const defaultAzureModes: AzureModes = {
  stream: 'standard',
  functions: 'on-demand',
  http: 'on-demand',
  store: 'serverless',
  instanceMemoryMB: 2_048,
};

/** `host.json`: a batch is closed at `minEventBatchSize` records or after `maxWaitTime`, whichever is first. */
export const functionsHost: Host = {
  batchRecordsMax: 100,
  batchBytesMax: 262_144 * 500,
  waitSeconds: 1,
  positionBytes: 4,
};

/** Batches to a checkpoint, as `host.json` has it. */
export const checkpointBatches = 16;
/** How long the template has the hub keep records, hours. */
export const retentionHours = 168;
/** Alerts of the template: on metrics, and on logs every fifteen minutes. */
export const alerts = { metric: 3, log: 8 } as const;

/** Where a throughput unit and a partition are full: bytes and records by second. */
export const unitBytes = 1_048_576;
/** See {@link unitBytes}. */
export const unitRecords = 1_000;

/** GB for whose records a throughput unit pays: https://learn.microsoft.com/azure/event-hubs/event-hubs-faq */
export const unitGB = 84;

/** What a physical partition of Cosmos DB holds: request units by second and GB. */
export const physicalUnits = 10_000;
/** See {@link physicalUnits}. */
export const physicalGB = 50;

/** The least that an execution is billed, and the steps above it, milliseconds. */
export const flexMsMin = 1_000;
/** See {@link flexMsMin}. */
export const flexMsStep = 100;

/** What no document of Azure tells and no emulator can show. The page about costs states each with its reason. */
export const assumed = {
  /** One call of Cosmos DB, milliseconds; and the CPU time that the SDK takes for it. */
  storeCallMs: 8,
  sdkCpuMs: 0.5,
  /** What the host adds to an execution, milliseconds. */
  executionMs: 5,
  /** How full the cores of an instance are when the host adds another one. */
  cpuShare: 0.7,
  /** An instance has a core for so much memory, MB. */
  coreMemoryMB: 2_048,
  /** What a processing unit of Premium takes in, bytes by second: the lower end of what is documented. */
  premiumUnitBytes: 5_242_880,
  /** The processor renews what it owns, and lists what others own, so often. */
  ownershipSeconds: 10,
  /** A round of maintenance: at its base, and to ask the hub for one partition, milliseconds. */
  roundMs: 100,
  askStreamMs: 20,
  /** An answer, beside its calls, milliseconds: its CPU time. */
  queryMs: 20,
  /** Lines of figures by minute and function. */
  minuteLogBytes: 4_096,
  /** The share of provisioned request units that is used; and the least that can be provisioned. */
  capacityShare: 0.7,
  requestUnitsMin: 400,
  autoscaleStep: 1_000,
  autoscaleShareMin: 0.1,
  /** Capture puts an object for each partition every five minutes. */
  captureSeconds: 300,
} as const;
