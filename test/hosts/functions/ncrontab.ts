/** A parsed schedule: for each of the six fields the values at which it fires. */
export interface Schedule {
  /** The next time after `after`, epoch milliseconds; times are UTC, as they are in Azure. */
  next(after: number): number;
}

const fields = [
  { name: 'second', from: 0, to: 59 },
  { name: 'minute', from: 0, to: 59 },
  { name: 'hour', from: 0, to: 23 },
  { name: 'day', from: 1, to: 31 },
  { name: 'month', from: 1, to: 12 },
  { name: 'day of the week', from: 0, to: 6 },
];
/** The 29th of February comes again after at most eight years. */
const daysMax = 8 * 366;

/**
 * Parses `second minute hour day month day-of-week` with `*`, numbers, lists, ranges and steps. Names of months and
 * days are not reproduced.
 */
export function parseNcrontab(expression: string): Schedule {
  const parts = expression.trim().split(/\s+/);
  // Five fields are those of Unix, without seconds.
  if (parts.length === 5) parts.unshift('0');
  if (parts.length !== fields.length) throw new Error(`${expression} is no NCRONTAB expression.`);
  const [seconds, minutes, hours, days, months, weekDays] = parts.map((part, index) =>
    valuesOf(part, fields[index]!),
  ) as [Set<number>, Set<number>, Set<number>, Set<number>, Set<number>, Set<number>];
  const isDay = (date: Date) =>
    days.has(date.getUTCDate()) &&
    months.has(date.getUTCMonth() + 1) &&
    weekDays.has(date.getUTCDay());
  const times = timesOfDay(hours, minutes, seconds);
  const next = (after: number): number => {
    const first = new Date(after);
    for (let day = 0; day <= daysMax; day += 1) {
      const midnight = Date.UTC(
        first.getUTCFullYear(),
        first.getUTCMonth(),
        first.getUTCDate() + day,
      );
      if (!isDay(new Date(midnight))) continue;
      const time = times.find((each) => midnight + each > after);
      if (time !== undefined) return midnight + time;
    }
    throw new Error(`${expression} never comes.`);
  };
  return { next };
}

/** Milliseconds since midnight, ascending. */
function timesOfDay(
  hours: ReadonlySet<number>,
  minutes: ReadonlySet<number>,
  seconds: ReadonlySet<number>,
): number[] {
  const times: number[] = [];
  for (const hour of hours) {
    for (const minute of minutes) {
      for (const second of seconds) times.push(((hour * 60 + minute) * 60 + second) * 1000);
    }
  }
  return times.sort((a, b) => a - b);
}

function valuesOf(part: string, field: (typeof fields)[number]): Set<number> {
  const values = new Set<number>();
  for (const item of part.split(',')) {
    const found = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(item);
    if (found === null) throw new Error(`${item} is no ${field.name} of an NCRONTAB expression.`);
    const [, first, last, step] = found;
    const from = first === undefined ? field.from : Number(first);
    const open = first === undefined || step !== undefined;
    const to = last !== undefined ? Number(last) : open ? field.to : from;
    if (from < field.from || to > field.to || from > to || Number(step ?? 1) < 1) {
      throw new Error(`${item} is out of the range of a ${field.name}.`);
    }
    for (let value = from; value <= to; value += Number(step ?? 1)) values.add(value);
  }
  return values;
}
