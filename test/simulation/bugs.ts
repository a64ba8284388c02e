import { familyBugs } from './bugs-of-families.ts';
import { publishingBugs } from './bugs-of-publishing.ts';
import { readBugs } from './bugs-of-reads.ts';
import { retentionBugs } from './bugs-of-retention.ts';
import { foldBugs } from './bugs-of-the-fold.ts';
import { timeBugs } from './bugs-of-time.ts';
import { writeBugs } from './bugs-of-writes.ts';
import type { Patch } from './patch.ts';

/** A bug that the simulation must find. */
export interface Bug {
  readonly id: string;
  /** What it does wrong, in one sentence. */
  readonly what: string;
  readonly patches: readonly Patch[];
  /** It must be caught within so many seeds from `from` on, from 1 if that is not given: for what is rare. */
  readonly seedsMax: number;
  readonly from?: number;
}

/** The bug zoo: one planted bug each, as a patch of the real modules. */
export const bugs: readonly Bug[] = [
  ...foldBugs,
  ...writeBugs,
  ...readBugs,
  ...familyBugs,
  ...timeBugs,
  ...retentionBugs,
  ...publishingBugs,
];
