import type { Wait } from '../wait.ts';
import type { AppSettings } from './app-settings.ts';
import type { FunctionRunner, Result } from './function-runner.ts';
import { parseNcrontab, type Schedule } from './ncrontab.ts';
import type { Binding } from './rpc.ts';

const minuteMs = 60_000;

/** The timer trigger of one function. It never runs twice at once. */
export class TimerListener {
  private readonly functionName: string;
  private readonly runner: FunctionRunner;
  private readonly schedule: Schedule;
  private readonly stopping = new AbortController();
  private lastMs: number | null = null;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    functionName: string,
    binding: Binding,
    appSettings: AppSettings,
    runner: FunctionRunner,
  ) {
    this.functionName = functionName;
    this.runner = runner;
    this.schedule = parseNcrontab(appSettings.resolve(binding['schedule']));
  }

  /** Fires by its schedule from now on. */
  start(wait: Wait): void {
    void this.loop(wait);
  }

  /** Fires now, or as soon as the run before is over. */
  fire(): Promise<Result> {
    const run = this.turn.then(() => this.run());
    this.turn = run;
    return run;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.turn;
  }

  private async loop(wait: Wait): Promise<void> {
    for (;;) {
      await wait(this.schedule.next(Date.now()) - Date.now(), this.stopping.signal);
      if (this.stopping.signal.aborted) return;
      await this.fire();
    }
  }

  private run(): Promise<Result> {
    const now = Date.now();
    const next = this.schedule.next(now);
    const last = this.lastMs ?? 0;
    this.lastMs = now;
    // The status of a schedule that fires more than once a minute is not kept.
    const isKept = this.schedule.next(next) - next >= minuteMs;
    const status = { Last: dateTime(last), Next: dateTime(next), LastUpdated: dateTime(last) };
    const info = {
      Schedule: { AdjustForDST: true },
      ScheduleStatus: isKept ? status : null,
      IsPastDue: false,
    };
    const payload = { input: { json: JSON.stringify(info) }, triggerMetadata: {} };
    return this.runner.call(this.functionName, () => payload, { cancelled: this.stopping.signal });
  }
}

const dateTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '+00:00');
