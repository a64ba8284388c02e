import { randomUUID } from 'node:crypto';
import { type KinesisClient, ListShardsCommand, type Shard } from '@aws-sdk/client-kinesis';
import type { FailureDestination } from './failure-destination.ts';
import type { ShardRecord } from './kinesis-event.ts';
import type { DeliveryFaultKind } from './lambda-faults.ts';
import type { InvocationResult } from './lambda-function.ts';
import type { MappingParts, MappingState } from './mapping-parts.ts';
import { MappingError } from './mapping-settings.ts';
import { isOpen, shardsToBegin } from './shard-lineage.ts';
import { ShardProcessor } from './shard-processor.ts';
import { ShardReader, type StartPosition } from './shard-reader.ts';

/** What a mapping of a stream is made of. */
export interface KinesisMappingParts extends MappingParts {
  /** For plain HTTP it needs the HTTP/1 handler. */
  readonly kinesis: KinesisClient;
  readonly destination: FailureDestination | null;
  /** The role of the function, as records name it. */
  readonly roleArn: string;
}

const deliveryFaults: readonly DeliveryFaultKind[] = ['duplicate', 'two-owners'];

/**
 * The event source mapping of a stream: one processor per shard, children after their parents. It remembers how far
 * each shard is processed, as the service does, whatever becomes of sandboxes; `stop` and `start` go on from there.
 */
export class KinesisMapping {
  readonly id: string = randomUUID();
  private readonly parts: KinesisMappingParts;
  private readonly begun = new Set<string>();
  private readonly done = new Set<string>();
  private readonly sequenceNumbers = new Map<string, string>();
  private readonly running = new Set<Promise<void>>();
  private stopping = new AbortController();
  private stateNow: MappingState = 'Creating';
  private lastResult = 'No records processed';

  constructor(parts: KinesisMappingParts) {
    this.parts = parts;
  }

  get state(): MappingState {
    return this.stateNow;
  }

  /** How the last delivery ended, in the words of the service. */
  get lastProcessingResult(): string {
    return this.lastResult;
  }

  /** The last sequence number that is done, by shard. */
  get checkpoints(): ReadonlyMap<string, string> {
    return this.sequenceNumbers;
  }

  /** Resolves when all shards are being read: from then on nothing that is put into them is missed. */
  async start(): Promise<void> {
    const { settings } = this.parts;
    this.stopping = new AbortController();
    const shards = await this.shards();
    if (this.stateNow === 'Creating' && settings.startingPosition === 'LATEST') {
      for (const shard of shards.filter((each) => !isOpen(each))) {
        this.begun.add(shard.ShardId!);
        this.done.add(shard.ShardId!);
      }
    }
    const { startingPosition: type, startingTimestamp } = settings;
    const start: StartPosition =
      type === 'AT_TIMESTAMP' ? { type, timestamp: startingTimestamp! } : { type };
    await this.begin(shards, start);
    this.stateNow = 'Enabled';
  }

  /** Finishes the invocations under way; what has failed is not retried. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.running);
    for (const shard of this.begun) if (!this.done.has(shard)) this.begun.delete(shard);
    this.stateNow = 'Disabled';
  }

  /**
   * Processes a shard a second time, beside the mapping, from its oldest record or from its checkpoint, as an owner
   * does that does not know of another. It resolves when it has caught up, and is told of no checkpoint.
   */
  async secondOwner(shard: string, from: 'TRIM_HORIZON' | 'checkpoint'): Promise<void> {
    const sequenceNumber = this.sequenceNumbers.get(shard);
    const start: StartPosition =
      from === 'checkpoint' && sequenceNumber !== undefined
        ? { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber }
        : { type: 'TRIM_HORIZON' };
    const unheard = { checkpoint: () => {}, discard: async () => {}, endsWhenCaughtUp: true };
    await new ShardProcessor({ ...this.processorParts(shard, start), ...unheard }).run();
  }

  private async shards(): Promise<Shard[]> {
    const { kinesis, settings } = this.parts;
    const shards: Shard[] = [];
    try {
      for (let NextToken: string | undefined; ; ) {
        const request = NextToken === undefined ? { StreamARN: settings.sourceArn } : { NextToken };
        const page = await kinesis.send(new ListShardsCommand(request));
        shards.push(...(page.Shards ?? []));
        NextToken = page.NextToken;
        if (NextToken === undefined) return shards;
      }
    } catch (error) {
      if ((error as Error).name !== 'ResourceNotFoundException') throw error;
      const text = `Stream not found: ${settings.sourceArn}`;
      throw new MappingError('InvalidParameterValueException', text);
    }
  }

  private async begin(shards: readonly Shard[], start: StartPosition): Promise<void> {
    const ready = shardsToBegin(shards, this.begun, this.done);
    await Promise.all(
      ready.map(async (shard) => {
        this.begun.add(shard);
        const sequenceNumber = this.sequenceNumbers.get(shard);
        const at: StartPosition =
          sequenceNumber === undefined ? start : { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber };
        const parts = this.processorParts(shard, at);
        await parts.reader.open();
        const work = this.process(shard, new ShardProcessor(parts));
        this.running.add(work);
        void work.then(() => this.running.delete(work));
      }),
    );
  }

  private async process(shard: string, processor: ShardProcessor): Promise<void> {
    const { onEvent, target, pollMs, wait } = this.parts;
    const common = { functionName: target.name, partition: shard };
    onEvent({ kind: 'shard', ...common, state: 'started' });
    const isDone = await processor.run();
    if (!isDone) return;
    this.done.add(shard);
    onEvent({ kind: 'shard', ...common, state: 'ended' });
    const { signal } = this.stopping;
    for (let begun = false; !begun && !signal.aborted; ) {
      begun = await this.beginChildren().catch((error) => this.trouble(shard, String(error)));
      if (!begun) await wait(pollMs, signal);
    }
  }

  private async beginChildren(): Promise<true> {
    await this.begin(await this.shards(), { type: 'TRIM_HORIZON' });
    return true;
  }

  private processorParts(shard: string, start: StartPosition) {
    const { parts } = this;
    const { settings, target, kinesis, roleArn, onEvent, destination } = parts;
    const common = { functionName: target.name, partition: shard };
    const source = { shard, sourceArn: settings.sourceArn, roleArn };
    const from = {
      ...{ functionArn: target.arn, mappingId: this.id, streamArn: settings.sourceArn, shard },
    };
    return {
      ...{ settings, now: parts.now, wait: parts.wait, pollMs: parts.pollMs },
      reader: new ShardReader(kinesis, source, start),
      stopping: this.stopping.signal,
      invoke: (records: readonly ShardRecord[]) => this.deliver(shard, records),
      checkpoint: ({ event }: ShardRecord) => {
        const { sequenceNumber } = event.kinesis;
        this.sequenceNumbers.set(shard, sequenceNumber);
        onEvent({ kind: 'checkpoint', ...common, sequenceNumber });
      },
      discard: async (discarded: Parameters<FailureDestination['tell']>[0]) => {
        const { condition, records } = discarded;
        await destination
          ?.tell(discarded, from, parts.now())
          .catch((error) => this.trouble(shard, `destination: ${error}`));
        onEvent({ kind: 'discarded', ...common, condition, records: records.length });
      },
      onRetry: (failures: number, delayMs: number) =>
        onEvent({ kind: 'retry', ...common, failures, delayMs }),
      onTrouble: (message: string) => void this.trouble(shard, message),
    };
  }

  private async deliver(shard: string, records: readonly ShardRecord[]): Promise<InvocationResult> {
    const { target, faults, onEvent } = this.parts;
    const event = { Records: records.map((record) => record.event) };
    const invoke = () => target.invoke(event, { partition: shard });
    const fault = faults.take(deliveryFaults, target.name, shard);
    if (fault !== null) {
      onEvent({ kind: 'fault', fault, functionName: target.name, partition: shard });
    }
    const second = fault === 'two-owners' ? invoke().catch(() => {}) : undefined;
    try {
      const result = await invoke();
      this.lastResult = result.functionError === null ? 'OK' : 'PROBLEM: Function call failed';
      if (fault === 'duplicate' && result.functionError === null) await invoke().catch(() => {});
      return result;
    } finally {
      await second;
    }
  }

  private trouble(shard: string, message: string): false {
    const where = `${this.parts.target.name}, ${shard}`;
    this.parts.onEvent({ kind: 'trouble', where, message });
    return false;
  }
}
