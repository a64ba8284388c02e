import { PutRecordCommand } from '@aws-sdk/client-kinesis';
import { expect } from 'vitest';
import { DynamoDbStateStore } from '../../../adapters/aws/dynamodb-state-store.ts';
import { KinesisStreamReader } from '../../../adapters/aws/kinesis-stream-reader.ts';
import { SqsMessageQueue } from '../../../adapters/aws/sqs-message-queue.ts';
import { MemoryTelemetry } from '../../../adapters/memory/memory-telemetry.ts';
import type { MessageQueue } from '../../../core/ports/message-queue.ts';
import type { StateStore } from '../../../core/ports/state-store.ts';
import type { StreamReader } from '../../../core/ports/stream-reader.ts';
import type { FunctionName } from '../../../infra/aws/rights.ts';
import { called } from '../../aws/expected-actions.ts';
import { rightOf, type Settings } from '../../aws/recorded-actions.ts';
import { type AwsApp as RunningApp, startAwsApp } from '../../hosts/aws-app.ts';
import type { AwsPlaces, AwsStage } from '../../hosts/aws-stage.ts';
import { LambdaRecorder } from '../../hosts/lambda/lambda-events.ts';
import type { MappingProperties } from '../../hosts/lambda/mapping-settings.ts';
import type { FunctionOptions } from '../../hosts/lambda-host.ts';
import { realWait, type Wait } from '../../hosts/wait.ts';
import type { AppUnderTest, RawRecord } from '../app-under-test.ts';
import { Shards } from './shards.ts';
import { type OnCall, type ServiceCall, WatchedServices } from './watched-services.ts';

/** What an app is made of. */
export interface AwsAppOptions {
  readonly stage: AwsStage;
  readonly places: AwsPlaces;
  /** The folder of the bundle. */
  readonly taskRoot: string;
  readonly settings: Readonly<Record<string, string>>;
  /** From now on it is this time for the stream. */
  readonly arriving: (arrival: number) => void;
}

/** How an app is started. */
export interface StartOptions {
  /** Of the simulation's zoo. Any test can be seen failing: `APP_BUG=ids-not-inherited npx vitest …`. */
  readonly bug?: string;
  /** Of the mapping of the stream, instead of what the template says. */
  readonly mapping?: Partial<MappingProperties>;
  /** Of all functions, instead of what the template says. */
  readonly functions?: Partial<FunctionOptions>;
}

const waitMsMax = 200;
const pollMs = 50;

/** Retries and polls come soon. */
const soon: Wait = (ms, signal) => realWait(Math.min(ms, waitMsMax), signal);

/**
 * An AWS app under test. Lambda has as many sandboxes of each function as it likes, so there are no instances to
 * choose from: a second owner of a shard is a matter of the mapping.
 */
export class AwsApp implements AppUnderTest {
  readonly store: StateStore;
  readonly stream: StreamReader;
  readonly results: MessageQueue;
  readonly shards: Shards;
  readonly places: AwsPlaces;
  /** What the host tells. */
  readonly events = new LambdaRecorder();
  /** What the functions asked of AWS, as rights, by function. */
  readonly rights = new Map<string, Set<string>>();
  /** What goes wrong with a call of the app to a service. */
  onCall: OnCall = () => null;
  private readonly options: AwsAppOptions;
  private started: { readonly running: RunningApp; readonly services: WatchedServices } | null =
    null;

  constructor(options: AwsAppOptions) {
    const { clients } = options.stage;
    this.options = options;
    this.places = options.places;
    const { STATE_TABLE = '', STREAM = '', SINK_RESULTS = '' } = options.places.settings;
    this.results = new SqsMessageQueue(clients.sqs, SINK_RESULTS.replace('queue:', ''));
    this.store = new DynamoDbStateStore(clients.dynamoDb, STATE_TABLE, new MemoryTelemetry());
    this.stream = new KinesisStreamReader(clients.kinesis, STREAM);
    this.shards = new Shards(clients.kinesis, STREAM);
  }

  /** Starts it, after a `stop` again, with mappings that know nothing. */
  async start(options: StartOptions = {}): Promise<void> {
    const { bug = process.env['APP_BUG'], mapping = {}, functions = {} } = options;
    const { stage, places, taskRoot, settings } = this.options;
    const services = await WatchedServices.start(stage, places, (call) => this.watch(call));
    const code =
      bug === undefined ? { taskRoot } : { taskRoot: import.meta.dirname, module: 'app-with-bug' };
    const running = await startAwsApp(stage, places, {
      ...code,
      settings: { ...settings, ...services.settings, ...(bug && { BUG: bug }) },
      // The time of the stream is that of the test: a record's age, and a window, would be measured by another.
      mapping: { MaximumRecordAgeInSeconds: -1, MaximumBatchingWindowInSeconds: 0, ...mapping },
      functions,
      host: { pollMs, wait: soon, onEvent: this.events.onEvent },
    });
    this.started = { running, services };
  }

  /** The app as it runs: its host, its mappings, its schedule. */
  get running(): RunningApp {
    if (this.started === null) throw new Error('The app is not started.');
    return this.started.running;
  }

  request(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.running.url + path, init);
  }

  async put(partition: string, records: readonly RawRecord[]): Promise<void> {
    const { STREAM: StreamName } = this.places.settings;
    const ExplicitHashKey = await this.shards.hashKeyOf(partition);
    for (const { arrival, body } of records) {
      this.options.arriving(arrival);
      const record = { PartitionKey: partition, ExplicitHashKey, Data: body };
      await this.options.stage.clients.kinesis.send(
        new PutRecordCommand({ StreamName, ...record }),
      );
    }
  }

  async maintain(): Promise<void> {
    const { functionError, payload } = await this.running.clock.fire();
    if (functionError !== null) throw new Error(payload.toString());
  }

  async stop(): Promise<void> {
    const { started } = this;
    this.started = null;
    await started?.running.stop();
    await started?.services.close();
    for (const [by, rights] of this.rights) {
      expect([by, rights.difference(new Set(called[by as FunctionName]))]).toEqual([by, new Set()]);
    }
  }

  /** Takes note of what the app may do, before anything goes wrong with it. */
  private watch(call: ServiceCall): ReturnType<OnCall> {
    const rights = this.rights.get(call.by) ?? new Set();
    this.rights.set(call.by, rights.add(rightOf(call, this.places.settings as Settings)));
    return this.onCall(call);
  }
}
