import { MillraceError } from '../errors.ts';
import { timeMin } from '../event.ts';
import { Mutex } from '../mutex.ts';
import type { ViewPlan } from '../plan.ts';
import type { Clock } from '../ports/clock.ts';
import type { ResultMessage, ResultSink } from '../ports/result-sink.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { Reader } from '../query/reader.ts';
import { retry } from '../retry.ts';
import type { PageContext } from '../view/page.ts';
import { ViewPublisher } from './view-publisher.ts';

/** The sinks that a host has, by name. */
export type Sinks = ReadonlyMap<string, ResultSink>;

/** What publishing needs. */
export interface PublishingParts {
  readonly journals: readonly PageContext[];
  /** The reader of each journal, in the same order. */
  readonly readers: readonly Reader[];
  readonly sinks: Sinks;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** 0 <= random() < 1. */
  readonly random: () => number;
}

/** A view of a pipeline to publish. */
export interface PublishTask {
  readonly what: string;
  /** Sends what is due until the deadline; how many rows that were. */
  readonly act: (deadline: number) => Promise<number>;
}

/** How long a sink that fails is tried again in one round, milliseconds: other views want their turn. */
const triesMs = 10_000;

/**
 * @throws MillraceError `definition` that names every sink that a view wants and the host has not: nobody is to find
 * that out from rows that never come.
 */
export function checkSinks(
  pipelines: readonly {
    readonly plan: { readonly name: string; readonly views: readonly ViewPlan[] };
  }[],
  has: (sink: string) => boolean,
  how: (sink: string) => string,
): void {
  const problems = pipelines.flatMap(({ plan }) =>
    plan.views.flatMap(({ name, publish }) =>
      publish === null || has(publish.to)
        ? []
        : [
            `pipeline '${plan.name}' publishes view '${name}' to '${publish.to}': ${how(publish.to)}`,
          ],
    ),
  );
  if (problems.length > 0) throw new MillraceError('definition', problems.join('\n'), { problems });
}

/** Publishes the views that say so. What it holds in memory is nothing that a crash could lose. */
export class Publishing {
  private readonly parts: PublishingParts;
  private readonly mutex = new Mutex();

  constructor(parts: PublishingParts) {
    this.parts = parts;
  }

  /** A task for each view that is published. */
  tasks(): PublishTask[] {
    const { journals, readers, sinks } = this.parts;
    return journals.flatMap((journal, i) =>
      journal.plan.views.flatMap((view) => {
        if (view.publish === null) return [];
        const sink = sinks.get(view.publish.to) ?? null;
        const what = `${journal.scope.pipeline}, publishing view ${view.name}`;
        const act = (deadline: number) =>
          // Two rounds at once would do no harm, only send all twice.
          this.mutex.run(what, () =>
            this.publish(journal, readers[i] as Reader, view, sink, deadline),
          );
        return [{ what, act }];
      }),
    );
  }

  private async publish(
    journal: PageContext,
    reader: Reader,
    view: ViewPlan,
    sink: ResultSink | null,
    deadline: number,
  ): Promise<number> {
    const { clock, telemetry, random } = this.parts;
    const labels = { pipeline: journal.scope.pipeline, view: view.name };
    if (sink === null)
      throw new MillraceError('definition', `there is no sink '${view.publish?.to}'`);
    let sent = 0;
    const send = async (kind: string, messages: readonly ResultMessage[]): Promise<void> => {
      const budget = { clock, random, deadline: Math.min(deadline, clock.now() + triesMs) };
      await retry(budget, () => sink.publish(messages));
      sent += messages.length;
      telemetry.count('published_rows', messages.length, { ...labels, kind });
    };
    const publisher = new ViewPublisher({ journal, reader, view, clock, send, deadline });
    try {
      if (await publisher.finals()) await publisher.early();
    } finally {
      const { waitsSince, finalTo } = publisher;
      const waitedMs = waitsSince === null ? 0 : Math.min(finalTo, clock.now()) - waitsSince;
      if (finalTo > timeMin) {
        telemetry.gauge('publish_backlog_seconds', Math.max(0, waitedMs) / 1000, labels);
      }
    }
    return sent;
  }
}
