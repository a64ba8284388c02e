import { MillraceError } from '../../core/errors.ts';
import type { Random } from './random.ts';

/** Whatever runs on its own: a processor, a reader, a compactor. A dead one's calls are never answered. */
export interface Actor {
  readonly id: number;
  readonly name: string;
  readonly kind: 'owner' | 'reader' | 'compactor' | 'keeper' | 'publisher';
  alive: boolean;
  /** How far its clock is ahead, milliseconds. */
  readonly skew: number;
}

/** What stands behind a call. `turn` is a point of choice without an effect. */
export type PortName = 'store' | 'objects' | 'queue' | 'sink' | 'clock' | 'stream' | 'turn';

/** What happens to one call. */
export type Fault =
  | 'none'
  | 'throttled'
  | 'unavailable'
  | 'lost'
  | 'crash-before'
  | 'crash-after'
  | 'frozen';

/** A call of a port that waits for its turn. */
export interface Call {
  readonly actor: Actor;
  readonly port: PortName;
  readonly what: string;
  readonly writes: boolean;
  readonly run: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  /** Not chosen before this step unless nothing else is left; 0 for a call that was never frozen. */
  thawAt: number;
}

/** What the scheduler asks of the world around it. */
export interface Host {
  fault(call: Call): Fault;
  /** Told of every step. */
  stepped(call: Call, fault: Fault, answer: unknown): void;
  crashed(actor: Actor): void;
}

const stepsMax = 4_000;

/**
 * Runs all actors one step at a time: each waits in a call, one call is chosen by chance, has its effect, and its
 * actor runs on until it waits again. So every order of effects that an await allows can happen.
 */
export class Scheduler {
  /** Virtual time, epoch milliseconds. */
  now: number;
  steps = 0;
  /** FNV-1a over all steps: two runs of equal hash took the same way. */
  hash = 0x811c_9dc5;
  private calls: Call[] = [];
  private readonly random: Random;
  private readonly host: Host;

  constructor(now: number, random: Random, host: Host) {
    this.now = now;
    this.random = random;
    this.host = host;
  }

  /** Waits for a turn, then runs `run`: the only await of an actor that is not of its own making. */
  call<T>(
    actor: Actor,
    port: PortName,
    what: string,
    run: () => T,
    { writes = false } = {},
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!actor.alive) return;
      this.calls.push({ actor, port, what, writes, run, resolve, reject, thawAt: 0 });
    });
  }

  /** Steps until `done` or until nobody waits any more. */
  async run(done: () => boolean): Promise<void> {
    for (;;) {
      // Runs once no promise has anything left to do: every actor waits in a call, or has ended.
      await new Promise<void>((turned) => process.nextTick(turned));
      if (done() || this.calls.length === 0) return;
      if (this.steps >= stepsMax) throw new Error(`no end after ${stepsMax} steps`);
      this.step();
    }
  }

  /** Wakes every zombie. */
  thaw(): void {
    for (const call of this.calls) if (call.thawAt > 0) call.thawAt = 1;
  }

  /** The actor is gone: what it had not yet done, it never does. */
  kill(actor: Actor): void {
    actor.alive = false;
    this.calls = this.calls.filter((call) => call.actor !== actor);
  }

  /** Whether an actor waits in the middle of something. */
  isBusy(actor: Actor): boolean {
    return this.calls.some((call) => call.actor === actor && call.port !== 'turn');
  }

  private step(): void {
    this.steps += 1;
    this.now += this.random.int(0, 40);
    const call = this.choose();
    const fault = this.host.fault(call);
    if (fault === 'frozen') {
      call.thawAt = this.steps + this.random.int(8, 60);
      this.told(call, fault, undefined);
      return;
    }
    this.calls.splice(this.calls.indexOf(call), 1);
    let answer: unknown;
    if (fault === 'none' || fault === 'lost' || fault === 'crash-after') {
      try {
        answer = call.run();
      } catch (error) {
        call.reject(error);
        this.told(call, fault, error);
        return;
      }
    }
    this.told(call, fault, answer);
    if (fault === 'none') call.resolve(answer as never);
    else if (fault === 'throttled') call.reject(new MillraceError('throttled', call.what));
    else if (fault === 'lost' || fault === 'unavailable') {
      call.reject(new MillraceError('unavailable', call.what));
    } else {
      this.kill(call.actor);
      this.host.crashed(call.actor);
    }
  }

  private choose(): Call {
    const free = this.calls.filter((call) => call.thawAt <= this.steps);
    return this.random.pick(free.length > 0 ? free : this.calls);
  }

  private told(call: Call, fault: Fault, answer: unknown): void {
    let { hash } = this;
    const { what } = call;
    const add = (value: number): void => {
      hash = Math.imul(hash ^ value, 0x0100_0193);
    };
    add(call.actor.id);
    add(this.now);
    add(what.length);
    // The end of a key says which entry or page it is.
    for (let i = Math.max(0, what.length - 16); i < what.length; i += 1) add(what.charCodeAt(i));
    add(fault.length);
    if (typeof answer === 'boolean') add(answer ? 1 : 2);
    this.hash = hash >>> 0;
    this.host.stepped(call, fault, answer);
  }
}
