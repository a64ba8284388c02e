import type { Clock } from '../../core/ports/clock.ts';
import type { MessageQueue } from '../../core/ports/message-queue.ts';
import type { ObjectStore } from '../../core/ports/object-store.ts';
import type { StateStore } from '../../core/ports/state-store.ts';
import type { Telemetry } from '../../core/ports/telemetry.ts';
import { awsSet } from './aws-set.ts';
import { azureBlobSet, azureSet } from './azure-set.ts';
import { localSet } from './local-set.ts';
import { memorySet } from './memory-set.ts';
import type { Stream } from './stream.contract.ts';
import type { Factory } from './subject.ts';

/** A way to make every port on one platform. A set without one of them does not compile. */
export interface AdapterSet {
  readonly stateStore: Factory<StateStore>;
  readonly objectStore: Factory<ObjectStore>;
  readonly messageQueue: Factory<MessageQueue>;
  /** EventPublisher and StreamReader over one new stream of 3 partitions. */
  readonly stream: Factory<Stream>;
  readonly clock: Factory<Clock>;
  readonly telemetry: Factory<Telemetry>;
}

/** All adapter sets; `<name>.test.ts` runs every contract for its own. */
export const adapterSets = {
  memory: memorySet,
  local: localSet,
  azure: azureSet,
  'azure-blob': azureBlobSet,
  aws: awsSet,
} satisfies Record<string, AdapterSet>;

const { messageQueue: _, ...withoutQueue } = memorySet;
// @ts-expect-error: a set that lacks a port must not compile.
withoutQueue satisfies AdapterSet;
