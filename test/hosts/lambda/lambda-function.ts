import { randomUUID } from 'node:crypto';
import type { PendingFaults } from '../pending-faults.ts';
import type { FunctionSettings } from './function-settings.ts';
import type { OnLambdaEvent } from './lambda-events.ts';
import type { InvocationFaultKind, LambdaFaultKind } from './lambda-faults.ts';
import { type OnStream, payloadBytesMax, type RuntimeAnswer } from './runtime-api.ts';
import { Sandbox, timedOut } from './sandbox.ts';

/** What a function is made of. */
export interface LambdaFunctionOptions {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  readonly settings: FunctionSettings;
  readonly faults: PendingFaults<LambdaFaultKind>;
  readonly onEvent: OnLambdaEvent;
}

/** What a caller gets: what the function gave, or, with a function error, why it gave nothing. */
export interface InvocationResult {
  readonly requestId: string;
  readonly payload: Buffer;
  readonly functionError: 'Unhandled' | null;
}

/** How a function is invoked. */
export interface InvokeOptions {
  /** The shard that the event comes from. */
  readonly partition?: string;
  /** Takes an answer that is streamed; without it such an answer is collected. */
  readonly onStream?: OnStream;
}

/** The service could not run a function, or its answer was lost. */
export class InvokeError extends Error {
  override readonly name = 'InvokeError';
  readonly code: 'throttled' | 'unavailable' | 'too-large';

  constructor(code: InvokeError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

const kinds: readonly InvocationFaultKind[] = [
  ...(['fail-before', 'fail-after', 'time-out', 'kill', 'lose-response'] as const),
];
const initMsMax = 60_000;
let sandboxes = 0;

/** A function and its sandboxes: one invocation in each at a time, kept warm, replaced when they end. */
export class LambdaFunction {
  readonly name: string;
  readonly arn: string;
  private readonly options: LambdaFunctionOptions;
  private readonly idle: Sandbox[] = [];
  private readonly all = new Set<Sandbox>();
  private running = 0;

  constructor(options: LambdaFunctionOptions) {
    this.options = options;
    this.name = options.name;
    this.arn = options.arn;
  }

  /** @throws InvokeError, when the function was not run or its answer is not known. */
  async invoke(event: unknown, options: InvokeOptions = {}): Promise<InvocationResult> {
    const { partition = null } = options;
    const { onEvent } = this.options;
    const requestId = randomUUID();
    const startedAt = performance.now();
    const tell = (error: string | null) => {
      const durationMs = performance.now() - startedAt;
      onEvent({
        ...{ kind: 'invocation', functionName: this.name, requestId, partition },
        error,
        durationMs,
      });
    };
    try {
      const { payload, isError } = await this.run(requestId, event, options);
      tell(isError ? errorText(payload) : null);
      return { requestId, payload, functionError: isError ? 'Unhandled' : null };
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  /** How many sandboxes there are. */
  get sandboxes(): number {
    return this.all.size;
  }

  /** Ends all sandboxes at once, and with them the invocations under way. */
  async killSandboxes(reason: string): Promise<void> {
    await Promise.all([...this.all].map((sandbox) => sandbox.kill(reason)));
  }

  private async run(
    requestId: string,
    event: unknown,
    { partition, onStream }: InvokeOptions,
  ): Promise<RuntimeAnswer> {
    const { settings, faults } = this.options;
    if (this.running >= settings.concurrency) {
      throw new InvokeError('throttled', 'Rate Exceeded.');
    }
    const payload = JSON.stringify(event ?? null);
    if (Buffer.byteLength(payload) > payloadBytesMax) {
      throw new InvokeError('too-large', `The event is larger than ${payloadBytesMax} bytes.`);
    }
    const fault = faults.take(kinds, this.name, partition ?? null);
    if (fault !== null) this.tellFault(fault, partition);
    if (fault === 'fail-before') throw new InvokeError('unavailable', 'Injected: fail-before.');
    this.running += 1;
    try {
      const answer = await this.runIn(
        await this.sandbox(),
        { requestId, payload, onStream },
        fault,
      );
      if (fault === 'lose-response')
        throw new InvokeError('unavailable', 'Injected: lose-response.');
      return fault === 'fail-after' ? injected(fault) : answer;
    } finally {
      this.running -= 1;
    }
  }

  private async runIn(
    sandbox: Sandbox,
    request: {
      readonly requestId: string;
      readonly payload: string;
      readonly onStream: OnStream | undefined;
    },
    fault: InvocationFaultKind | null,
  ): Promise<RuntimeAnswer> {
    const { timeoutSeconds } = this.options.settings;
    const late = `${timedOut} ${timeoutSeconds.toFixed(2)} seconds`;
    const timeoutMs = timeoutSeconds * 1_000;
    // What a sandbox takes to begin is not the function's time.
    let timer = setTimeout(() => void sandbox.kill(late), initMsMax);
    try {
      return await sandbox.invoke({
        ...request,
        functionArn: this.arn,
        timeoutMs,
        entered: () => {
          clearTimeout(timer);
          timer = setTimeout(() => void sandbox.kill(late), timeoutMs);
          if (fault === 'time-out') void sandbox.kill(late);
          if (fault === 'kill') void sandbox.kill('Injected: the sandbox was killed.');
        },
      });
    } finally {
      clearTimeout(timer);
      if (!sandbox.isEnding) this.idle.push(sandbox);
    }
  }

  /** A warm one, or a new one. */
  private async sandbox(): Promise<Sandbox> {
    for (let warm = this.idle.pop(); warm !== undefined; warm = this.idle.pop()) {
      if (!warm.isEnding) return warm;
    }
    const { name: functionName, settings, region, onEvent } = this.options;
    sandboxes += 1;
    const sandboxId = sandboxes;
    const onLog = (message: string) => onEvent({ kind: 'log', functionName, sandboxId, message });
    const sandbox = await Sandbox.start({ functionName, settings, region, onLog });
    this.all.add(sandbox);
    const common = { kind: 'sandbox', functionName, sandboxId } as const;
    onEvent({ ...common, state: 'started', reason: '' });
    void sandbox.ended.then((reason) => {
      this.all.delete(sandbox);
      onEvent({ ...common, state: 'ended', reason });
    });
    return sandbox;
  }

  private tellFault(fault: LambdaFaultKind, partition: string | undefined): void {
    const { name: functionName, onEvent } = this.options;
    onEvent({ kind: 'fault', fault, functionName, partition: partition ?? null });
  }
}

function injected(fault: string): RuntimeAnswer {
  const error = { errorType: 'Error', errorMessage: `Injected: ${fault}.` };
  return { payload: Buffer.from(JSON.stringify(error)), isError: true };
}

function errorText(payload: Buffer): string {
  const { errorType, errorMessage } = JSON.parse(payload.toString());
  return `${errorType}: ${errorMessage}`;
}
