import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { FunctionSettings } from './function-settings.ts';
import { type RuntimeAnswer, RuntimeApi, type RuntimeInvocation } from './runtime-api.ts';

/** How a sandbox is started. */
export interface SandboxOptions {
  readonly functionName: string;
  readonly settings: FunctionSettings;
  readonly region: string;
  /** Takes the lines that the function writes. */
  readonly onLog: (message: string) => void;
}

/** What a sandbox inherits of the environment of the host. */
const inherited = ['PATH', 'HOME', 'TMPDIR'];

/** One sandbox: a process with the runtime and a function in it, for one invocation at a time. */
export class Sandbox {
  /** Resolves when the process is gone, with why. */
  readonly ended: Promise<string>;
  private readonly child: ChildProcess;
  private readonly api: RuntimeApi;
  private reason: string | null = null;
  /** What the runtime told of a handler that it could not load. */
  private initError: Buffer | null = null;
  private onIdle: () => void = () => {};

  static async start(options: SandboxOptions): Promise<Sandbox> {
    const sandbox: { current: Sandbox | null } = { current: null };
    const { freezes } = options.settings;
    const api = await RuntimeApi.start({
      onInitError: (payload) => {
        if (sandbox.current !== null) sandbox.current.initError = payload;
      },
      onIdle: () => {
        if (freezes) sandbox.current?.child.kill('SIGSTOP');
        sandbox.current?.onIdle();
      },
    });
    sandbox.current = new Sandbox(options, api);
    return sandbox.current;
  }

  private constructor(options: SandboxOptions, api: RuntimeApi) {
    this.api = api;
    this.child = spawn(process.execPath, [join(import.meta.dirname, 'bootstrap.ts')], {
      env: environment(options, api.address),
      cwd: options.settings.taskRoot,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Ctrl-C in a terminal reaches a whole group of processes; this one ends when the host says so.
      detached: true,
    });
    for (const input of [this.child.stdout!, this.child.stderr!]) {
      tellLines(input, options.onLog);
    }
    const exit = new Promise<string>((resolve) => {
      this.child.once('close', (code, signal) => resolve(exitText(code, signal)));
    });
    this.ended = exit.then(async (text) => {
      await this.api.stop();
      return this.reason ?? text;
    });
  }

  /** Whether it takes no more. */
  get isEnding(): boolean {
    return this.reason !== null || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /**
   * Resolves with the runtime's answer, or with the error of a sandbox that has ended before; but not until the
   * runtime asks for more or is gone: what nobody handles can end it right after its answer.
   */
  async invoke(invocation: RuntimeInvocation): Promise<RuntimeAnswer> {
    const gone = this.ended.then((reason) => this.lastWords(invocation.requestId, reason));
    if (this.isEnding) return gone;
    const idle = Promise.withResolvers<void>();
    this.onIdle = idle.resolve;
    this.child.kill('SIGCONT');
    const answer = await Promise.race([this.api.invoke(invocation), gone]);
    // Whoever ended it has decided before a quick function could answer.
    if (this.reason !== null) return gone;
    await Promise.race([idle.promise, this.ended]);
    return answer;
  }

  /** Ends the process at once. */
  async kill(reason: string): Promise<void> {
    this.reason ??= reason;
    this.child.kill('SIGKILL');
    await this.ended;
  }

  private lastWords(requestId: string, reason: string): RuntimeAnswer {
    if (this.initError !== null) return { payload: this.initError, isError: true };
    const isTimeout = reason.startsWith(timedOut);
    const errorType = isTimeout ? 'Sandbox.Timedout' : 'Runtime.ExitError';
    const errorMessage = `RequestId: ${requestId} Error: ${reason}`;
    return { payload: Buffer.from(JSON.stringify({ errorType, errorMessage })), isError: true };
  }
}

/** How the reason begins for which a sandbox is ended whose function took too long. */
export const timedOut = 'Task timed out after';

/** A line ends where it says so: a carriage return belongs to it. */
function tellLines(output: Readable, onLine: (line: string) => void): void {
  let rest = '';
  output.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  output.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}

function exitText(code: number | null, signal: string | null): string {
  const how = code === null ? `signal: ${signal}` : `exit status ${code}`;
  return `Runtime exited with error: ${how}`;
}

function environment({ functionName, settings, region }: SandboxOptions, runtimeApi: string) {
  const ours = inherited.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return {
    ...Object.fromEntries(ours),
    ...{ LANG: 'en_US.UTF-8', TZ: ':UTC' },
    ...settings.environment,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    _HANDLER: settings.handler,
    LAMBDA_TASK_ROOT: settings.taskRoot,
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.memoryMegabytes),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    ...{ AWS_REGION: region, AWS_DEFAULT_REGION: region },
    // Of the function's role: who looks at the signature of a request knows which function sent it.
    AWS_ACCESS_KEY_ID: functionName,
    ...{ AWS_SECRET_ACCESS_KEY: 'local', AWS_SESSION_TOKEN: 'local' },
  };
}
