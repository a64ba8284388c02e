import { timeMax } from '../../core/event.ts';
import { open } from '../../core/journal/envelope.ts';
import { partitionsKey } from '../../core/journal/keys.ts';
import type { Partitions } from '../../core/journal/partitions.ts';
import type { Question } from './actors.ts';
import { timeMin } from './model.ts';
import { scope } from './truth.ts';
import type { World } from './world.ts';

const second = 1_000;

/** How long each grain of a view is kept, said again: the length of its windows, of what is stored of them, and for how long. */
const retentions: readonly (readonly { size: number; step: number; retain: number }[])[] = [
  [
    { size: 10 * second, step: 10 * second, retain: 20 * second },
    { size: 20 * second, step: 20 * second, retain: 40 * second },
    { size: 60 * second, step: 60 * second, retain: Number.POSITIVE_INFINITY },
  ],
  [{ size: 60 * second, step: 60 * second, retain: 90 * second }],
  [{ size: 30 * second, step: 10 * second, retain: 40 * second }],
  // Sessions have no one length: of each its end counts.
  [{ size: 0, step: 0, retain: 20 * second }],
];

/** The coarsest stored grain of which a question's windows are made. */
export function storedOf({ view, grain, from, to }: Question) {
  const fits = (size: number): boolean => {
    if (grain === undefined) return false;
    const lengths = grain === 'all' ? [from, to].filter(Number.isFinite) : [grain];
    return lengths.every((length) => length % size === 0);
  };
  const grains = retentions[view] ?? [];
  const found = grains.findLast(({ size }) => fits(size)) ?? grains[0];
  if (found === undefined) throw new Error('no such view');
  return found;
}

/** The time that is final in truth: what no reader may be ahead of. */
export function trulyFinal(world: World): number {
  const key = partitionsKey(scope);
  const item = world.vault.shelf(key.partition).newest(key.sort);
  if (item?.body == null) return timeMin;
  const { finalTo }: Partitions = JSON.parse(
    new TextDecoder().decode(open('partitions', key, item.body)),
  );
  if (finalTo < timeMax) return finalTo;
  const ends = world.truth.journals.flatMap((journal) => journal.at(-1) ?? []);
  const open_ = ends.filter(({ sealed }) => !sealed);
  return Math.min(...(open_.length > 0 ? open_ : ends).map(({ watermark }) => watermark));
}

/** What is left out, one reader's answers over: only what has expired, all of it, and for good. */
export class KeptCheck {
  private readonly world: World;
  private readonly fail: (what: string) => void;
  private readonly before = new Map<string, number>();

  constructor(world: World, fail: (what: string) => void) {
    this.world = world;
    this.fail = fail;
  }

  /** An answer that leaves out what starts before `kept`; `finalTo` is what it has seen to be final at least. */
  answer(question: Question, kept: number, finalTo: number): void {
    const { size, step, retain } = storedOf(question);
    const truth = trulyFinal(this.world);
    const output = typeof question.grain === 'number' ? question.grain : step;
    const last = kept - output;
    if (kept > timeMin && last + size + retain > truth) {
      this.fail(`what starts before ${kept} is left out, but final is only ${truth}`);
    }
    const first = kept > timeMin ? kept : question.from;
    const isKnown = this.world.setup.kept && finalTo > timeMin && finalTo < timeMax;
    // A session has an end after its start.
    if (isKnown && first + Math.max(1, size) + retain <= finalTo) {
      this.fail(`what starts at ${first} is shown, but ${finalTo} is final`);
    }
    const name = `${question.view} ${question.grain ?? ''} ${question.grain === 'all' ? [question.from, question.to] : ''}`;
    if (kept < (this.before.get(name) ?? timeMin)) this.fail(`${kept} comes back of ${name}`);
    this.before.set(name, kept);
    if (kept > timeMin) this.world.count('answers that leave out what has expired');
  }

  /** A snapshot of a partition of which what starts before `removed` is gone. */
  snapshot(question: Question, removed: number): void {
    if (removed <= timeMin) return;
    const { size, step, retain } = storedOf(question);
    const truth = trulyFinal(this.world);
    if (removed - step + size + retain > truth) {
      this.fail(`what starts before ${removed} is gone, but final is only ${truth}`);
    }
    this.world.count('snapshots without what is gone');
  }

  /** A question that was refused since what it asks for has expired. */
  refused(question: Question): void {
    const { size, step, retain } = storedOf(question);
    const truth = trulyFinal(this.world);
    // Of a whole range the first stored window has expired; of others the last one that starts in it.
    const isAll = question.grain === 'all' && Number.isFinite(question.from);
    const output = typeof question.grain === 'number' ? question.grain : step;
    const last = isAll ? question.from : Math.ceil(question.to / output) * output - output;
    if (last + size + retain > truth) this.fail(`refused, but final is only ${truth}`);
    this.world.count('questions refused');
  }
}
