import fc from 'fast-check';

const edit = fc.record({
  at: fc.nat(0xffff),
  cut: fc.nat(8),
  put: fc.oneof(
    fc.uint8Array({ maxLength: 6 }),
    // Numbers that say that a great deal follows.
    fc.constantFrom(
      Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f),
      Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f),
      Uint8Array.of(0x80),
      Uint8Array.of(0),
    ),
  ),
});

/** These bytes, some of them flipped, cut out, put in or cut off. */
export function mutated(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const edits = fc.array(edit, { minLength: 1, maxLength: 4 });
  return fc.tuple(edits, fc.option(fc.nat(bytes.length), { freq: 4 })).map(([all, end]) => {
    let now = bytes.slice(0, end ?? bytes.length);
    for (const { at, cut, put } of all) {
      const from = at % (now.length + 1);
      now = Uint8Array.from([...now.slice(0, from), ...put, ...now.slice(from + cut)]);
    }
    return now;
  });
}

/** Values that have broken readers of JSON before. */
export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(
    ...[-0, 1e308, 5e-324, 2 ** 53, -(2 ** 53), 1e21, 0.1, '', '\ud800', '\udc00x', '\u0000'],
    ...['__proto__', 'constructor', '9999-12-31T23:59:60Z', '0000-01-01T00:00:00Z', '1e3', 'NaN'],
    ...[null, true, [], {}, [[]], 'x'.repeat(1_025), '\u{1F600}'.repeat(300)],
  ),
);

/** An event with some of its fields replaced, dropped or added to. */
export function changed(event: Readonly<Record<string, unknown>>): fc.Arbitrary<unknown> {
  const field = fc.constantFrom(...Object.keys(event), 'extra', '__proto__', 'toString', '');
  const change = fc.tuple(field, fc.option(oddValue, { nil: undefined, freq: 5 }));
  return fc.array(change, { maxLength: 3 }).map((changes) => {
    const copy: Record<string, unknown> = { ...event };
    for (const [name, value] of changes) {
      Object.defineProperty(copy, name, {
        value,
        ...{ enumerable: true, configurable: true, writable: true },
      });
    }
    return copy;
  });
}
