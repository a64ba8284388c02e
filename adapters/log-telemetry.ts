import type { Clock } from '../core/ports/clock.ts';
import { type Labels, Telemetry } from '../core/ports/telemetry.ts';
import { type Figure, MemoryTelemetry } from './memory/memory-telemetry.ts';

/** What {@link LogTelemetry} is made of. */
export interface LogTelemetryParts {
  readonly clock: Clock;
  /** Takes one line of the log. */
  readonly write: (line: string) => void;
  /** The figures as one line; those of counters and distributions since the line before. */
  readonly format: (figures: readonly Figure[]) => string;
  /** How often at most a line is written, seconds: lines cost money. */
  readonly everySeconds: number;
}

/** A line that is too long is cut, and no metrics are taken from it. */
const lineFiguresMax = 100;

/** Keeps figures in memory, and writes what has changed as lines of the log, from which the cloud takes its metrics. */
export class LogTelemetry extends Telemetry {
  private readonly parts: LogTelemetryParts;
  private readonly all = new MemoryTelemetry();
  private news = new MemoryTelemetry();
  private writtenAt: number;

  constructor(parts: LogTelemetryParts) {
    super();
    this.parts = parts;
    this.writtenAt = parts.clock.now();
  }

  override count(name: string, by: number, labels: Labels): void {
    this.all.count(name, by, labels);
    this.news.count(name, by, labels);
  }

  override gauge(name: string, value: number, labels: Labels): void {
    this.all.gauge(name, value, labels);
    this.news.gauge(name, value, labels);
  }

  override record(name: string, value: number, labels: Labels): void {
    this.all.record(name, value, labels);
    this.news.record(name, value, labels);
  }

  /** All figures since the start. */
  figures(): Figure[] {
    return this.all.figures();
  }

  /** Writes the news if the last line is old enough, or in any case when it is `due`. */
  flush(due = false): void {
    const { clock, write, format, everySeconds } = this.parts;
    const now = clock.now();
    if (!due && now - this.writtenAt < everySeconds * 1000) return;
    const figures = this.news.figures();
    if (figures.length === 0) return;
    this.writtenAt = now;
    this.news = new MemoryTelemetry();
    for (let at = 0; at < figures.length; at += lineFiguresMax) {
      write(format(figures.slice(at, at + lineFiguresMax)));
    }
  }
}
