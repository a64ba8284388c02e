import type { IncomingMessage } from 'node:http';
import { expect, vi } from 'vitest';
import type { Random } from '../../../testing/simulation/random.ts';
import { serverBusy } from '../../emulators/event-hubs/conditions.ts';
import type { Send, SendFault } from '../../emulators/event-hubs/publishing.ts';
import type { Fault as ProxyFault } from '../../emulators/faulty-proxy.ts';
import type { WrittenCheckpoint } from '../../hosts/functions/checkpoint-blobs.ts';
import type { FaultKind } from '../../hosts/functions/faults.ts';
import type { EventRecorder } from '../../hosts/functions/host-events.ts';
import type { StormFault } from '../storm.ts';
import type { AzureApp, Instance, InstanceOptions } from './azure-app-under-test.ts';
import type { AzureHost, StateStoreKind } from './azure-host.ts';

const trigger = 'process';
const soon = { timeout: 60_000, interval: 50 };

const common = { eventHubs: { maxEventBatchSize: 5, batchCheckpointFrequency: 3 } };

/** How instances in a storm are started: the host of the first one moves on after every failure. */
export const stormInstances: readonly InstanceOptions[] = [{ ...common, retries: false }, common];

/** What the state store says of too many requests. */
const throttled: Readonly<Record<StateStoreKind, ProxyFault>> = {
  cosmos: {
    status: 429,
    headers: { 'x-ms-substatus': '3200', 'x-ms-retry-after-ms': '20' },
    body: JSON.stringify({ code: '429', message: 'Request rate is large.' }),
  },
  blob: {
    status: 503,
    headers: { 'content-type': 'application/xml', 'x-ms-error-code': 'ServerBusy' },
    body: '<?xml version="1.0"?><Error><Code>ServerBusy</Code></Error>',
  },
};

/** A fault that waits for its request. */
interface Prepared<Fault, Request> {
  readonly name: string;
  readonly fault: Fault;
  readonly strikes: (request: Request) => boolean;
}

/** Cosmos DB queries by POST as well. */
const isWrite = ({ method, headers }: IncomingMessage): boolean =>
  method === 'PUT' || (method === 'POST' && headers['x-ms-documentdb-isquery'] === undefined);

/** How the host tells that an injected fault has struck. */
const signs: Readonly<Record<FaultKind, string>> = {
  'fail-before': 'Injected: a failure before',
  'fail-after': 'Injected: fail-after',
  'time-out': 'Timeout value',
  kill: 'Injected: the worker was killed',
  'lose-checkpoint': 'lost',
};

function strikesOf(events: EventRecorder, kind: FaultKind): number {
  const told = [
    ...events.of('invocation').map(({ error }) => error ?? ''),
    ...events.of('checkpoint').map(({ written }) => (written ? '' : 'lost')),
  ];
  return told.filter((event) => event.startsWith(signs[kind])).length;
}

/** The faults of a storm over Azure, and what they did. */
export class AzureFaults {
  private readonly hits: Record<string, number> = {};
  readonly all: readonly StormFault[];
  private readonly host: AzureHost;
  private readonly app: AzureApp;
  private sendFaults: Prepared<SendFault, Send>[] = [];
  private storeFaults: Prepared<ProxyFault, IncomingMessage>[] = [];
  private readonly injected: (readonly [EventRecorder, FaultKind])[] = [];
  private earliest: ReadonlyMap<string, WrittenCheckpoint> = new Map();

  constructor(host: AzureHost, app: AzureApp) {
    this.host = host;
    this.app = app;
    host.onSend = (send) => this.next(this.sendFaults, send);
    app.onStoreRequest = (request) => this.next(this.storeFaults, request);
    this.all = [...this.ofTheHub(), ...this.ofTheStore(host.stateStore), ...this.ofTheHost()];
  }

  /** How often what was prepared has come about; an instance that crashes takes what was prepared for it along. */
  cameAbout(): Record<string, number> {
    const injected = (Object.keys(signs) as FaultKind[]).map((kind) => {
      const struck = this.app.told.reduce((sum, events) => sum + strikesOf(events, kind), 0);
      return [`invocation: ${kind}`, struck] as const;
    });
    return { ...this.hits, ...Object.fromEntries(injected) };
  }

  /** What was prepared and has not come about. */
  readonly waiting = (): string[] => {
    const living = this.app.instances.map(({ events }) => events);
    const left = this.injected.filter(([events, kind]) => {
      return living.includes(events) && strikesOf(events, kind) === 0;
    });
    const prepared = [...this.sendFaults, ...this.storeFaults].map(({ name }) => name);
    return [...prepared, ...left.map(([, kind]) => kind)];
  };

  /** Ends what is still to come. */
  readonly heal = (): void => {
    this.sendFaults = [];
    this.storeFaults = [];
  };

  private ofTheHub(): StormFault[] {
    const { eventHubs } = this.host.stage;
    const sends = (name: string, fault: SendFault, times: number): StormFault => ({
      name,
      strike: () => {
        const prepared = { name, fault, strikes: ({ hub }: Send) => hub === this.app.name };
        this.sendFaults.push(...Array(times).fill(prepared));
      },
    });
    return [
      sends('send: stored, connection cut', 'cut', 1),
      sends('send: stored, never acknowledged', 'withhold', 1),
      sends('send: server busy', { reject: serverBusy }, 3),
      { name: 'hub: connections dropped', strike: () => eventHubs.dropConnections() },
      {
        name: 'hub: restarted',
        strike: async () => {
          await eventHubs.stop();
          await eventHubs.start();
        },
      },
    ];
  }

  private ofTheStore(kind: StateStoreKind): StormFault[] {
    const requests = (
      name: string,
      fault: ProxyFault,
      times: number,
      strikes: (request: IncomingMessage) => boolean = () => true,
    ): StormFault => ({
      name,
      strike: () => {
        this.storeFaults.push(...Array(times).fill({ name, fault, strikes }));
      },
    });
    return [
      requests('store: answer to a write lost', 'cut', 3, isWrite),
      requests('store: connection reset', 'reset', 3),
      requests('store: throttled', throttled[kind], 6),
    ];
  }

  private ofTheHost(): StormFault[] {
    const injected = (kind: FaultKind): StormFault => ({
      name: `invocation: ${kind}`,
      strike: (random) => {
        const owners = this.app.instances.filter(({ host }) => host.hub(trigger).partitions.length);
        const { host, events } = random.pick(owners);
        this.injected.push([events, kind]);
        host.inject({ kind, functionName: trigger });
      },
    });
    return [
      ...(Object.keys(signs) as FaultKind[]).map(injected),
      { name: 'worker: killed', strike: (random) => this.pick(random).host.killWorker() },
      { name: 'instance: crashed', strike: (random) => this.crash(random) },
      { name: 'partition: stolen', strike: (random) => this.steal(random) },
      { name: 'partition: stale checkpoint', strike: (random) => this.forget(random) },
      { name: 'maintenance', strike: (random) => this.maintain(random) },
    ];
  }

  /** Whatever comes of it. */
  private async maintain(random: Random): Promise<void> {
    await this.pick(random).host.fireTimer('maintain');
  }

  private pick(random: Random): Instance {
    return random.pick(this.app.instances);
  }

  private async crash(random: Random): Promise<void> {
    const index = random.int(0, this.app.instances.length - 1);
    const { partitions } = this.app.instances[index]!.host.hub(trigger);
    await this.app.replace(index, stormInstances[index]!);
    // As when the ownership of the one that crashed is over.
    const { host } = this.app.instances[index]!;
    for (const partition of partitions) await host.hub(trigger).steal(partition);
  }

  private async steal(random: Random): Promise<void> {
    const [thief, victim] = random.chance(0.5) ? [0, 1] : [1, 0];
    const { partitions } = this.app.instances[victim]!.host.hub(trigger);
    if (partitions.length === 0) return;
    await this.app.instances[thief]!.host.hub(trigger).steal(random.pick(partitions));
    this.hit('partition: stolen');
  }

  /** A checkpoint of long ago comes back, and whoever takes the partition reads all of it again. */
  private async forget(random: Random): Promise<void> {
    const { checkpoints } = this.app.first.host.hub(trigger);
    await vi.waitFor(async () => {
      if (this.earliest.size === 0) this.earliest = await checkpoints.checkpoints();
      expect(this.earliest.size).toBeGreaterThan(0);
    }, soon);
    const [partition, checkpoint] = random.pick([...this.earliest]);
    await checkpoints.writeCheckpoint(partition, checkpoint);
    for (const { host } of this.app.instances) await host.hub(trigger).steal(partition);
  }

  private next<F, R>(faults: Prepared<F, R>[], request: R): F | null {
    if (faults[0]?.strikes(request) !== true) return null;
    const { name, fault } = faults.shift()!;
    this.hit(name);
    return fault;
  }

  private hit(name: string): void {
    this.hits[name] = (this.hits[name] ?? 0) + 1;
  }
}
