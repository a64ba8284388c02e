/**
 * What other designs take. CPU times and write units are of `npm run bench:peers`, on the clicks of `bench/clicks.ts`,
 * 1,000 to a batch; the rest is assumed.
 */
export const rivalFigures = {
  /** An idempotency record per event, put and completed, and an update per event: writes by event. */
  recordPerEventWrites: 2.99,
  /** CPU of one event without its calls, microseconds: Powertools with idempotency, and a put per id. */
  recordPerEventUs: 40,
  putPerIdUs: 8,
  /** Calls that one instance has under way at once. */
  callsAtOnce: 50,
  /** Bytes of what is kept of an id, and for how long, seconds. */
  idBytes: 300,
  idSeconds: 3_600,
  /** Events of JSON that one KPU carries by second: a third of what Flink's Nexmark pages show without JSON. */
  kpuEvents: 20_000,
  /** Running storage that comes with a KPU, GB. */
  kpuGB: 50,
  /** Bytes that one streaming unit carries by second. */
  streamingUnitBytes: 1_048_576,
  /** What a container and its database are: cores at least, memory, and events by second that the database takes. */
  containerCoresMin: 0.5,
  containerGB: 2,
  databaseEvents: 20_000,
  databaseGBMin: 20,
} as const;
