import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDuration } from '../../core/duration.ts';
import { windowStart } from '../../core/plan.ts';
import { formatRfc3339, parseRfc3339 } from '../../core/schema/rfc3339.ts';

const instant = fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 });

test('an instant written as RFC 3339 reads back', () => {
  fc.assert(
    fc.property(instant, (ms) => {
      expect(parseRfc3339(formatRfc3339(ms))).toBe(ms);
    }),
    { numRuns: 2_000 },
  );
});

test('every day of 400 years is the day that Date finds, and no other is a day', () => {
  for (let year = 1900; year < 2300; year += 1) {
    for (let month = 1; month <= 12; month += 1) {
      const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
      for (const day of [0, 1, 28, 29, 30, 31, 32]) {
        const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
        const ms = parseRfc3339(`${text}T00:00:00Z`);
        if (day < 1 || day > days) expect(ms, text).toBeNaN();
        else expect(ms, text).toBe(Date.parse(`${text}T00:00:00Z`));
      }
    }
  }
});

test('offsets and fractions are those of Date', () => {
  const offset = fc
    .tuple(fc.constantFrom('+', '-'), fc.nat(23), fc.nat(59))
    .map(([sign, h, m]) => `${sign}${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`);
  const fraction = fc.constantFrom('', '.0', '.5', '.12', '.123');
  fc.assert(
    fc.property(instant, fraction, fc.oneof(fc.constant('Z'), offset), (ms, digits, zone) => {
      const text = `${formatRfc3339(ms).slice(0, 19)}${digits}${zone}`;
      expect(parseRfc3339(text)).toBe(Date.parse(text));
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  ['2001-01-01t00:00:00z', '2001-01-01T00:00:00Z'],
  ['2001-01-01 00:00:00Z', '2001-01-01T00:00:00Z'],
  ['2001-01-01T00:00:00.123999999Z', '2001-01-01T00:00:00.123Z'],
  ['2001-01-01T00:00:00-00:00', '2001-01-01T00:00:00Z'],
  ['1998-12-31T23:59:60Z', '1998-12-31T23:59:59.999Z'],
  ['1998-12-31T23:59:60.5Z', '1998-12-31T23:59:59.999Z'],
  ['0000-02-29T00:00:00Z', '0000-02-29T00:00:00Z'],
  ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00Z'],
  ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
])('%s is %s', (text, same) => {
  expect(parseRfc3339(text)).toBe(Date.parse(same));
});

test.each([
  '',
  'now',
  '2001-01-01',
  '2001-01-01T00:00:00',
  '2001-01-01T00:00Z',
  '2001-1-01T00:00:00Z',
  '01-01-01T00:00:00Z',
  '12001-01-01T00:00:00Z',
  '+2001-01-01T00:00:00Z',
  '-001-01-01T00:00:00Z',
  '2001-00-01T00:00:00Z',
  '2001-13-01T00:00:00Z',
  '2001-02-29T00:00:00Z',
  '1900-02-29T00:00:00Z',
  '2001-04-31T00:00:00Z',
  '2001-01-01T24:00:00Z',
  '2001-01-01T00:60:00Z',
  '2001-01-01T00:00:61Z',
  '2001-01-01T00:00:00.Z',
  '2001-01-01T00:00:00,5Z',
  '2001-01-01T00:00:00.5',
  '2001-01-01T00:00:00.-5Z',
  '2001-01-01T00:00:00+24:00',
  '2001-01-01T00:00:00+01:60',
  '2001-01-01T00:00:00+0100',
  '2001-01-01T00:00:00+01',
  '2001-01-01T00:00:00+1:00',
  '2001-01-01T00:00:00ZZ',
  '2001-01-01T00:00:00Z ',
  ' 2001-01-01T00:00:00Z',
  '2001/01/01T00:00:00Z',
  '2001-01-01X00:00:00Z',
  '2001-01-01T00-00-00Z',
  '２００１-01-01T00:00:00Z',
])('%j is no time', (text) => {
  expect(parseRfc3339(text)).toBeNaN();
});

test('any text is a time or none, and never an exception', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0129-:.TZ+ ') }), (text) => {
      const ms = parseRfc3339(text);
      expect(Number.isNaN(ms) || Number.isSafeInteger(ms)).toBe(true);
    }),
  );
});

test.each<[string, number]>([
  ['0s', 0],
  ['1ms', 1],
  ['500ms', 500],
  ['1.5s', 1_500],
  ['0.001s', 1],
  ['10m', 600_000],
  ['36h', 129_600_000],
  ['7d', 604_800_000],
  ['36525d', 3_155_760_000_000],
])('%s is %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  '',
  '1',
  's',
  '1 s',
  '-1s',
  '+1s',
  '1e3s',
  '.5s',
  '1.s',
  '1w',
  '1S',
  '0.5ms',
  '1h30m',
  '36526d',
  '1s\n',
  7,
  null,
  undefined,
])('%j is no duration', (text) => {
  expect(parseDuration(text)).toBeNull();
});

test('a window holds its start and every instant before its end', () => {
  fc.assert(
    fc.property(instant, fc.integer({ min: 1, max: 3_155_760_000_000 }), (time, size) => {
      const start = windowStart(time, size);
      expect(start <= time && time < start + size).toBe(true);
      expect(Math.abs(start % size)).toBe(0);
    }),
  );
});
