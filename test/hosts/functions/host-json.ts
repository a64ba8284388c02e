import { readFileSync } from 'node:fs';

/** What the stand-in reads of host.json, with the defaults of the host and its extensions. */
export interface HostJson {
  /** Infinity for "-1". */
  readonly functionTimeoutMs: number;
  readonly eventHubs: EventHubsSettings;
  readonly queues: QueuesSettings;
  readonly http: { readonly routePrefix: string };
}

/** `extensions.eventHubs`, under names of this repository. */
export interface EventHubsSettings {
  /** `maxEventBatchSize`. */
  readonly eventsMax: number;
  /** `minEventBatchSize`. */
  readonly eventsMin: number;
  /** `maxWaitTime`. */
  readonly waitMsMax: number;
  /** `batchCheckpointFrequency`. */
  readonly checkpointBatches: number;
  /** `prefetchCount`. */
  readonly prefetchEvents: number;
  /** `loadBalancingUpdateInterval`. */
  readonly balanceMs: number;
  /** `partitionOwnershipExpirationInterval`. */
  readonly ownershipMs: number;
  /** Where to start without a checkpoint. */
  readonly fromStart: boolean;
}

/** `extensions.queues`, under names of this repository. */
export interface QueuesSettings {
  /** `batchSize`. */
  readonly batchMessages: number;
  /** `maxDequeueCount`. */
  readonly dequeuesMax: number;
  /** `maxPollingInterval`. */
  readonly pollingMsMax: number;
  /** `visibilityTimeout`: how long a message is hidden that has failed. */
  readonly hiddenMs: number;
  readonly messageEncoding: 'base64' | 'none';
}

type Section = Readonly<Record<string, unknown>>;

/** Reads host.json, a file or its content. */
export function readHostJson(source: string | object): HostJson {
  const content = typeof source === 'string' ? JSON.parse(readFileSync(source, 'utf8')) : source;
  const root = content as Section;
  if (root['version'] !== '2.0') throw new Error('host.json must say "version": "2.0".');
  const extensions = section(root, 'extensions');
  const timeout = root['functionTimeout'];
  return {
    functionTimeoutMs: timeout === '-1' ? Infinity : timeSpan(timeout, '00:30:00'),
    eventHubs: eventHubsSettings(section(extensions, 'eventHubs')),
    queues: queuesSettings(section(extensions, 'queues')),
    http: { routePrefix: text(section(extensions, 'http'), 'routePrefix', 'api') },
  };
}

function eventHubsSettings(of: Section): EventHubsSettings {
  const offset = text(section(of, 'initialOffsetOptions'), 'type', 'fromStart');
  if (!/^from(start|end)$/i.test(offset)) {
    throw new Error(`initialOffsetOptions.type ${offset} is not reproduced here.`);
  }
  const settings = {
    eventsMax: integer(of, 'maxEventBatchSize', 100),
    eventsMin: integer(of, 'minEventBatchSize', 1),
    waitMsMax: timeSpan(of['maxWaitTime'], '00:01:00'),
    checkpointBatches: integer(of, 'batchCheckpointFrequency', 1),
    prefetchEvents: integer(of, 'prefetchCount', 300),
    balanceMs: timeSpan(of['loadBalancingUpdateInterval'], '00:00:30'),
    ownershipMs: timeSpan(of['partitionOwnershipExpirationInterval'], '00:02:00'),
    fromStart: offset.toLowerCase() === 'fromstart',
  };
  if (settings.eventsMin > settings.eventsMax) {
    throw new Error('minEventBatchSize is over maxEventBatchSize.');
  }
  return settings;
}

function queuesSettings(of: Section): QueuesSettings {
  const messageEncoding = text(of, 'messageEncoding', 'base64').toLowerCase();
  if (messageEncoding !== 'base64' && messageEncoding !== 'none') {
    throw new Error(`There is no messageEncoding ${messageEncoding}.`);
  }
  return {
    batchMessages: integer(of, 'batchSize', 16),
    dequeuesMax: integer(of, 'maxDequeueCount', 5),
    pollingMsMax: timeSpan(of['maxPollingInterval'], '00:01:00'),
    hiddenMs: timeSpan(of['visibilityTimeout'], '00:00:00'),
    messageEncoding,
  };
}

function section(of: Section, name: string): Section {
  const value = of[name] ?? {};
  if (typeof value === 'object') return value as Section;
  throw new Error(`host.json: ${name} must be an object.`);
}

function integer(of: Section, name: string, otherwise: number): number {
  const value = of[name] ?? otherwise;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value;
  throw new Error(`host.json: ${name} must be an integer of at least 1.`);
}

function text(of: Section, name: string, otherwise: string): string {
  const value = of[name] ?? otherwise;
  if (typeof value === 'string') return value;
  throw new Error(`host.json: ${name} must be a text.`);
}

/** The milliseconds of `[days.]hours:minutes:seconds[.fraction]`. */
function timeSpan(value: unknown, otherwise: string): number {
  const found = /^(?:(\d+)\.)?(\d{1,2}):(\d{1,2}):(\d{1,2}(?:\.\d+)?)$/.exec(
    String(value ?? otherwise),
  );
  if (found === null) throw new Error(`host.json: ${value} is no time span such as 00:05:00.`);
  const [, days = '0', hours, minutes, seconds] = found;
  const wholeMinutes = (Number(days) * 24 + Number(hours)) * 60 + Number(minutes);
  return Math.round((wholeMinutes * 60 + Number(seconds)) * 1000);
}
