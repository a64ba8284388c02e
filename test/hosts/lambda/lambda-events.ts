import { Recorder } from '../recorder.ts';
import type { LambdaFaultKind } from './lambda-faults.ts';

/** What a Lambda host tells while it runs, for logs and for tests to wait for. `partition` is the id of a shard. */
export type LambdaEvent =
  | {
      /** One line that a function wrote. */
      readonly kind: 'log';
      readonly functionName: string;
      readonly sandboxId: number;
      readonly message: string;
    }
  | {
      readonly kind: 'sandbox';
      readonly functionName: string;
      readonly sandboxId: number;
      readonly state: 'started' | 'ended';
      /** Why it ended. */
      readonly reason: string;
    }
  | {
      readonly kind: 'invocation';
      readonly functionName: string;
      readonly requestId: string;
      /** Of a stream; null for other sources. */
      readonly partition: string | null;
      /** The error as its caller sees it; null if the function succeeded. */
      readonly error: string | null;
      readonly durationMs: number;
    }
  | {
      readonly kind: 'fault';
      readonly fault: LambdaFaultKind;
      readonly functionName: string;
      readonly partition: string | null;
    }
  | {
      /** A batch is to be delivered again, whole or what is left of it. */
      readonly kind: 'retry';
      readonly functionName: string;
      readonly partition: string;
      readonly failures: number;
      readonly delayMs: number;
    }
  | {
      /** All up to here is done: processed, or given up. */
      readonly kind: 'checkpoint';
      readonly functionName: string;
      readonly partition: string;
      readonly sequenceNumber: string;
    }
  | {
      /** Records were given up, and their destination, if there is one, was told. */
      readonly kind: 'discarded';
      readonly functionName: string;
      readonly partition: string;
      readonly condition: string;
      readonly records: number;
    }
  | {
      readonly kind: 'shard';
      readonly functionName: string;
      readonly partition: string;
      /** Ended: closed, drained and processed. */
      readonly state: 'started' | 'ended';
    }
  | { readonly kind: 'trouble'; readonly where: string; readonly message: string };

/** Takes the events of a host. */
export type OnLambdaEvent = (event: LambdaEvent) => void;

/** Keeps the events of a host, so that a test can wait for the one it needs. */
export class LambdaRecorder extends Recorder<LambdaEvent> {}
