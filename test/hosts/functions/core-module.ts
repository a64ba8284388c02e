import { Module } from 'node:module';
import type { FunctionMetadata, InvocationRequest, InvocationResponse } from './rpc.ts';

/** A function as the app registered it. */
export interface Registered {
  readonly metadata: FunctionMetadata;
  readonly callback: unknown;
}

/** The part of `@azure/functions` that runs an invocation, as it hands itself over. */
export interface ProgrammingModel {
  getInvocationModel(context: CoreInvocationContext): InvocationModel;
  getCapabilities(capabilities: Record<string, string>): Promise<Record<string, string>>;
}

/** One invocation: the steps in the order in which they run. */
export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: unknown): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<InvocationResponse>;
}

/** What the programming model is told of an invocation. */
export interface CoreInvocationContext {
  readonly invocationId: string;
  readonly request: InvocationRequest;
  readonly metadata: FunctionMetadata;
  state?: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks' | undefined;
  log(level: string, category: string, message: string): void;
}

type Hook = (context: object) => unknown;

/** Where logs of the library go. */
export type Log = (level: string, message: string) => void;

/**
 * The stand-in for the module `@azure/functions-core`, which exists only inside the real worker: it keeps what
 * the app registers.
 */
export class CoreModule {
  readonly functions = new Map<string, Registered>();
  private readonly log: Log;
  private readonly hooks = new Map<string, Hook[]>();
  private model: ProgrammingModel | null = null;

  constructor(log: Log) {
    this.log = log;
  }

  /** From now on `require('@azure/functions-core')` gives the stand-in. Comes before the app is loaded. */
  install(): void {
    const exports = this.exports();
    const original = Module.prototype.require;
    Module.prototype.require = function (this: Module, id: string) {
      return id === '@azure/functions-core' ? exports : original.call(this, id);
    } as typeof original;
  }

  get programmingModel(): ProgrammingModel {
    if (this.model === null) throw new Error('The app registered no function.');
    return this.model;
  }

  /** Runs the hooks of a name one after the other, as they were registered. */
  async runHooks(name: string, context: object): Promise<void> {
    for (const hook of this.hooks.get(name) ?? []) await hook(context);
  }

  private exports() {
    return {
      version: '3.9.1',
      hostVersion: '4.1000.0.0',
      registerFunction: (metadata: FunctionMetadata, callback: unknown) => {
        if (this.functions.has(metadata.name)) {
          throw new Error(`A function with name "${metadata.name}" is already registered.`);
        }
        this.functions.set(metadata.name, { metadata, callback });
        return new Disposable(() => this.functions.delete(metadata.name));
      },
      registerHook: (name: string, hook: Hook) => {
        this.hooks.set(name, [...(this.hooks.get(name) ?? []), hook]);
        return new Disposable(() => {
          const rest = this.hooks.get(name)!.filter((each) => each !== hook);
          this.hooks.set(name, rest);
        });
      },
      setProgrammingModel: (model: ProgrammingModel) => {
        this.model = model;
      },
      getProgrammingModel: () => this.programmingModel,
      log: (level: string, _category: string, message: string) => this.log(level, message),
      Disposable,
    };
  }
}

/** Calls back once when it is disposed of. */
class Disposable {
  private callback: (() => unknown) | null;

  constructor(callback: () => unknown) {
    this.callback = callback;
  }

  dispose(): void {
    this.callback?.();
    this.callback = null;
  }
}
