const hour = 3_600_000;
/** Milliseconds of a day of 24 hours. */
export const dayMs: number = 24 * hour;
/** No place is, or was, further from UTC than this. */
const offsetMax = 16 * hour;

/** Local days of an IANA time zone, by the host's time zone data. */
export class Zone {
  readonly name: string;
  private readonly format: Intl.DateTimeFormat;

  /** @throws RangeError for a name that the host's time zone data does not have. */
  constructor(name: string) {
    this.name = name;
    this.format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      timeZoneName: 'longOffset',
    });
  }

  /** Milliseconds by which local time is ahead of UTC at an instant. */
  offsetAt(time: number): number {
    const parts = this.format.formatToParts(time);
    const text = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
    // GMT, GMT+01:00, or with seconds in the days of local mean time.
    const match = /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text);
    if (match === null) throw new RangeError(`${this.name}: an offset of '${text}'`);
    const [, sign, hours = 0, minutes = 0, seconds = 0] = match;
    const ahead = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
    return (sign === '-' ? -ahead : ahead) * 1000;
  }

  /** The local date of an instant, as days since 1970-01-01. */
  dayAt(time: number): number {
    return Math.floor((time + this.offsetAt(time)) / dayMs);
  }

  /**
   * The first instant of a local date: its first midnight or, where clocks go over midnight, the instant at which
   * they do.
   */
  startOfDay(day: number): number {
    const midnight = day * dayMs;
    const before = this.offsetAt(midnight - offsetMax);
    const after = this.offsetAt(midnight + offsetMax);
    for (const offset of [Math.max(before, after), Math.min(before, after)]) {
      if (this.offsetAt(midnight - offset) === offset) return midnight - offset;
    }
    // No clock shows that midnight: the first instant after which they show more.
    let low = midnight - offsetMax;
    let high = midnight + offsetMax;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (middle + this.offsetAt(middle) < midnight) low = middle;
      else high = middle;
    }
    return high;
  }
}
