import { MillraceError } from '../errors.ts';

/** How events are packed into records, and how long and how much the publisher holds. */
export interface PackingOptions {
  /** Buckets that keys are spread over, 1 to 65,536; fixed for a generation, and at least the number of partitions. */
  readonly bucketCount: number;
  /** Events in one record. */
  readonly packEventsMax: number;
  /** Bytes of one record before compression; a larger event goes alone. The publisher's own limit holds as well. */
  readonly packBytesMax: number;
  /** How long a record waits for more events, milliseconds; 0 sends what one turn of the event loop brings. */
  readonly packLingerMs: number;
  /** Bytes of all events held, each counted with `eventOverheadBytes` more; `send` waits at the bound. */
  readonly bufferBytesMax: number;
  /** How long a full record is tried again, milliseconds; then its events are refused. It is tried once at least. */
  readonly publishMsMax: number;
  /** Whether records of several events are compressed with zstd, when that makes them smaller. */
  readonly compress: boolean;
}

/** The options in force unless a composition says otherwise. */
export const defaultPacking: PackingOptions = {
  bucketCount: 64,
  packEventsMax: 100,
  packBytesMax: 262_144,
  packLingerMs: 100,
  bufferBytesMax: 67_108_864,
  publishMsMax: 30_000,
  compress: true,
};

/** What the bookkeeping of one buffered event is taken to cost, bytes. */
export const eventOverheadBytes = 256;

/** The options with the defaults filled in. @throws MillraceError `definition` that lists all that is wrong. */
export function packingOptions(given: Partial<PackingOptions>): PackingOptions {
  const options = { ...defaultPacking, ...given };
  const problems: string[] = [];
  const whole = (name: Exclude<keyof PackingOptions, 'compress'>, min: number, max: number) => {
    const value = options[name];
    if (Number.isInteger(value) && value >= min && value <= max) return;
    problems.push(`${name} must be a whole number from ${min} to ${max}, not ${value}`);
  };
  whole('bucketCount', 1, 65_536);
  whole('packEventsMax', 1, 1_000_000);
  whole('packBytesMax', 1, 1_073_741_824);
  whole('packLingerMs', 0, 3_600_000);
  whole('bufferBytesMax', eventOverheadBytes + 2, 1_099_511_627_776);
  whole('publishMsMax', 0, 3_600_000);
  if (problems.length > 0) {
    throw new MillraceError('definition', `Packing: ${problems.join('; ')}`, { problems });
  }
  return options;
}
