import { addCounts, noCounts } from '../core/journal/counts.ts';
import { longestLag } from '../core/query/lag.ts';
import type { Snapshot } from '../core/query/snapshot.ts';
import { instant, watermarkOf } from '../core/query/standing.ts';
import type { App } from './composition.ts';

/** Where all pipelines of an app stand together. */
export interface Progress {
  /** Events since the last look, per second. */
  readonly eventsPerSecond: number;
  readonly received: number;
  readonly duplicates: number;
  /** Of the view with most of them. */
  readonly late: number;
  readonly deadLettered: number;
  /** Null when the stream can't be asked. */
  readonly lagSeconds: number | null;
  /** RFC 3339; null before every partition has seen an event. */
  readonly watermark: string | null;
}

/** Looks at an app again and again. */
export class ProgressMeter {
  private readonly app: App;
  private before: { readonly at: number; readonly received: number } | null = null;

  constructor(app: App) {
    this.app = app;
  }

  /** Where it stands now. */
  async look(): Promise<Progress> {
    const { served, clock } = this.app;
    const all = await Promise.all([...served.values()].map(({ reader }) => reader.partitions()));
    const partitions = all.flat();
    const counts = partitions.reduce((sum, one) => addCounts(sum, one.counts), noCounts(0));
    const at = clock.now();
    const { received, duplicates, deadLettered } = counts;
    const passed = this.before === null ? 0 : (at - this.before.at) / 1000;
    const since = received - (this.before?.received ?? received);
    this.before = { at, received };
    return {
      eventsPerSecond: passed > 0 ? Math.round(since / passed) : 0,
      ...{ received, duplicates, deadLettered },
      late: Math.max(0, ...all.map(mostLate)),
      lagSeconds: longestLag(partitions.map((one) => one.lagSeconds)),
      watermark: instant(watermarkOf(partitions)),
    };
  }
}

/** The late events of the view that has most of them: views differ in windows and allowed lateness. */
function mostLate(partitions: readonly Snapshot[]): number {
  const views = partitions[0]?.counts.views ?? [];
  const late = views.map((_, i) => {
    return partitions.reduce((sum, { counts }) => sum + (counts.views[i]?.late ?? 0), 0);
  });
  return Math.max(0, ...late);
}

/** Progress as one line for people. */
export function progressLine(progress: Progress): string {
  const { eventsPerSecond, received, duplicates, late, deadLettered, lagSeconds } = progress;
  const number = (value: number): string => value.toLocaleString('en-US');
  return [
    `${number(received)} events`,
    `${number(eventsPerSecond)}/s`,
    `lag ${lagSeconds?.toFixed(1) ?? '?'} s`,
    `watermark ${progress.watermark?.slice(0, 16).replace('T', ' ') ?? '-'}`,
    `late ${number(late)}`,
    `duplicates ${number(duplicates)}`,
    ...(deadLettered > 0 ? [`dead letters ${number(deadLettered)}`] : []),
  ].join(' | ');
}
