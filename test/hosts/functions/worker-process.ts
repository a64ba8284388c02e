import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type {
  FunctionMetadata,
  InvocationRequest,
  InvocationResponse,
  ToHost,
  ToWorker,
} from './rpc.ts';

/** How a worker is started. */
export interface WorkerOptions {
  /** The module that registers the functions: TypeScript or a bundle. */
  readonly app: string;
  /** The app settings: the worker's environment. */
  readonly settings: Readonly<Record<string, string>>;
  readonly onLog: (functionName: string | null, level: string, message: string) => void;
}

interface InFlight {
  readonly functionName: string;
  readonly entered: () => void;
  readonly resolve: (response: InvocationResponse) => void;
  readonly reject: (error: Error) => void;
}

const terminateMs = 5_000;
/** What a worker inherits of the environment, beside the app settings. */
const inherited = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG'];

/** A running worker process. What is in flight when it ends, fails. */
export class WorkerProcess {
  readonly functions: readonly FunctionMetadata[];
  /** Where the worker takes HTTP requests itself, if the app enabled streams. */
  readonly httpUri: string | null;
  /** Resolves when the process is gone, with why. */
  readonly ended: Promise<string>;
  private readonly child: ChildProcess;
  private readonly inFlight: Map<string, InFlight>;
  private reason: string | null = null;

  /** Resolves when the app is loaded and all functions are registered. */
  static start(options: WorkerOptions): Promise<WorkerProcess> {
    const ours = inherited.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    });
    const env = { ...Object.fromEntries(ours), ...options.settings };
    const child = fork(join(import.meta.dirname, 'worker.ts'), [options.app], {
      ...{ env, execArgv: [], serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
      // Ctrl-C in a terminal reaches a whole group of processes; this one ends when the host says so.
      detached: true,
    });
    for (const [stream, level] of [
      [child.stdout!, 'information'],
      [child.stderr!, 'error'],
    ] as const) {
      stream.setEncoding('utf8').on('data', (text: string) => options.onLog(null, level, text));
    }
    return new Promise((resolve, reject) => {
      const inFlight = new Map<string, InFlight>();
      const ended = new Promise<string>((gone) => {
        child.once('exit', (code, signal) => gone(`The worker ended with ${code ?? signal}.`));
      });
      void ended.then((reason) => reject(new Error(reason)));
      child.on('message', (message: ToHost) => {
        if (message.kind === 'ready') {
          resolve(new WorkerProcess({ child, inFlight, ended, ...message }));
        } else if (message.kind === 'failed') {
          reject(new Error(`The app could not be loaded: ${message.message}`));
          child.kill('SIGKILL');
        } else hear(message, inFlight, options.onLog);
      });
    });
  }

  private constructor(parts: {
    readonly child: ChildProcess;
    readonly inFlight: Map<string, InFlight>;
    readonly ended: Promise<string>;
    readonly functions: readonly FunctionMetadata[];
    readonly httpUri: string | null;
  }) {
    this.child = parts.child;
    this.inFlight = parts.inFlight;
    this.functions = parts.functions;
    this.httpUri = parts.httpUri;
    this.ended = parts.ended.then((exit) => {
      const reason = this.reason ?? exit;
      for (const { reject } of parts.inFlight.values()) reject(new Error(reason));
      parts.inFlight.clear();
      return reason;
    });
  }

  /** Whether it takes no more. */
  get isEnding(): boolean {
    return this.reason !== null || !this.child.connected;
  }

  /** Runs a function. Rejects if it throws, and if the worker ends before it has answered. */
  invoke(request: InvocationRequest, entered: () => void = () => {}): Promise<InvocationResponse> {
    const { invocationId, functionName } = request;
    return new Promise((resolve, reject) => {
      if (this.isEnding) return reject(new Error(this.reason ?? 'The worker is gone.'));
      this.inFlight.set(invocationId, { functionName, entered, resolve, reject });
      this.send({ kind: 'invoke', request });
    });
  }

  /** Ends the process at once. */
  async kill(reason: string): Promise<void> {
    this.reason ??= reason;
    this.child.kill('SIGKILL');
    await this.ended;
  }

  /** Lets the app run its last hooks, then ends the process. */
  async terminate(): Promise<void> {
    this.reason ??= 'The host is stopping.';
    this.send({ kind: 'terminate' });
    const cut = setTimeout(() => this.child.kill('SIGKILL'), terminateMs);
    await this.ended;
    clearTimeout(cut);
  }

  private send(message: ToWorker): void {
    // A worker that is ending takes nothing more; what is in flight fails when it has ended.
    this.child.send(message, () => {});
  }
}

function hear(
  message: Exclude<ToHost, { kind: 'ready' | 'failed' }>,
  inFlight: Map<string, InFlight>,
  onLog: WorkerOptions['onLog'],
): void {
  const invocation = inFlight.get(message.invocationId ?? '');
  if (message.kind === 'log') {
    onLog(invocation?.functionName ?? null, message.level, message.message);
  } else if (message.kind === 'entered') {
    invocation?.entered();
  } else {
    inFlight.delete(message.invocationId);
    if (message.kind === 'succeeded') invocation?.resolve(message.response);
    else invocation?.reject(new Error(message.message));
  }
}
