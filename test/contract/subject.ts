import { expect, onTestFinished } from 'vitest';
import type { ErrorCode } from '../../core/errors.ts';

/** A failure of the transport under an adapter, and what it must become. */
export interface Failure {
  readonly name: string;
  readonly code: ErrorCode;
  /** `reads` of some stores go on while another holds the write lock. */
  readonly hits: 'writes' | 'all';
  readonly inject: () => void | Promise<void>;
}

/** One adapter under test, over a store of its own that is empty. */
export interface Subject<Port> {
  readonly port: Port;
  /** Another instance over the same store, as in another process. */
  readonly another: () => Port | Promise<Port>;
  /** Each is injected into a subject of its own. */
  readonly failures: readonly [Failure, ...Failure[]];
  /** Lets time pass for the store. */
  readonly pass: (seconds: number) => Promise<void>;
  readonly cleanup: () => void | Promise<void>;
}

/** Makes a new subject. */
export type Factory<Port> = () => Promise<Subject<Port>>;

/** A subject that is cleaned up when the running test ends. */
export async function subjectOf<One extends Subject<unknown>>(
  factory: () => Promise<One>,
): Promise<One> {
  const subject = await factory();
  onTestFinished(() => subject.cleanup());
  return subject;
}

/** A subject over no transport, of which there is one instance. */
export function withoutTransport<Port>(port: Port): Subject<Port> {
  return {
    port,
    another: () => port,
    failures: [
      { name: 'nothing can fail', code: 'unavailable', hits: 'writes', inject: () => undefined },
    ],
    pass: async () => undefined,
    cleanup: () => undefined,
  };
}

/** One call of a port. */
export type Call<Port> = (port: Port) => Promise<unknown>;

/** Injects every failure of a factory and expects its code from the calls that it hits. */
export async function expectFailures<Port>(
  factory: Factory<Port>,
  writes: readonly Call<Port>[],
  reads: readonly Call<Port>[],
): Promise<void> {
  const count = (await subjectOf(factory)).failures.length;
  for (let index = 0; index < count; index += 1) {
    const { port, failures } = await subjectOf(factory);
    const failure = failures[index]!;
    await failure.inject();
    const calls = failure.hits === 'all' ? [...writes, ...reads] : writes;
    for (const call of calls) {
      const error = await call(port).catch((thrown: unknown) => thrown);
      const why = `${failure.name}: ${call}`;
      expect(error, why).toMatchObject({ name: 'MillraceError', code: failure.code });
    }
  }
}

/** Expects that a call fails with a MillraceError of this code. */
export async function expectError(call: Promise<unknown>, code: ErrorCode): Promise<void> {
  await expect(call).rejects.toMatchObject({ name: 'MillraceError', code });
}

/** UTF-8 bytes of a text. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Sixteen numbers, for racing. */
export const sixteen: readonly number[] = Array.from({ length: 16 }, (_, index) => index);
