import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { FailureDestination } from './lambda/failure-destination.ts';
import { type FunctionSettings, functionDefaults } from './lambda/function-settings.ts';
import { FunctionUrl, type UrlProperties } from './lambda/function-url.ts';
import { KinesisMapping } from './lambda/kinesis-mapping.ts';
import type { OnLambdaEvent } from './lambda/lambda-events.ts';
import type { LambdaFault, LambdaFaultKind } from './lambda/lambda-faults.ts';
import { type InvocationResult, LambdaFunction } from './lambda/lambda-function.ts';
import {
  MappingError,
  type MappingProperties,
  mappingSettings,
} from './lambda/mapping-settings.ts';
import { QueueMapping } from './lambda/queue-mapping.ts';
import { Schedule } from './lambda/schedule.ts';
import type { KnownKeys } from './lambda/url-signature.ts';
import { PendingFaults } from './pending-faults.ts';
import { realWait, type Wait } from './wait.ts';

/** What a host is started with. */
export interface LambdaHostOptions {
  /** By name. What is left out has the defaults of the service. */
  readonly functions: Readonly<Record<string, FunctionOptions>>;
  /** For mappings of streams; over plain HTTP it needs the HTTP/1 handler. */
  readonly kinesis?: KinesisClient;
  /** For mappings of queues, and for queues as destinations. */
  readonly sqs?: SQSClient;
  /** For buckets as destinations. */
  readonly s3?: S3Client;
  /** Default `us-east-1`. */
  readonly region?: string;
  /** Default `000000000000`. */
  readonly account?: string;
  /** Who may call function URLs of type `AWS_IAM`. */
  readonly keys?: KnownKeys;
  /** How long mappings wait between polls that find nothing; default 1000, as the service. */
  readonly pollMs?: number;
  /** How the host waits between polls, for windows, retries and schedules; default in real time. */
  readonly wait?: Wait;
  /** The age of records, and windows, are measured by it; default Date.now. */
  readonly now?: () => number;
  /** Where logs, invocations, checkpoints and troubles are told. */
  readonly onEvent?: OnLambdaEvent;
}

/** A function, and its URL if it has one. */
export interface FunctionOptions extends Partial<FunctionSettings> {
  readonly taskRoot: string;
  readonly handler: string;
  readonly url?: UrlProperties;
  /** Of its URL; default 0: any that is free. */
  readonly port?: number;
}

/**
 * A stand-in for AWS Lambda: it runs handlers in sandboxes, processes of their own that talk the Runtime API, and does
 * what the service does with streams, queues, schedules and URLs. It is the service, not an instance of the app: what
 * a mapping has processed stays known when sandboxes end. Tests make things go wrong by `inject` and `killSandboxes`,
 * and by the mapping's `secondOwner`.
 */
export class LambdaHost {
  private readonly options: Required<Pick<LambdaHostOptions, 'region' | 'account'>> &
    LambdaHostOptions;
  private readonly faults = new PendingFaults<LambdaFaultKind>();
  private readonly functions = new Map<string, LambdaFunction>();
  private readonly urls = new Map<string, FunctionUrl>();
  private readonly schedules = new Map<string, Schedule>();
  private readonly mappings = new Map<string, KinesisMapping | QueueMapping>();

  /** Resolves when all URLs are open. Functions are loaded when they are first invoked. */
  static async start(options: LambdaHostOptions): Promise<LambdaHost> {
    const host = new LambdaHost(options);
    try {
      await Promise.all([...host.urls.values()].map((url) => url.start()));
      return host;
    } catch (error) {
      await host.kill();
      throw error;
    }
  }

  private constructor(options: LambdaHostOptions) {
    const { region = 'us-east-1', account = '000000000000', onEvent = () => {} } = options;
    this.options = { ...options, region, account };
    const { keys = {} } = options;
    for (const [name, { url: properties, port = 0, ...given }] of Object.entries(
      options.functions,
    )) {
      const settings = { ...functionDefaults, ...given };
      const arn = `arn:aws:lambda:${region}:${account}:function:${name}`;
      const target = new LambdaFunction({
        name,
        arn,
        region,
        settings,
        faults: this.faults,
        onEvent,
      });
      this.functions.set(name, target);
      if (properties === undefined) continue;
      const url = new FunctionUrl({ target, properties, region, account, keys, port, onEvent });
      this.urls.set(name, url);
    }
  }

  /** Maps a stream to a function. Resolves when nothing that is put into the stream from now on is missed. */
  async mapStream(properties: MappingProperties): Promise<KinesisMapping> {
    const { kinesis, sqs, s3, account } = this.options;
    const settings = mappingSettings(properties);
    const parts = this.mappingParts(properties, settings);
    const { destination: arn } = settings;
    const destination =
      arn === null ? null : new FailureDestination(arn, given(sqs, 'sqs'), given(s3, 's3'));
    const roleArn = `arn:aws:iam::${account}:role/lambda`;
    const mapping = new KinesisMapping({
      ...{ ...parts, kinesis: given(kinesis, 'kinesis'), destination, roleArn },
    });
    return this.startMapping(properties, mapping);
  }

  /** Maps a queue to a function. */
  async mapQueue(properties: MappingProperties): Promise<QueueMapping> {
    const parts = this.mappingParts(properties, mappingSettings(properties));
    return this.startMapping(
      properties,
      new QueueMapping({ ...parts, sqs: given(this.options.sqs, 'sqs') }),
    );
  }

  /** Gives a function a schedule: `rate(5 minutes)`. It fires by the clock only after its own `start`. */
  schedule(functionName: string, expression: string): Schedule {
    const { region, account, wait = realWait, now = Date.now } = this.options;
    const ruleArn = `arn:aws:events:${region}:${account}:rule/${functionName}`;
    const target = this.function(functionName);
    const schedule = new Schedule({ expression, ruleArn, target, now, wait });
    this.schedules.set(functionName, schedule);
    return schedule;
  }

  /** Invokes a function and waits for its answer. */
  invoke(functionName: string, event: unknown): Promise<InvocationResult> {
    return this.function(functionName).invoke(event);
  }

  /** The address of a function's URL, without a slash at its end. */
  url(functionName: string): string {
    return found(this.urls, functionName).url;
  }

  /** Makes the next invocation, or the next batch, go wrong. */
  inject(fault: LambdaFault): void {
    this.faults.inject(fault);
  }

  /** How many sandboxes a function has. */
  sandboxes(functionName: string): number {
    return this.function(functionName).sandboxes;
  }

  /** Ends the sandboxes of a function, or of all, at once, and with them the invocations under way. */
  async killSandboxes(functionName?: string): Promise<void> {
    const all =
      functionName === undefined ? [...this.functions.values()] : [this.function(functionName)];
    const reason = 'The sandbox was killed.';
    await Promise.all(all.map((each) => each.killSandboxes(reason)));
  }

  /** Finishes what is under way, then ends the sandboxes. */
  async stop(): Promise<void> {
    const all = [...this.mappings.values(), ...this.schedules.values(), ...this.urls.values()];
    await Promise.all(all.map((each) => each.stop()));
    await this.killSandboxes();
  }

  /** Ends everything at once. */
  async kill(): Promise<void> {
    const stopped = this.stop();
    await this.killSandboxes();
    await stopped;
  }

  private async startMapping<M extends KinesisMapping | QueueMapping>(
    { EventSourceArn, FunctionName }: MappingProperties,
    mapping: M,
  ): Promise<M> {
    const key = `${EventSourceArn} ${FunctionName}`;
    const other = this.mappings.get(key);
    if (other !== undefined) {
      throw new MappingError(
        'ResourceConflictException',
        conflictText(EventSourceArn, FunctionName, other),
      );
    }
    this.mappings.set(key, mapping);
    try {
      await mapping.start();
      return mapping;
    } catch (error) {
      this.mappings.delete(key);
      throw error;
    }
  }

  private mappingParts(
    properties: MappingProperties,
    settings: ReturnType<typeof mappingSettings>,
  ) {
    const { pollMs = 1_000, wait = realWait, now = Date.now, onEvent = () => {} } = this.options;
    const target = this.function(properties.FunctionName);
    return { settings, target, faults: this.faults, pollMs, now, wait, onEvent };
  }

  private function(name: string): LambdaFunction {
    return found(this.functions, name);
  }
}

function conflictText(
  sourceArn: string,
  functionName: string,
  { id }: { readonly id: string },
): string {
  const isQueue = sourceArn.split(':')[2] === 'sqs';
  const pair = `arn (" ${sourceArn} ") and function (" ${functionName} ")`;
  const what = isQueue
    ? `An event source mapping with SQS ${pair}`
    : `The event source ${pair} provided mapping`;
  return `${what} already exists. Please update or delete the existing mapping with UUID ${id}`;
}

function found<T>(all: ReadonlyMap<string, T>, functionName: string): T {
  const one = all.get(functionName);
  if (one === undefined) throw new Error(`There is no such function ${functionName}.`);
  return one;
}

function given<T>(client: T | undefined, name: string): T {
  if (client === undefined) throw new Error(`The host was started without ${name}.`);
  return client;
}
