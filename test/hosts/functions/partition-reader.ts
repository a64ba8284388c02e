import {
  type EventHubConsumerClient,
  earliestEventPosition,
  latestEventPosition,
  type MessagingError,
  type ReceivedEventData,
  type Subscription,
} from '@azure/event-hubs';
import type { Wait } from '../wait.ts';
import type { CheckpointBlobs } from './checkpoint-blobs.ts';
import { eventsInput, eventsMetadata, type SequenceNumberForm } from './event-hubs-payload.ts';
import type { FunctionRunner, Result } from './function-runner.ts';
import type { OnHostEvent } from './host-events.ts';
import type { EventHubsSettings } from './host-json.ts';
import { PartitionProcessor } from './partition-processor.ts';
import type { Binding } from './rpc.ts';

/** What all partitions of a function have in common. */
export interface ReaderParts {
  readonly functionName: string;
  readonly binding: Binding;
  readonly settings: EventHubsSettings;
  readonly runner: FunctionRunner;
  readonly client: EventHubConsumerClient;
  readonly checkpoints: CheckpointBlobs;
  readonly consumerGroup: string;
  readonly sequenceNumberForm: SequenceNumberForm;
  readonly wait: Wait;
  readonly onEvent: OnHostEvent;
  /** Resolves when the partition may get a batch. */
  readonly gate: (partition: string) => Promise<void>;
  readonly isOwner: (partition: string) => Promise<boolean>;
  /** Another host has the partition. */
  readonly onDisconnected: (partition: string) => Promise<void>;
}

/** Reads one partition from its checkpoint on and gives its events to the function, as long as it is open. */
export class PartitionReader {
  private readonly parts: ReaderParts;
  private readonly partition: string;
  private readonly processor: PartitionProcessor<ReceivedEventData>;
  private readonly subscription: Subscription;
  /** Resolves when no batch is under way. */
  private idle: Promise<void> = Promise.resolve();
  private isClosed = false;

  static async open(parts: ReaderParts, partition: string): Promise<PartitionReader> {
    const checkpoint = (await parts.checkpoints.checkpoints()).get(partition);
    return new PartitionReader(parts, partition, checkpoint?.writtenAt ?? null);
  }

  private constructor(parts: ReaderParts, partition: string, lastCheckpointAt: number | null) {
    const { settings, wait } = parts;
    this.parts = parts;
    this.partition = partition;
    this.processor = new PartitionProcessor<ReceivedEventData>({
      ...{ settings, wait, lastCheckpointAt, now: Date.now },
      execute: (events, cancelled) => this.execute(events, cancelled),
      checkpoint: (event) => this.checkpoint(event),
    });
    this.subscription = parts.client.subscribe(
      partition,
      {
        processEvents: async (events) => {
          if (events.length === 0) return;
          this.idle = this.processor.process(events);
          await this.idle;
          // This client would open a partition that was taken from it meanwhile once more, at the same epoch, and so
          // take it back. That of the real host does not.
          if (!(await parts.isOwner(partition))) await parts.onDisconnected(partition);
        },
        processError: async (error) => {
          // That another host has opened the partition is no trouble: it was meant to.
          const { code } = error as MessagingError;
          if (code !== 'ReceiverDisconnectedError') this.trouble(error);
        },
        processClose: async (reason) => {
          if (reason === 'OwnershipLost' && !this.isClosed) void parts.onDisconnected(partition);
        },
      },
      {
        maxBatchSize: settings.eventsMax,
        prefetchCount: settings.prefetchEvents,
        // After a lost connection this client reads on only once its wait is over; that of the real host does at once.
        maxWaitTimeInSeconds: 1,
        skipParsingBodyAsJson: true,
        startPosition: settings.fromStart ? earliestEventPosition : latestEventPosition,
      },
    );
  }

  /** From now on nothing is checkpointed. */
  stop(): void {
    this.processor.stop();
  }

  /** Reads no more. When the ownership is lost a batch under way goes on by itself, else it is waited for. */
  async close(reason: 'OwnershipLost' | 'Shutdown'): Promise<void> {
    this.isClosed = true;
    if (reason === 'OwnershipLost') await this.processor.close(reason);
    await this.subscription.close();
    if (reason === 'OwnershipLost') return;
    await this.idle;
    await this.processor.close(reason);
  }

  private async execute(
    events: readonly ReceivedEventData[],
    cancelled: AbortSignal,
  ): Promise<void> {
    await this.parts.gate(this.partition);
    if (!cancelled.aborted) await this.deliver(events, cancelled);
  }

  /** Gives events to the function. */
  deliver(events: readonly ReceivedEventData[], cancelled?: AbortSignal): Promise<Result> {
    const { functionName, binding, runner, client, consumerGroup, sequenceNumberForm } = this.parts;
    const { fullyQualifiedNamespace, eventHubName } = client;
    const context = {
      ...{ fullyQualifiedNamespace, eventHubName, consumerGroup },
      ...{ partitionId: this.partition, sequenceNumberForm },
    };
    const payload = () => ({
      input: eventsInput(events, binding),
      triggerMetadata: eventsMetadata(events, context),
    });
    const { partition } = this;
    return runner.call(functionName, payload, { partition, ...(cancelled && { cancelled }) });
  }

  private async checkpoint(event: ReceivedEventData): Promise<void> {
    const { functionName, checkpoints, runner, onEvent } = this.parts;
    const { partition } = this;
    const { sequenceNumber } = event;
    const isLost = runner.faults.take(['lose-checkpoint'], functionName, partition) !== null;
    try {
      if (!isLost) await checkpoints.writeCheckpoint(partition, event);
      onEvent({ kind: 'checkpoint', functionName, partition, sequenceNumber, written: !isLost });
    } catch (error) {
      this.trouble(error as Error);
    }
  }

  private trouble(error: Error): void {
    const where = `${this.parts.functionName}, partition ${this.partition}`;
    this.parts.onEvent({ kind: 'trouble', where, message: `${error.name}: ${error.message}` });
  }
}
