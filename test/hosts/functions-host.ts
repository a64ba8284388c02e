import { AppSettings } from './functions/app-settings.ts';
import { EventHubsListener } from './functions/event-hubs-listener.ts';
import type { SequenceNumberForm } from './functions/event-hubs-payload.ts';
import type { Fault } from './functions/faults.ts';
import { FunctionRunner, type Result } from './functions/function-runner.ts';
import type { OnHostEvent } from './functions/host-events.ts';
import { type HostJson, readHostJson } from './functions/host-json.ts';
import { type AccessKeys, HttpListener } from './functions/http-listener.ts';
import { routesOf } from './functions/http-routes.ts';
import { QueueListener } from './functions/queue-listener.ts';
import type { Binding, FunctionMetadata } from './functions/rpc.ts';
import { TimerListener } from './functions/timer-listener.ts';
import { realWait, type Wait } from './wait.ts';

/** What a host is started with. */
export interface FunctionsHostOptions {
  /** The module that registers the functions: TypeScript, or a bundle as it is deployed. An absolute path. */
  readonly app: string;
  /** The path of host.json, or its content. */
  readonly hostJson: string | object;
  /** The app settings, as local.settings.json holds them: all that the app finds in its environment. */
  readonly settings: Readonly<Record<string, string>>;
  /** Default 0: any that is free. */
  readonly port?: number;
  /** By default keys that are named as what they open. */
  readonly keys?: AccessKeys;
  /** Whether timers fire by their schedules. By default only `fireTimer` does. */
  readonly schedules?: boolean;
  /** By default retry policies count; without them the first failure of a batch is the last. */
  readonly retries?: boolean;
  /** Default `number`. */
  readonly sequenceNumberForm?: SequenceNumberForm;
  /** Where logs, invocations, checkpoints and troubles are told. */
  readonly onEvent?: OnHostEvent;
  /** How the host waits before a retry, between polls and between looks at the owners; default in real time. */
  readonly wait?: Wait;
  readonly random?: () => number;
}

/**
 * A stand-in for the Azure Functions host: it runs a function app in a worker process, with the programming model of
 * `@azure/functions` itself, and does with hubs, queues, timers and HTTP what the real host and its extensions do,
 * loss included. Tests make things go wrong by `inject`, `killWorker`, `pause`, `kill`, and by `hub(…).steal`.
 */
export class FunctionsHost {
  /** All functions that the app registered. */
  readonly functions: readonly FunctionMetadata[];
  /** Where HTTP functions are, without the route prefix. */
  readonly url: string;
  private readonly runner: FunctionRunner;
  private readonly listeners: Listeners;

  /** Loads the app and starts all of its triggers. Rejects, with nothing left running, if one can't be started. */
  static async start(options: FunctionsHostOptions): Promise<FunctionsHost> {
    const hostJson = readHostJson(options.hostJson);
    const { wait = realWait, random = Math.random, onEvent = () => {} } = options;
    const { app, settings, retries = true } = options;
    const { functionTimeoutMs } = hostJson;
    const runner = new FunctionRunner({
      ...{ app, settings, functionTimeoutMs, retries, wait, random, onEvent },
    });
    try {
      const functions = await runner.registered();
      const listeners = listenersOf(functions, options, hostJson, runner);
      const url = await startAll(listeners, options.schedules ?? false, wait);
      return new FunctionsHost(functions, url, runner, listeners);
    } catch (error) {
      await runner.kill();
      throw error;
    }
  }

  private constructor(
    functions: readonly FunctionMetadata[],
    url: string,
    runner: FunctionRunner,
    listeners: Listeners,
  ) {
    this.functions = functions;
    this.url = url;
    this.runner = runner;
    this.listeners = listeners;
  }

  /** Finishes what is under way (batches without a checkpoint, as the real host does), then ends the worker. */
  async stop(): Promise<void> {
    const { http, hubs, queues, timers } = this.listeners;
    const all = [...hubs.values(), ...queues, ...timers.values()];
    await Promise.all(all.map((listener) => listener.stop()));
    await http.stop();
    await this.runner.stop();
  }

  /** Ends everything at once, as a crash of the whole instance: nothing is checkpointed, given up or removed. */
  async kill(): Promise<void> {
    const { http, hubs, queues } = this.listeners;
    const ended = [...queues, ...hubs.values()].map((listener) => listener.kill());
    await this.runner.kill();
    await Promise.all(ended);
    await http.stop();
  }

  /** Ends the worker at once, and with it all that is in flight; another one is started. */
  killWorker(): Promise<void> {
    return this.runner.killWorker('The worker was killed.');
  }

  /** Makes the next invocation, or checkpoint, go wrong. */
  inject(fault: Fault): void {
    this.runner.faults.inject(fault);
  }

  /** Runs a timer function now; gives what became of it. */
  fireTimer(functionName: string): Promise<Result> {
    return found(this.listeners.timers, functionName).fire();
  }

  /** The listener of an Event Hubs function: its checkpoints, its partitions, and how to take one from another. */
  hub(functionName: string): EventHubsListener {
    return found(this.listeners.hubs, functionName);
  }
}

interface Listeners {
  readonly http: HttpListener;
  readonly hubs: Map<string, EventHubsListener>;
  readonly queues: QueueListener[];
  readonly timers: Map<string, TimerListener>;
}

function listenersOf(
  functions: readonly FunctionMetadata[],
  options: FunctionsHostOptions,
  hostJson: HostJson,
  runner: FunctionRunner,
): Listeners {
  const { wait = realWait, random = Math.random, onEvent = () => {} } = options;
  const { keys = { function: 'function-key', master: 'master-key' }, port = 0 } = options;
  const { sequenceNumberForm = 'number' } = options;
  const appSettings = new AppSettings(options.settings);
  const routes = routesOf(functions, hostJson.http.routePrefix);
  const http = new HttpListener({ routes, keys, runner, port, onEvent });
  const listeners: Listeners = { http, hubs: new Map(), queues: [], timers: new Map() };
  for (const { name: functionName, bindings } of functions) {
    const binding = triggerOf(functionName, bindings);
    const common = { functionName, binding, appSettings, runner, wait, onEvent };
    if (binding.type === 'eventHubTrigger') {
      const settings = hostJson.eventHubs;
      const hub = new EventHubsListener({ ...common, settings, sequenceNumberForm, random });
      listeners.hubs.set(functionName, hub);
    } else if (binding.type === 'queueTrigger') {
      listeners.queues.push(new QueueListener({ ...common, settings: hostJson.queues }));
    } else if (binding.type === 'timerTrigger') {
      const timer = new TimerListener(functionName, binding, appSettings, runner);
      listeners.timers.set(functionName, timer);
    } else if (binding.type !== 'httpTrigger') {
      throw new Error(`${functionName}: ${binding.type} is not reproduced here.`);
    }
  }
  return listeners;
}

/** Starts all of them; gives the address of the HTTP functions. */
async function startAll(listeners: Listeners, schedules: boolean, wait: Wait): Promise<string> {
  const { http, hubs, queues, timers } = listeners;
  const url = await http.start();
  try {
    await Promise.all([...hubs.values()].map((hub) => hub.start()));
  } catch (error) {
    await http.stop();
    await Promise.all([...hubs.values()].map((hub) => hub.kill()));
    throw error;
  }
  for (const queue of queues) queue.start();
  if (schedules) for (const timer of timers.values()) timer.start(wait);
  return url;
}

function triggerOf(functionName: string, bindings: Readonly<Record<string, Binding>>): Binding {
  const trigger = Object.values(bindings).find(({ type }) => /trigger$/i.test(type));
  if (trigger === undefined) throw new Error(`${functionName} has no trigger.`);
  return trigger;
}

function found<T>(listeners: ReadonlyMap<string, T>, functionName: string): T {
  const listener = listeners.get(functionName);
  if (listener === undefined) throw new Error(`There is no such function ${functionName}.`);
  return listener;
}
