import type { ObjectRef } from './journal/entry.ts';
import { keptName, type Scope } from './journal/keys.ts';

/**
 * A notice about dead letters, as JSON in the queue. At least once; the entry is the truth. All of it is under one
 * name, since some hosts take the names of a message's members for their own.
 */
export interface DeadLetterNotice {
  readonly deadLetters: {
    readonly pipeline: string;
    /** The name in the journal. */
    readonly partition: string;
    readonly entry: number;
    readonly count: number;
    readonly object: string;
  };
}

/** The notice of an entry's dead letters. */
export function noticeText(
  scope: Scope,
  partition: string,
  entry: number,
  { hash, count }: ObjectRef,
): string {
  const notice: DeadLetterNotice = {
    deadLetters: {
      ...{ pipeline: scope.pipeline, partition, entry, count },
      object: keptName(scope, partition, '_dead', entry, hash),
    },
  };
  return JSON.stringify(notice);
}
