import type { Random } from '../../../testing/simulation/random.ts';
import type { Fault as CallFault } from '../../emulators/faulty-proxy.ts';
import type { Fault as KinesisFault } from '../../emulators/kinesis/operations.ts';
import type { LambdaFaultKind } from '../../hosts/lambda/lambda-faults.ts';
import type { StormFault } from '../storm.ts';
import type { AwsApp } from './aws-app-under-test.ts';
import type { AwsHost } from './aws-host.ts';
import type { ServiceCall } from './watched-services.ts';

const json = { 'content-type': 'application/x-amz-json-1.0' };

/** What DynamoDB and Kinesis say of too many requests. */
const throttled = (name: string): CallFault => ({
  status: 400,
  headers: json,
  body: JSON.stringify({ __type: name, message: 'Rate exceeded, as a test wants it.' }),
});

/** What the services say when they can't. */
const unavailable: CallFault = {
  status: 500,
  headers: json,
  body: JSON.stringify({ __type: 'InternalServerError', message: 'As a test wants it.' }),
};

/** What S3 says of too many requests. */
const slowDown: CallFault = {
  status: 503,
  headers: { 'content-type': 'application/xml' },
  body: '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Reduce.</Message></Error>',
};

/** A fault that waits for its request. */
interface Prepared<Fault, Request> {
  readonly name: string;
  readonly fault: Fault;
  readonly strikes: (request: Request) => boolean;
}

type IsStruck = (call: ServiceCall) => boolean;

const to =
  (...actions: readonly string[]): IsStruck =>
  ({ action }) =>
    actions.some((start) => action.startsWith(start));

/** Of a batch, or of whatever else `process` is asked. */
const kinds: readonly LambdaFaultKind[] = [
  ...(['fail-before', 'fail-after', 'time-out', 'kill', 'lose-response'] as const),
  ...(['duplicate', 'two-owners'] as const),
];

/** The faults of a storm over AWS, and what they did. */
export class AwsFaults {
  readonly all: readonly StormFault[];
  private readonly hits: Record<string, number> = {};
  private readonly host: AwsHost;
  private readonly app: AwsApp;
  private calls: Prepared<CallFault, ServiceCall>[] = [];
  private puts: Prepared<KinesisFault, null>[] = [];
  private readonly injected: LambdaFaultKind[] = [];

  constructor(host: AwsHost, app: AwsApp) {
    this.host = host;
    this.app = app;
    app.onCall = (call) => this.next(this.calls, call);
    host.stage.kinesis.onRequest = (operation) =>
      operation === 'PutRecords' ? this.next(this.puts, null) : null;
    this.all = [
      ...this.ofTheStore(),
      ...this.ofTheObjects(),
      ...this.ofTheStream(),
      ...this.ofLambda(),
      ...this.ofTheShards(),
    ];
  }

  /** How often what was prepared has come about. */
  cameAbout(): Record<string, number> {
    const told = this.app.events.of('fault').map(({ fault }) => `invocation: ${fault}`);
    const counts = { ...this.hits };
    for (const name of told) counts[name] = (counts[name] ?? 0) + 1;
    return counts;
  }

  /** What was prepared and has not come about. */
  readonly waiting = (): string[] => {
    const told = this.app.events.of('fault').map(({ fault }): string => fault);
    const left = this.injected.filter((kind) => {
      const index = told.indexOf(kind);
      if (index >= 0) told.splice(index, 1);
      return index < 0;
    });
    return [...[...this.calls, ...this.puts].map(({ name }) => name), ...left];
  };

  /** Ends what is still to come. */
  readonly heal = (): void => {
    this.calls = [];
    this.puts = [];
  };

  private ofTheStore(): StormFault[] {
    const writes = to('dynamodb:PutItem');
    return [
      this.prepared('store: answer to a write lost', 'cut', 3, writes),
      this.prepared('store: connection reset', 'reset', 3, to('dynamodb:')),
      this.prepared(
        'store: throttled',
        throttled('ProvisionedThroughputExceededException'),
        6,
        to('dynamodb:'),
      ),
      this.prepared('store: unavailable', unavailable, 3, to('dynamodb:')),
    ];
  }

  private ofTheObjects(): StormFault[] {
    return [
      this.prepared('objects: answer to a put lost', 'cut', 1, to('s3:PutObject')),
      this.prepared('objects: connection reset', 'reset', 1, to('s3:PutObject')),
      this.prepared('objects: slow down', slowDown, 2, to('s3:')),
      this.prepared('notices: connection reset', 'reset', 1, to('sqs:SendMessage')),
    ];
  }

  private ofTheStream(): StormFault[] {
    const puts = (name: string, fault: KinesisFault, times: number): StormFault => ({
      name,
      strike: () => {
        this.puts.push(...Array(times).fill({ name, fault, strikes: () => true }));
      },
    });
    const { kinesis } = this.host.stage;
    const tooOften = throttled('LimitExceededException');
    const isRead = to('kinesis:Get', 'kinesis:List');
    const reads = this.prepared('stream: reads throttled', tooOften, 2, isRead);
    const everyOther = (index: number) =>
      index % 2 === 0 ? 'ProvisionedThroughputExceededException' : null;
    return [
      puts('send: some records refused', { failedRecord: everyOther }, 2),
      puts('send: stored, answer lost', { isAnswerLost: true }, 1),
      puts('send: throttled', { error: 'ProvisionedThroughputExceededException' }, 3),
      {
        ...reads,
        // While all goes well, maintenance alone reads the stream.
        strike: (random) => {
          void reads.strike(random);
          return this.maintain();
        },
      },
      { name: 'stream: connections dropped', strike: () => kinesis.dropConnections() },
      {
        name: 'stream: away',
        strike: async () => {
          await kinesis.stop();
          await kinesis.start();
        },
      },
    ];
  }

  private ofLambda(): StormFault[] {
    const { host: lambda, records } = this.app.running;
    return [
      ...kinds.map((kind) => ({
        name: `invocation: ${kind}`,
        strike: () => {
          // Two owners meet at a number of the journal now and then.
          for (let times = kind === 'two-owners' ? 8 : 1; times > 0; times -= 1) {
            this.injected.push(kind);
            lambda.inject({ kind, functionName: 'process' });
          }
        },
      })),
      { name: 'sandboxes: killed', strike: () => lambda.killSandboxes() },
      {
        name: 'mapping: another owner',
        strike: async (random) => {
          const { id } = random.pick([...(await this.app.stream.partitions())]);
          const from = random.pick(['TRIM_HORIZON', 'checkpoint'] as const);
          await records.secondOwner(id, from);
        },
      },
      { name: 'maintenance', strike: () => this.maintain() },
    ];
  }

  private ofTheShards(): StormFault[] {
    const { shards } = this.app;
    return [
      {
        name: 'shard: split',
        strike: async (random) => shards.split(random.pick([...(await shards.open())])),
      },
      { name: 'shards: merged', strike: (random) => this.merge(random) },
    ];
  }

  /** Whatever comes of it. */
  private async maintain(): Promise<void> {
    await this.app.running.clock.fire().catch(() => {});
  }

  private async merge(random: Random): Promise<void> {
    const open = await this.app.shards.open();
    const index = random.int(0, open.length - 2);
    await this.app.shards.merge(open[index]!, open[index + 1]!);
  }

  private prepared(name: string, fault: CallFault, times: number, strikes: IsStruck): StormFault {
    const strike = () => {
      this.calls.push(...Array(times).fill({ name, fault, strikes }));
    };
    return { name, strike };
  }

  private next<F, R>(faults: Prepared<F, R>[], request: R): F | null {
    const index = faults.findIndex(({ strikes }) => strikes(request));
    if (index < 0) return null;
    const [{ name, fault }] = faults.splice(index, 1) as [Prepared<F, R>];
    this.hits[name] = (this.hits[name] ?? 0) + 1;
    return fault;
  }
}
