import { SystemClock } from '../../adapters/system-clock.ts';
import { untilStopped } from '../../cli/until-stopped.ts';
import { sendFlights } from './demo-traffic.ts';

/** An app that runs, with what the demo shows of it. */
export interface RunningApp {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

interface Status {
  readonly pipelines: readonly {
    readonly watermark: string | null;
    readonly lagSeconds: number | null;
    readonly counts: { readonly received: number; readonly duplicates: number };
  }[];
}

const progressMs = 2_000;

/**
 * Sends flights to an app and shows how it gets on, until it is stopped.
 *
 * @param paceMs how much of 2001 passes in a second, milliseconds; null for no traffic.
 */
export async function demonstrate(app: RunningApp, paceMs: number | null): Promise<void> {
  const clock = new SystemClock();
  const ended = new AbortController();
  const stopped = untilStopped().then(() => ended.abort());
  let sent = 0;
  const traffic =
    paceMs === null
      ? Promise.resolve()
      : sendFlights({
          ...{ url: app.url, headers: app.headers, paceMs, clock, signal: ended.signal },
          onSent: (count) => {
            sent = count;
          },
        });
  while (!ended.signal.aborted) {
    await Promise.race([clock.sleep(progressMs), stopped]);
    if (ended.signal.aborted) break;
    try {
      const response = await fetch(`${app.url}/v1/status`, { headers: app.headers });
      const { pipelines } = (await response.json()) as Status;
      console.log(lineOf(pipelines[0], sent));
    } catch (error) {
      console.log(`the app doesn't answer: ${String(error)}`);
    }
  }
  await traffic;
  await app.stop();
}

function lineOf(pipeline: Status['pipelines'][number] | undefined, sent: number): string {
  if (pipeline === undefined) return 'no pipeline';
  const { watermark, lagSeconds, counts } = pipeline;
  return [
    `${sent.toLocaleString('en-US')} flights sent`,
    `${counts.received.toLocaleString('en-US')} processed`,
    `lag ${lagSeconds?.toFixed(1) ?? '?'} s`,
    `watermark ${watermark?.slice(0, 16).replace('T', ' ') ?? '-'}`,
    `duplicates ${counts.duplicates}`,
  ].join(' | ');
}
