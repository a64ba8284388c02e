const entryLifeSecondsMin = 172_800;

/** How long an entry lives at least, seconds: twice as long as the stream keeps its records. */
export function entryLifeSeconds(retentionSeconds: number): number {
  return Math.max(entryLifeSecondsMin, 2 * retentionSeconds);
}
