import type { JsonObject } from '../event.ts';
import { partitionKeyOf } from '../ingest.ts';
import { type KeySample, mostFrequent, noSample } from '../journal/key-sample.ts';
import type { Plan } from '../plan.ts';

/** One event of sixteen is in the sample, chosen by its id: what it costs is little, and a packed record is many. */
const sampleMask = 15;
/** A key with less than a twentieth of an entry's sample is not worth its bytes. */
const parts = 20;
const keysMax = 5;
const keyCharacters = 64;

/** Counts the partition keys of a sample of an entry's events. */
export class KeyCounter {
  private readonly plan: Plan;
  private readonly counts = new Map<string, number>();
  private sampled = 0;

  constructor(plan: Plan) {
    this.plan = plan;
  }

  /** Takes an event into the sample if the low lane of its fingerprint says so. */
  add(event: JsonObject, low: number): void {
    if ((low & sampleMask) !== 0) return;
    const key = shortened(partitionKeyOf(event, this.plan));
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    this.sampled += 1;
  }

  /** The sample, with the keys that have a twentieth of it or more. */
  done(): KeySample {
    const { sampled } = this;
    if (sampled === 0) return noSample;
    const keys = mostFrequent(this.counts, 1, keysMax);
    return { sampled, keys: keys.filter(({ count }) => count * parts >= sampled) };
  }
}

function shortened(key: string): string {
  return key.length <= keyCharacters ? key : `${key.slice(0, keyCharacters).toWellFormed()}…`;
}
