import { Recorder } from '../recorder.ts';

/** What a host tells while it runs, for logs and for tests to wait for. */
export type HostEvent =
  | {
      readonly kind: 'log';
      readonly functionName: string | null;
      readonly level: string;
      readonly message: string;
    }
  | { readonly kind: 'worker'; readonly state: 'started' | 'ended'; readonly reason: string }
  | {
      readonly kind: 'invocation';
      readonly functionName: string;
      /** Of a hub; null for other triggers. */
      readonly partition: string | null;
      /** From 1. */
      readonly attempt: number;
      /** Why it failed; null if it succeeded. */
      readonly error: string | null;
      readonly durationMs: number;
    }
  | {
      readonly kind: 'retry';
      readonly functionName: string;
      readonly failures: number;
      readonly delayMs: number;
    }
  | {
      readonly kind: 'checkpoint';
      readonly functionName: string;
      readonly partition: string;
      readonly sequenceNumber: number;
      /** False: it was lost, by an injected fault. */
      readonly written: boolean;
    }
  | {
      readonly kind: 'ownership';
      readonly functionName: string;
      readonly partition: string;
      readonly state: 'claimed' | 'lost' | 'relinquished';
    }
  | { readonly kind: 'poison'; readonly queueName: string; readonly body: string }
  | { readonly kind: 'trouble'; readonly where: string; readonly message: string };

/** Takes the events of a host. */
export type OnHostEvent = (event: HostEvent) => void;

/** Keeps the events of a host, so that a test can wait for the one it needs. */
export class EventRecorder extends Recorder<HostEvent> {}
