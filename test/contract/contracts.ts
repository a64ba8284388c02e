import type { AdapterSet } from './adapter-sets.ts';
import { clockContract } from './clock.contract.ts';
import { messageQueueContract } from './message-queue.contract.ts';
import { objectStoreContract } from './object-store.contract.ts';
import { queueSink, resultSinkContract, streamSink } from './result-sink.contract.ts';
import { stateStoreContract } from './state-store.contract.ts';
import { streamContract } from './stream.contract.ts';
import { telemetryContract } from './telemetry.contract.ts';

/** Runs the contract of every port for one set of adapters. */
export function runContracts(set: AdapterSet): void {
  stateStoreContract(set.stateStore);
  objectStoreContract(set.objectStore);
  messageQueueContract(set.messageQueue);
  streamContract(set.stream);
  resultSinkContract('queue', queueSink(set.messageQueue));
  resultSinkContract('stream', streamSink(set.stream));
  clockContract(set.clock);
  telemetryContract(set.telemetry);
}
