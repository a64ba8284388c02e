import { randomUUID } from 'node:crypto';
import { PendingFaults } from '../pending-faults.ts';
import type { Wait } from '../wait.ts';
import type { FaultKind } from './faults.ts';
import type { OnHostEvent } from './host-events.ts';
import { retryDelayMs } from './retry-policy.ts';
import type {
  FunctionMetadata,
  InvocationRequest,
  InvocationResponse,
  RetryContext,
  TypedData,
} from './rpc.ts';
import { WorkerProcess } from './worker-process.ts';

/** What a function is called with. */
export interface Payload {
  readonly input: TypedData;
  readonly triggerMetadata: Readonly<Record<string, TypedData>>;
}

/** What became of a call after its last attempt. */
export type Result =
  | { readonly response: InvocationResponse; readonly error: null }
  | { readonly response: null; readonly error: Error };

/** How a call is made. */
export interface CallOptions {
  /** Ends the retries; the function itself isn't told, as in the real host. */
  readonly cancelled?: AbortSignal;
  readonly partition?: string;
  readonly invocationId?: string;
}

/** What a runner is made of. */
export interface RunnerOptions {
  readonly app: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly functionTimeoutMs: number;
  /** Whether retry policies count. Without them every failure is the last. */
  readonly retries: boolean;
  readonly wait: Wait;
  readonly random: () => number;
  readonly onEvent: OnHostEvent;
}

const strikesInvocations: readonly FaultKind[] = ['fail-before', 'fail-after', 'time-out', 'kill'];

/** Runs functions in a worker, with time-outs and retry policies, and starts another worker when one has ended. */
export class FunctionRunner {
  readonly faults = new PendingFaults<FaultKind>();
  private readonly options: RunnerOptions;
  private current: Promise<WorkerProcess>;
  private functions = new Map<string, FunctionMetadata>();
  private stopping = false;

  constructor(options: RunnerOptions) {
    this.options = options;
    this.current = this.startWorker();
  }

  /** All functions that the app registered. Rejects if it can't be loaded. */
  async registered(): Promise<readonly FunctionMetadata[]> {
    const { functions } = await this.current;
    this.functions = new Map(functions.map((each) => [each.name, each]));
    return functions;
  }

  /** The worker that runs now. */
  async worker(): Promise<WorkerProcess> {
    for (;;) {
      // One that could not be started gets another chance with each call.
      this.current = this.current.catch(() => this.startWorker());
      const worker = await this.current;
      if (!worker.isEnding || this.stopping) return worker;
      await worker.ended;
    }
  }

  /** Calls a function until it succeeds or its retry policy is exhausted. A payload that throws is a binding error. */
  async call(
    functionName: string,
    payload: () => Payload,
    options: CallOptions = {},
  ): Promise<Result> {
    const { cancelled = new AbortController().signal } = options;
    const policy = this.options.retries
      ? this.functions.get(functionName)?.retryOptions
      : undefined;
    let retryContext: RetryContext | undefined;
    for (let attempt = 1; ; attempt += 1) {
      const error = await this.attempt(functionName, payload, options, attempt, retryContext);
      if (!(error instanceof Error)) return { response: error, error: null };
      const delayMs = retryDelayMs(policy, attempt, this.options.random);
      if (policy === undefined || delayMs === null) return { response: null, error };
      this.options.onEvent({ kind: 'retry', functionName, failures: attempt, delayMs });
      await this.options.wait(delayMs, cancelled);
      if (cancelled.aborted) return { response: null, error };
      const { maxRetryCount } = policy;
      const exception = { message: error.message };
      retryContext = { retryCount: attempt, maxRetryCount, exception };
    }
  }

  /** Ends the worker at once, and with it all that is in flight. */
  async killWorker(reason: string): Promise<void> {
    const worker = await this.current.catch(() => null);
    await worker?.kill(reason);
  }

  /** Lets the worker end in peace. */
  async stop(): Promise<void> {
    this.stopping = true;
    const worker = await this.current.catch(() => null);
    await worker?.terminate();
  }

  /** Ends the worker at once and starts no other. */
  async kill(): Promise<void> {
    this.stopping = true;
    await this.killWorker('The host was killed.');
  }

  private async startWorker(): Promise<WorkerProcess> {
    const { app, settings, onEvent } = this.options;
    const onLog = (functionName: string | null, level: string, message: string) =>
      onEvent({ kind: 'log', functionName, level, message });
    const worker = await WorkerProcess.start({ app, settings, onLog });
    onEvent({ kind: 'worker', state: 'started', reason: '' });
    void worker.ended.then((reason) => {
      onEvent({ kind: 'worker', state: 'ended', reason });
      if (this.stopping) return;
      this.current = this.startWorker();
      this.current.catch((error: Error) =>
        onEvent({ kind: 'trouble', where: 'worker', message: error.message }),
      );
    });
    return worker;
  }

  /** One attempt: the response, or why there is none. */
  private async attempt(
    functionName: string,
    payload: () => Payload,
    options: CallOptions,
    attempt: number,
    retryContext: RetryContext | undefined,
  ): Promise<InvocationResponse | Error> {
    const partition = options.partition ?? null;
    const fault = this.faults.take(strikesInvocations, functionName, partition);
    const startedAt = performance.now();
    const outcome = await this.invoke(
      () => ({
        invocationId: options.invocationId ?? randomUUID(),
        functionName,
        ...this.inputs(functionName, payload()),
        ...(retryContext === undefined ? {} : { retryContext }),
      }),
      fault,
    ).catch((error: Error) => error);
    this.options.onEvent({
      ...{ kind: 'invocation', functionName, partition, attempt },
      error: outcome instanceof Error ? outcome.message : null,
      durationMs: performance.now() - startedAt,
    });
    return outcome;
  }

  private async invoke(
    bind: () => InvocationRequest,
    fault: FaultKind | null,
  ): Promise<InvocationResponse> {
    if (fault === 'fail-before') throw new Error('Injected: a failure before the function.');
    const request = bind();
    const worker = await this.worker();
    const { functionTimeoutMs } = this.options;
    const timedOut = `Timeout value of ${functionTimeoutMs} ms exceeded by ${request.functionName}.`;
    const timer = Number.isFinite(functionTimeoutMs)
      ? setTimeout(() => void worker.kill(timedOut), functionTimeoutMs)
      : undefined;
    try {
      const response = await worker.invoke(request, () => {
        if (fault === 'time-out') void worker.kill(timedOut);
        if (fault === 'kill') void worker.kill('Injected: the worker was killed.');
      });
      if (fault !== null) throw new Error(`Injected: ${fault}.`);
      return response;
    } finally {
      clearTimeout(timer);
    }
  }

  private inputs(functionName: string, { input, triggerMetadata }: Payload) {
    const bindings = this.functions.get(functionName)?.bindings ?? {};
    const trigger = Object.entries(bindings).find(([, { type }]) => /trigger$/i.test(type));
    if (trigger === undefined) throw new Error(`There is no function ${functionName}.`);
    return { inputData: [{ name: trigger[0], data: input }], triggerMetadata };
  }
}
