import type { StreamRecord } from '../../core/event.ts';
import type { MessageQueue } from '../../core/ports/message-queue.ts';
import type { StateStore } from '../../core/ports/state-store.ts';
import type { StreamReader } from '../../core/ports/stream-reader.ts';
import type { PipelineSet } from './pipeline-sets.ts';

/** A record as a test puts it into the stream, past the door of the app. */
export type RawRecord = Pick<StreamRecord, 'body' | 'arrival'>;

/** What a test starts an app with. */
export interface Scene {
  readonly pipelines: PipelineSet;
  readonly partitions: number;
}

/** A whole app that runs, on whatever host. */
export interface AppUnderTest {
  /** Sends a request to the app's HTTP interface, with what it takes to be let in. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /**
   * Puts records into a partition of the stream as they are, with the times at which they arrive. Those that the app
   * started with are called 0, 1, 2 … in the order of their keys' buckets, whatever their ids are.
   */
  put(partition: string, records: readonly RawRecord[]): Promise<void>;
  /** Lets the app do what it does once a minute. */
  maintain(): Promise<void>;
  /** The stream itself, to look at what it holds. */
  readonly stream: StreamReader;
  /** The store with the journals, to declare the end of the stream. */
  readonly store: StateStore;
  /** The queue that is the sink `results`. */
  readonly results: MessageQueue;
}

/** A host that tests start apps on. The suites in this folder run against any. */
export interface AppHost {
  readonly name: string;
  /** Starts what its apps share, such as emulators. */
  open(): Promise<void>;
  close(): Promise<void>;
  /** Starts an app of its own for the running test, which ends with the test. */
  start(scene: Scene): Promise<AppUnderTest>;
}
