import { MillraceError } from './errors.ts';
import type { Look } from './finality.ts';
import { Publishing } from './finals/publishing.ts';
import { type Maintained, type MaintenanceParts, Round, type Task } from './round.ts';
import type { PageContext } from './view/page.ts';

/**
 * What needs a clock: every partition's lag, records that nobody processes, pages that fell behind, entries that
 * would expire while they are needed, notices that were cut off, idle partitions that hold the others back, up to when
 * all is final, and its publication. Runs every minute or so, and two at once do no harm.
 */
export class Maintenance {
  private readonly parts: MaintenanceParts;
  /** Where the next round begins, so that a slow store keeps no partition from its turn. */
  private first = 0;
  private readonly looks = new Map<PageContext, Map<string, Look>>();
  private readonly publishing: Publishing;

  constructor(parts: MaintenanceParts) {
    this.parts = parts;
    this.publishing = new Publishing(parts);
  }

  /** One round; never throws. `deadline`: epoch milliseconds after which nothing further begins. */
  async run(deadline: number): Promise<Maintained> {
    const { clock, telemetry } = this.parts;
    const round = new Round(this.parts, deadline, this.looks);
    const tasks = [...(await round.tasks()), ...this.publishTasks(round, deadline)];
    const first = tasks.length === 0 ? 0 : this.first % tasks.length;
    let done = 0;
    for (const { what, act } of [...tasks.slice(first), ...tasks.slice(0, first)]) {
      if (clock.now() >= deadline) break;
      await round.attempt(what, act);
      done += 1;
    }
    this.first = done === tasks.length ? 0 : first + done;
    if (done < tasks.length) {
      const left = `${tasks.length - done} of ${tasks.length} tasks had no turn`;
      round.done.failures.push({ what: left, error: new MillraceError('timeout', left) });
      telemetry.count('maintain_unreached', tasks.length - done, {});
    }
    return round.done;
  }

  /** The part of a round that publishes, alone; for a host that does so oftener. Never throws. */
  async publish(deadline: number): Promise<Maintained> {
    const round = new Round(this.parts, deadline, this.looks);
    for (const { what, act } of this.publishTasks(round, deadline)) await round.attempt(what, act);
    return round.done;
  }

  private publishTasks(round: Round, deadline: number): Task[] {
    return this.publishing.tasks().map(({ what, act }) => ({
      what,
      act: async () => {
        round.done.published += await act(deadline);
      },
    }));
  }
}
