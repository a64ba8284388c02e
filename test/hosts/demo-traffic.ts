import type { Clock } from '../../core/ports/clock.ts';
import { flights } from '../../local-app/flights-source.ts';

/** Where demo traffic goes, and how fast. */
export interface DemoTraffic {
  /** Of the app: events go to its `/v1/events`. */
  readonly url: string;
  /** What opens it. */
  readonly headers: Readonly<Record<string, string>>;
  /** How much event time passes in a second of real time, milliseconds. */
  readonly paceMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told after each request: how many flights the app has taken. */
  readonly onSent: (sent: number) => void;
}

const stepMs = 250;
const tryMs = 1_000;
const eventsMax = 5_000;

/** Sends real flights in the order of their arrival to an app's ingest door, until its signal or the last flight. */
export async function sendFlights(traffic: DemoTraffic): Promise<void> {
  const { paceMs, clock, signal, onSent } = traffic;
  const begun = clock.now();
  let first: number | null = null;
  let sent = 0;
  let batch: object[] = [];
  for await (const { arrival, rows } of flights()) {
    first ??= arrival;
    batch.push(...rows);
    const dueAt = begun + ((arrival - first) / paceMs) * 1_000;
    if (batch.length < eventsMax && dueAt <= clock.now()) continue;
    await post(traffic, batch);
    if (signal.aborted) return;
    sent += batch.length;
    batch = [];
    onSent(sent);
    while (clock.now() < dueAt && !signal.aborted) await clock.sleep(stepMs);
  }
  await post(traffic, batch);
  onSent(sent + batch.length);
}

/** Sends a batch until the app has taken it: ids make a repetition harmless. */
async function post({ url, headers, clock, signal }: DemoTraffic, batch: object[]): Promise<void> {
  const body = batch.map((event) => JSON.stringify(event)).join('\n');
  const type = { 'content-type': 'application/x-ndjson' };
  while (batch.length > 0 && !signal.aborted) {
    try {
      const init = { method: 'POST', headers: { ...headers, ...type }, body, signal };
      const response = await fetch(`${url}/v1/events`, init);
      await response.arrayBuffer();
      if (response.status === 202) return;
    } catch {
      // The app is not there, or was ended: it will be again.
    }
    if (!signal.aborted) await clock.sleep(tryMs);
  }
}
