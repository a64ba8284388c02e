/** The part of aws-lambda-stream and Highland that the benchmark uses; neither has types of its own. */

declare module 'highland' {
  export interface Stream<T> {
    filter(keep: (one: T) => boolean): Stream<T>;
    map<U>(change: (one: T) => U): Stream<U>;
    flatMap<U>(change: (one: T) => Stream<U>): Stream<U>;
    group(key: (one: T) => string): Stream<Record<string, T[]>>;
    parallel(atOnce: number): T extends Stream<infer U> ? Stream<U> : never;
    tap(look: (one: T) => void): Stream<T>;
    through<R>(steps: (stream: Stream<T>) => R): R;
  }
  const streamOf: <T>(promise: Promise<T>) => Stream<T>;
  export default streamOf;
}

declare module 'aws-lambda-stream' {
  import type { KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda';
  import type { Stream } from 'highland';

  /** A unit of work. */
  export interface Uow {
    readonly record: KinesisStreamRecord;
    readonly event: Readonly<Record<string, unknown>>;
  }
  export type Steps<T, U> = (stream: Stream<T>) => Stream<U>;
  export type Pipeline = (options: object) => Steps<Uow, unknown>;

  export const defaultOptions: object;
  export function fromKinesis(event: KinesisStreamEvent): Stream<Uow>;
  export function initialize(
    pipelines: Readonly<Record<string, Pipeline>>,
    options: object,
  ): { readonly assemble: (head: Stream<Uow>) => Stream<unknown> };
  export function toPromise(stream: Stream<unknown>): Promise<unknown>;
  export function faulty<T, U>(change: (uow: T) => U): (uow: T) => U;
  export function rejectWithFault(uow: object): (error: unknown) => Promise<never>;
  export function toGroupUows<T>(
    groups: Record<string, T[]>,
  ): Stream<{ readonly batch: readonly T[] }>;
  export function updateDynamoDB<T>(options: {
    readonly tableName: string;
    readonly parallel: number;
    readonly timeout: number;
  }): Steps<T, T>;
}

declare module 'aws-lambda-stream/connectors/dynamodb' {
  class Connector {
    constructor(options: {
      readonly debug: (...args: readonly unknown[]) => void;
      readonly tableName: string;
      readonly timeout: number;
    });
    put(request: object): Promise<unknown>;
  }
  // What Node makes of a module of CommonJS whose export is called `default`.
  const connectors: { readonly default: typeof Connector };
  export default connectors;
}
