import { timeMin } from './event.ts';
import type { Clock } from './ports/clock.ts';
import type { Telemetry } from './ports/telemetry.ts';
import type { PartitionStatus } from './query/reader.ts';

/** Tells how a partition stands, as gauges. */
export function reportStatus(
  { clock, telemetry }: { readonly clock: Clock; readonly telemetry: Telemetry },
  pipeline: string,
  status: PartitionStatus,
): void {
  const { partition, active, lagSeconds, watermark, index, upTo, hotKeys } = status;
  const labels = { pipeline, partition };
  telemetry.gauge('compaction_backlog_entries', index - upTo, labels);
  if (!active) return;
  // Where it stays high, `spread` in the definition helps: docs/keys.md.
  telemetry.gauge('hot_key_share', hotKeys[0]?.share ?? 0, labels);
  if (lagSeconds !== null) telemetry.gauge('lag_seconds', lagSeconds, labels);
  if (watermark > timeMin) {
    const watermarkLag = Math.max(0, clock.now() - watermark) / 1000;
    telemetry.gauge('watermark_lag_seconds', watermarkLag, labels);
  }
}
