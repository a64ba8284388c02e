import { randomUUID } from 'node:crypto';
import type { Wait } from '../wait.ts';
import type { InvocationResult, LambdaFunction } from './lambda-function.ts';

/** What a schedule is made of. */
export interface ScheduleParts {
  /** `rate(5 minutes)`. */
  readonly expression: string;
  readonly ruleArn: string;
  readonly target: LambdaFunction;
  readonly now: () => number;
  readonly wait: Wait;
}

const unitMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/** A rule of EventBridge that invokes a function by the clock. Whether that succeeds is nothing to it. */
export class Schedule {
  private readonly parts: ScheduleParts;
  private readonly rateMs: number;
  private readonly stopping = new AbortController();
  private looping: Promise<void> = Promise.resolve();

  constructor(parts: ScheduleParts) {
    this.parts = parts;
    this.rateMs = rateMs(parts.expression);
  }

  /** Fires by its rate from now on. */
  start(): void {
    this.looping = this.loop();
  }

  /** Fires now. */
  fire(): Promise<InvocationResult> {
    const { ruleArn, target, now } = this.parts;
    const [, , , region, account] = ruleArn.split(':');
    return target.invoke({
      ...{ version: '0', id: randomUUID(), 'detail-type': 'Scheduled Event', source: 'aws.events' },
      ...{ account, time: `${new Date(now()).toISOString().slice(0, 19)}Z`, region },
      ...{ resources: [ruleArn], detail: {} },
    });
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.looping;
  }

  private async loop(): Promise<void> {
    const { signal } = this.stopping;
    for (;;) {
      await this.parts.wait(this.rateMs, signal);
      if (signal.aborted) return;
      await this.fire().catch(() => {});
    }
  }
}

/** @throws Error for what is not reproduced here. */
function rateMs(expression: string): number {
  const [, value, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (unit === undefined) throw new Error(`${expression} is not reproduced here: give a rate.`);
  return Number(value) * unitMs[unit as keyof typeof unitMs];
}
