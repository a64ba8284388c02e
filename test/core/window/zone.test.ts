import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Calendar } from '../../../core/window/calendar.ts';
import { Zone } from '../../../core/window/zone.ts';

const hour = 3_600_000;

/** The window that holds an instant: its bounds in UTC, and hours. */
function windowAt(calendar: Calendar, instant: string): string {
  const start = calendar.paneStart(Date.parse(instant));
  const end = calendar.paneEnd(start);
  const text = (ms: number) => new Date(ms).toISOString().slice(0, 16);
  return `${text(start)} ${text(end)} ${(end - start) / hour}h`;
}

const daysIn = (zone: string) => new Calendar('days', new Zone(zone));

describe('calendar days', () => {
  it.each([
    ['Europe/Berlin', 'a usual day', '2024-07-01T10:00Z', '2024-06-30T22:00 2024-07-01T22:00 24h'],
    [
      'Europe/Berlin',
      'clocks go forward',
      '2024-03-31T00:59Z',
      '2024-03-30T23:00 2024-03-31T22:00 23h',
    ],
    [
      'Europe/Berlin',
      'clocks go back',
      '2024-10-27T00:59Z',
      '2024-10-26T22:00 2024-10-27T23:00 25h',
    ],
    [
      'Europe/Berlin',
      'local mean time',
      '1890-05-05T12:00Z',
      '1890-05-04T23:06 1890-05-05T23:06 24h',
    ],
    [
      'America/Sao_Paulo',
      'there is no midnight',
      '2018-11-04T03:00Z',
      '2018-11-04T03:00 2018-11-05T02:00 23h',
    ],
    [
      'America/Sao_Paulo',
      'the day before it',
      '2018-11-04T02:59Z',
      '2018-11-03T03:00 2018-11-04T03:00 24h',
    ],
    [
      'America/Sao_Paulo',
      '23:00 comes twice',
      '2018-02-18T02:30Z',
      '2018-02-17T02:00 2018-02-18T03:00 25h',
    ],
    [
      'Africa/Cairo',
      'there is no midnight',
      '2024-04-25T22:00Z',
      '2024-04-25T22:00 2024-04-26T21:00 23h',
    ],
    [
      'Africa/Cairo',
      '23:00 comes twice',
      '2024-10-31T21:30Z',
      '2024-10-30T21:00 2024-10-31T22:00 25h',
    ],
    [
      'America/St_Johns',
      'midnight comes twice',
      '2010-11-07T02:31Z',
      '2010-11-07T02:30 2010-11-08T03:30 25h',
    ],
    [
      'America/St_Johns',
      'the evening again',
      '2010-11-07T03:00Z',
      '2010-11-07T02:30 2010-11-08T03:30 25h',
    ],
    [
      'Australia/Lord_Howe',
      'half an hour less',
      '2024-10-05T15:00Z',
      '2024-10-05T13:30 2024-10-06T13:00 23.5h',
    ],
    [
      'Antarctica/Troll',
      'two hours less',
      '2024-03-31T00:30Z',
      '2024-03-31T00:00 2024-03-31T22:00 22h',
    ],
    [
      'Pacific/Apia',
      'the day before the one left out',
      '2011-12-30T09:59Z',
      '2011-12-29T10:00 2011-12-30T10:00 24h',
    ],
    [
      'Pacific/Apia',
      'the day after it',
      '2011-12-30T10:00Z',
      '2011-12-30T10:00 2011-12-31T10:00 24h',
    ],
    [
      'Pacific/Kwajalein',
      'the day twice as long',
      '1969-10-01T00:00Z',
      '1969-09-29T13:00 1969-10-01T12:00 47h',
    ],
    [
      'America/Toronto',
      'half past eleven to half past twelve',
      '1919-03-31T12:00Z',
      '1919-03-31T04:30 1919-04-01T04:00 23.5h',
    ],
    [
      'Asia/Kathmandu',
      'a quarter of an hour',
      '2024-01-01T00:00Z',
      '2023-12-31T18:15 2024-01-01T18:15 24h',
    ],
    ['UTC', 'UTC', '2024-02-29T23:59:59.999Z', '2024-02-29T00:00 2024-03-01T00:00 24h'],
  ])('of %s: %s', (zone, _, instant, expected) => {
    expect(windowAt(daysIn(zone), instant)).toBe(expected);
  });
});

describe('calendar weeks and months', () => {
  const berlin = new Zone('Europe/Berlin');

  it('start on Monday, or on the day that is asked for', () => {
    const instant = '2024-03-31T12:00Z';
    const week = windowAt(new Calendar('weeks', berlin), instant);
    expect(week).toBe('2024-03-24T23:00 2024-03-31T22:00 167h');
    const sundays = windowAt(new Calendar('weeks', berlin, 'sunday'), instant);
    expect(sundays).toBe('2024-03-30T23:00 2024-04-06T22:00 167h');
    const saturdays = windowAt(new Calendar('weeks', berlin, 'saturday'), instant);
    expect(saturdays).toBe('2024-03-29T23:00 2024-04-05T22:00 167h');
    expect(windowAt(new Calendar('weeks', berlin), '1969-12-31T12:00Z')).toBe(
      '1969-12-28T23:00 1970-01-04T23:00 168h',
    );
  });

  it('months have 28 to 31 days', () => {
    const months = new Calendar('months', berlin);
    expect(windowAt(months, '2024-02-29T12:00Z')).toBe('2024-01-31T23:00 2024-02-29T23:00 696h');
    expect(windowAt(months, '2023-02-28T23:00Z')).toBe('2023-02-28T23:00 2023-03-31T22:00 743h');
    expect(windowAt(months, '2023-10-15T00:00Z')).toBe('2023-09-30T22:00 2023-10-31T23:00 745h');
    expect(windowAt(months, '0001-01-15T00:00Z').slice(0, 33)).toBe(
      '0000-12-31T23:06 0001-01-31T23:06',
    );
  });
});

/** Places whose clocks did odd things, and some where they did not. */
const zones = [
  ...['Europe/Berlin', 'America/Sao_Paulo', 'Africa/Cairo', 'Asia/Beirut', 'America/Havana'],
  ...['Australia/Lord_Howe', 'Antarctica/Troll', 'Pacific/Apia', 'America/New_York', 'Asia/Tehran'],
  ...['Asia/Gaza', 'America/Asuncion', 'Africa/Casablanca', 'Asia/Kolkata', 'UTC'],
];
const instants = fc.integer({ min: Date.UTC(1970, 0, 3), max: Date.UTC(2035, 0, 1) });
const calendars = fc.record({
  kind: fc.constantFrom<Calendar['kind']>('days', 'weeks', 'months'),
  zone: fc.constantFrom(...zones),
});

describe('calendar windows of any place', () => {
  it('lie side by side, and each instant finds its own', () => {
    fc.assert(
      fc.property(
        calendars,
        instants,
        fc.double({ min: 0, max: 1, noNaN: true }),
        ({ kind, zone }, time, part) => {
          const calendar = new Calendar(kind, new Zone(zone));
          const start = calendar.paneStart(time);
          const end = calendar.paneEnd(start);
          expect(start <= time && time < end).toBe(true);
          expect(end - start).toBeLessThanOrEqual(calendar.windowMax);
          const inside = start + Math.floor((end - start - 1) * part);
          const fresh = new Calendar(kind, new Zone(zone));
          expect(fresh.paneStart(inside)).toBe(start);
          expect(fresh.paneStart(end - 1)).toBe(start);
          expect(fresh.paneStart(end)).toBe(end);
          expect(fresh.paneEnd(inside)).toBe(end);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('hold what the local calendar shows, but for an hour that comes twice over midnight', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), instants, (zone, time) => {
        const shown = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' });
        const calendar = daysIn(zone);
        const start = calendar.paneStart(time);
        const end = calendar.paneEnd(start);
        // The day begins when the calendar first shows it, and the next one when it shows another.
        expect(shown.format(start - 1)).not.toBe(shown.format(start));
        expect(shown.format(end - 1)).not.toBe(shown.format(end));
        if (shown.format(time) !== shown.format(start)) {
          expect(calendar.zone.offsetAt(time)).toBeLessThan(calendar.zone.offsetAt(start));
        }
      }),
      { numRuns: 300 },
    );
  });
});
