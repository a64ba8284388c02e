import type { StateStore } from '../ports/state-store.ts';
import type { CodecContext } from './entry-codec.ts';
import type { Scope } from './keys.ts';
import type { Tally } from './tally.ts';

/** One generation of a pipeline's state in a store: what reading and writing it takes. */
export interface Journal extends CodecContext {
  readonly store: StateStore;
  readonly scope: Scope;
  /** What this process uses for the pipeline; absent where nothing is counted. */
  readonly tally?: Tally;
}
