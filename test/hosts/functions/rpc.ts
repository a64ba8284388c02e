/** A value on its way between host and worker: exactly one member is set. */
export interface TypedData {
  readonly string?: string;
  readonly json?: string;
  readonly bytes?: Uint8Array;
  readonly int?: number;
  readonly double?: number;
  readonly http?: RpcHttp;
  readonly collectionBytes?: { readonly bytes: readonly Uint8Array[] };
  readonly collectionString?: { readonly string: readonly string[] };
  readonly collectionSint64?: { readonly sint64: readonly unknown[] };
}

/** A request or a response. */
export interface RpcHttp {
  readonly method?: string;
  readonly url?: string;
  readonly nullableHeaders?: Readonly<Record<string, { readonly value: string }>>;
  readonly nullableQuery?: Readonly<Record<string, { readonly value: string }>>;
  readonly nullableParams?: Readonly<Record<string, { readonly value: string }>>;
  readonly body?: TypedData;
  readonly statusCode?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly unknown[];
}

/** What a function was registered with: `bindings` by name, the trigger among them. */
export interface FunctionMetadata {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly retryOptions?: RetryOptions;
}

/** A trigger, an input or an output, with the options it was registered with. */
export interface Binding {
  readonly type: string;
  readonly direction: string;
  readonly dataType?: 'binary' | 'string';
  readonly [option: string]: unknown;
}

/** How often a failed function is run again; -1: for ever. */
type RetryLimit = Readonly<Record<'maxRetryCount', number>>;

/** A function's retry policy. */
export interface RetryOptions extends RetryLimit {
  readonly retryStrategy: 'fixedDelay' | 'exponentialBackoff';
  readonly delayInterval?: Duration;
  readonly minimumInterval?: Duration;
  readonly maximumInterval?: Duration;
}

interface Duration {
  readonly seconds: number;
}

/** One call of a function. */
export interface InvocationRequest {
  readonly invocationId: string;
  readonly functionName: string;
  readonly inputData: readonly { readonly name: string; readonly data: TypedData }[];
  readonly triggerMetadata: Readonly<Record<string, TypedData>>;
  readonly retryContext?: RetryContext;
}

/** Given from the second attempt on. */
export interface RetryContext extends RetryLimit {
  readonly retryCount: number;
  readonly exception: { readonly message: string };
}

/** What a call that succeeded gives back. */
export interface InvocationResponse {
  readonly returnValue?: TypedData | null;
  readonly outputData?: readonly { readonly name: string; readonly data: TypedData }[];
}

/** From the host to the worker. */
export type ToWorker =
  | { readonly kind: 'invoke'; readonly request: InvocationRequest }
  | { readonly kind: 'terminate' };

/** From the worker to the host. */
export type ToHost =
  | {
      readonly kind: 'ready';
      readonly functions: readonly FunctionMetadata[];
      readonly httpUri: string | null;
    }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'entered'; readonly invocationId: string }
  | {
      readonly kind: 'succeeded';
      readonly invocationId: string;
      readonly response: InvocationResponse;
    }
  | { readonly kind: 'threw'; readonly invocationId: string; readonly message: string }
  | {
      readonly kind: 'log';
      readonly invocationId: string | null;
      readonly level: string;
      readonly message: string;
    };
