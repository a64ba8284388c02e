/** How a function is set up, as a stack says it. */
export interface FunctionSettings {
  /** The folder of the code: `LAMBDA_TASK_ROOT`. */
  readonly taskRoot: string;
  /** `main.process`: the export `process` of `main.mjs`. */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  /** The most invocations at the same time: reserved concurrency. */
  readonly concurrency: number;
  /** Whether a sandbox stands still between invocations, as the real one does. */
  readonly freezes: boolean;
}

/** What a function is set up with that a stack leaves out. */
export const functionDefaults = {
  environment: {},
  timeoutSeconds: 3,
  memoryMegabytes: 128,
  concurrency: 1_000,
  freezes: false,
} as const;
