import { randomUUID } from 'node:crypto';
import {
  type CheckpointStore,
  EventHubConsumerClient,
  type ReceivedEventData,
} from '@azure/event-hubs';
import { BlobServiceClient } from '@azure/storage-blob';
import type { Wait } from '../wait.ts';
import type { AppSettings } from './app-settings.ts';
import { CheckpointBlobs, type Ownership } from './checkpoint-blobs.ts';
import type { SequenceNumberForm } from './event-hubs-payload.ts';
import type { FunctionRunner, Result } from './function-runner.ts';
import type { HostEvent, OnHostEvent } from './host-events.ts';
import type { EventHubsSettings } from './host-json.ts';
import { partitionToClaim } from './partition-balance.ts';
import { PartitionReader, type ReaderParts } from './partition-reader.ts';
import type { Binding } from './rpc.ts';

/** What a listener is made of. */
export interface EventHubsListenerOptions {
  readonly functionName: string;
  readonly binding: Binding;
  readonly appSettings: AppSettings;
  readonly settings: EventHubsSettings;
  readonly runner: FunctionRunner;
  readonly sequenceNumberForm: SequenceNumberForm;
  readonly wait: Wait;
  readonly random: () => number;
  readonly onEvent: OnHostEvent;
}

type OwnershipState = Extract<HostEvent, { kind: 'ownership' }>['state'];

const retryOptions = { maxRetries: 3, retryDelayInMs: 100, timeoutInMs: 10_000 };

/**
 * The Event Hubs trigger of one function: owns its share of the partitions and reads them with the official client,
 * at epoch 0, so that the last to open a partition takes it over, as between real hosts. That it has lost one it
 * sees when it looks at the owners (`balance`) or when it reads on; until then there are two owners.
 */
export class EventHubsListener {
  readonly checkpoints: CheckpointBlobs;
  private readonly options: EventHubsListenerOptions;
  private readonly ownerId = randomUUID();
  private readonly client: EventHubConsumerClient;
  private readonly parts: ReaderParts;
  private readonly createContainer: () => Promise<unknown>;
  private readonly owned = new Map<string, PartitionReader>();
  private readonly paused = new Map<string, PromiseWithResolvers<void>>();
  private readonly stopping = new AbortController();
  private turn: Promise<void> = Promise.resolve();

  constructor(options: EventHubsListenerOptions) {
    const { appSettings, binding, settings, functionName } = options;
    this.options = options;
    if (binding['cardinality'] !== 'many') {
      throw new Error(`${functionName}: only cardinality 'many' is reproduced here.`);
    }
    const consumerGroup = appSettings.resolve(binding['consumerGroup'] ?? '$Default');
    const connection = withHub(
      appSettings.connection(binding['connection']),
      appSettings.resolve(binding['eventHubName']),
    );
    const updateIntervalInMs = settings.balanceMs;
    this.client = new EventHubConsumerClient(consumerGroup, connection, this.startPositions(), {
      ...{ identifier: this.ownerId, retryOptions, loadBalancingOptions: { updateIntervalInMs } },
    });
    const storage = appSettings.connection('AzureWebJobsStorage');
    const blobs = BlobServiceClient.fromConnectionString(storage);
    const container = blobs.getContainerClient('azure-webjobs-eventhub');
    this.createContainer = () => container.createIfNotExists();
    const { fullyQualifiedNamespace: namespace, eventHubName: hub } = this.client;
    this.checkpoints = new CheckpointBlobs(container, namespace, hub, consumerGroup);
    this.parts = {
      ...options,
      ...{ client: this.client, checkpoints: this.checkpoints, consumerGroup },
      gate: async (partition) => this.paused.get(partition)?.promise,
      isOwner: async (partition) =>
        (await this.checkpoints.owners()).get(partition)?.ownerId === this.ownerId,
      onDisconnected: (partition) => this.inTurn(() => this.lose(partition)),
    };
  }

  /** Resolves when the first partitions are claimed. */
  async start(): Promise<void> {
    await this.createContainer();
    await this.balance();
    void this.balanceForEver();
  }

  /** Finishes the batches under way without a checkpoint, then lets others have the partitions. */
  async stop(): Promise<void> {
    await this.halt();
    await Promise.all([...this.owned.values()].map((reader) => reader.close('Shutdown')));
    for (const [partition, known] of await this.checkpoints.owners()) {
      if (known.ownerId !== this.ownerId) continue;
      await this.checkpoints.claim(partition, '', known);
      this.tell(partition, 'relinquished');
    }
    await this.client.close();
  }

  /** Ends at once, as a host that crashes: it gives nothing up and writes nothing more. */
  async kill(): Promise<void> {
    await this.halt();
    await this.client.close();
  }

  /** The partitions that this host owns, as far as it knows. */
  get partitions(): string[] {
    return [...this.owned.keys()].sort();
  }

  /** From now on the partition gets no further batch, until `resume`. */
  pause(partition: string): void {
    if (!this.paused.has(partition)) this.paused.set(partition, Promise.withResolvers<void>());
  }

  resume(partition: string): void {
    this.paused.get(partition)?.resolve();
    this.paused.delete(partition);
  }

  /** Gives events to the function as a batch of a partition that this host owns, paused or not; nothing is checkpointed. */
  async deliver(partition: string, events: readonly ReceivedEventData[]): Promise<Result> {
    const reader = this.owned.get(partition);
    if (reader === undefined) throw new Error(`This host does not own partition ${partition}.`);
    return reader.deliver(events);
  }

  /** Takes a partition from whoever owns it, without asking, and reads it from its checkpoint. */
  steal(partition: string): Promise<void> {
    return this.inTurn(async () => {
      if (this.owned.has(partition)) return;
      for (let claimed = false; !claimed; ) {
        const known = (await this.checkpoints.owners()).get(partition) ?? null;
        claimed = await this.checkpoints.claim(partition, this.ownerId, known);
      }
      await this.open(partition);
    });
  }

  /** One look at who owns what: partitions that others have taken are closed, missing ones are claimed. */
  balance(): Promise<void> {
    return this.inTurn(async () => {
      const partitions = await this.client.getPartitionIds();
      const known = await this.checkpoints.owners();
      for (const partition of this.partitions) {
        const ownership = known.get(partition) ?? null;
        const isMine = ownership?.ownerId === this.ownerId;
        const renewed =
          isMine && (await this.checkpoints.claim(partition, this.ownerId, ownership));
        if (!renewed) await this.lose(partition);
      }
      await this.claimShare(partitions, known);
    });
  }

  private async claimShare(
    partitions: readonly string[],
    known: ReadonlyMap<string, Ownership>,
  ): Promise<void> {
    const owners = new Map(partitions.map((each) => [each, this.ownerOf(each, known.get(each))]));
    while (!this.stopping.signal.aborted) {
      const partition = partitionToClaim(owners, this.ownerId, this.options.random);
      if (partition === null) return;
      const ownership = known.get(partition) ?? null;
      // Who was faster is seen at the next look.
      if (!(await this.checkpoints.claim(partition, this.ownerId, ownership))) return;
      owners.set(partition, this.ownerId);
      await this.open(partition);
    }
  }

  private ownerOf(partition: string, ownership: Ownership | undefined): string | null {
    if (this.owned.has(partition)) return this.ownerId;
    if (ownership === undefined || ownership.ownerId === '') return null;
    // What this host has let go of, it may claim again.
    if (ownership.ownerId === this.ownerId) return null;
    const ageMs = Date.now() - ownership.claimedAt;
    const isOver = ageMs > this.options.settings.ownershipMs;
    return isOver ? null : ownership.ownerId;
  }

  private async open(partition: string): Promise<void> {
    this.owned.set(partition, await PartitionReader.open(this.parts, partition));
    this.tell(partition, 'claimed');
  }

  private async lose(partition: string): Promise<void> {
    const reader = this.owned.get(partition);
    if (reader === undefined) return;
    this.owned.delete(partition);
    await reader.close('OwnershipLost');
    this.tell(partition, 'lost');
  }

  /** Nothing is checkpointed from now on, not even by a batch that ends at once. */
  private async halt(): Promise<void> {
    this.stopping.abort();
    for (const reader of this.owned.values()) reader.stop();
    await this.turn;
    // One may have been opened in that turn.
    for (const reader of this.owned.values()) reader.stop();
    for (const partition of [...this.paused.keys()]) this.resume(partition);
  }

  private async balanceForEver(): Promise<void> {
    const { wait, settings, functionName } = this.options;
    for (;;) {
      await wait(settings.balanceMs, this.stopping.signal);
      if (this.stopping.signal.aborted) return;
      await this.balance().catch((error: Error) => {
        const where = `${functionName}, balance`;
        this.options.onEvent({ kind: 'trouble', where, message: error.message });
      });
    }
  }

  /** Ownership changes one step at a time. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.turn.then(() => (this.stopping.signal.aborted ? undefined : work()));
    this.turn = done.catch(() => {});
    return done;
  }

  private tell(partition: string, state: OwnershipState): void {
    const { functionName } = this.options;
    this.options.onEvent({ kind: 'ownership', functionName, partition, state });
  }

  /** What the client asks of a checkpoint store when it reads single partitions: where to start. */
  private startPositions(): CheckpointStore {
    const never = () => Promise.reject(new Error('The listener claims partitions itself.'));
    return {
      listCheckpoints: async (fullyQualifiedNamespace, eventHubName, consumerGroup) => {
        const hub = { fullyQualifiedNamespace, eventHubName, consumerGroup };
        const checkpoints = await this.checkpoints.checkpoints();
        return [...checkpoints].map(([partitionId, each]) => ({ ...hub, partitionId, ...each }));
      },
      listOwnership: never,
      claimOwnership: never,
      updateCheckpoint: never,
    };
  }
}

/** The hub in the connection string counts, as in the extension; else the one in the registration. */
function withHub(connection: string, hub: string): string {
  return /(^|;)\s*EntityPath=/i.test(connection) ? connection : `${connection};EntityPath=${hub}`;
}
