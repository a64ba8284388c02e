import { MillraceError } from '../../core/errors.ts';

/**
 * A hook for tests: called `before` the work of every port call and `after` it, with the method's
 * name.
 *
 * What it throws stands for a failure of the transport: before, nothing was done; after, all was
 * done but the answer is lost. A MillraceError keeps its code, anything else becomes `unavailable`
 * with its cause. It may wait (on a virtual clock, say), so a simulation can interleave calls. The
 * work itself is never interleaved.
 */
export type Fault = (method: string, phase: 'before' | 'after') => void | Promise<void>;

/** Does the work of one port call between the two calls of the hook. */
export async function withFault<T>(
  fault: Fault | undefined,
  method: string,
  work: () => T,
): Promise<T> {
  if (fault === undefined) return work();
  await strike(fault, method, 'before');
  const answer = work();
  await strike(fault, method, 'after');
  return answer;
}

async function strike(fault: Fault, method: string, phase: 'before' | 'after'): Promise<void> {
  try {
    await fault(method, phase);
  } catch (cause) {
    if (cause instanceof MillraceError) throw cause;
    throw new MillraceError('unavailable', `The memory was made to fail ${phase} ${method}.`, {
      cause,
    });
  }
}
