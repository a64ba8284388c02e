import { type Bill, billOf } from './bill.ts';
import { type Curves, curvesOf } from './break-even.ts';
import { type Capacity, capacityOf } from './capacity.ts';
import { type Choice, choicesOf } from './choices.ts';
import { templateMemoryMB } from './fitted.ts';
import { type MemorySize, memorySizes } from './memory.ts';
import type { Cloud, PriceBook } from './price-book.ts';
import type { Profile } from './profile.ts';
import { rivalsOf } from './rivals.ts';
import { type Sensitivity, sensitivityOf } from './sensitivity.ts';
import { perMillionEvents, templateBill } from './total.ts';
import type { Workload } from './workload.ts';

/** All answers about one workload on one cloud. */
export interface Estimate {
  readonly cloud: Cloud;
  readonly workload: Workload;
  readonly bill: Bill;
  /** Dollars for a million events; null where none comes. */
  readonly perMillionEvents: number | null;
  readonly rivals: readonly {
    readonly name: string;
    readonly bill: Bill;
    readonly note: string;
    readonly carries: boolean;
  }[];
  readonly choices: readonly Choice[];
  readonly sensitivity: readonly Sensitivity[];
  readonly curves: Curves;
  readonly memory: readonly MemorySize[];
  readonly capacity: readonly Capacity[];
}

/** What a workload costs as the template of a cloud runs it, beside what else could be. */
export function estimateOf(
  cloud: Cloud,
  workload: Workload,
  profile: Profile,
  book: PriceBook,
): Estimate {
  const bill = templateBill(cloud, workload, profile, book);
  const rivals = rivalsOf(cloud, workload, profile, book);
  return {
    ...{ cloud, workload, bill },
    perMillionEvents: perMillionEvents(bill, workload),
    rivals: rivals.map(({ meters, ...rival }) => ({ ...rival, bill: billOf(meters, book) })),
    choices: choicesOf(cloud, workload, profile, book),
    sensitivity: sensitivityOf(cloud, workload, profile, book),
    curves: curvesOf(cloud, workload, profile, book),
    memory: memorySizes(cloud, workload, profile, book),
    capacity: capacityOf(cloud, workload, profile, templateMemoryMB[cloud]),
  };
}
