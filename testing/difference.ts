/**
 * What part of a value must be: members that are not named may be anything, an array is as long as it says, and a
 * function says of the value whether it will do.
 */
export type Part<T> =
  | (T extends readonly (infer U)[]
      ? readonly Part<U>[]
      : T extends object
        ? { readonly [K in keyof T]?: Part<T[K]> }
        : T)
  | ((value: T) => boolean);

/** What differs between a value and what it should be, a sentence each. */
export function differences(actual: unknown, expected: unknown, path = ''): string[] {
  const what = path === '' ? 'the value' : path;
  if (typeof expected === 'function') {
    return expected(actual) === true ? [] : [`${what} is ${show(actual)}, which won't do`];
  }
  if (typeof expected !== 'object' || expected === null) {
    return Object.is(actual, expected) ? [] : [`${what} is ${show(actual)}, not ${show(expected)}`];
  }
  if (typeof actual !== 'object' || actual === null) {
    return [`${what} is ${show(actual)}, not ${show(expected)}`];
  }
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length !== actual.length) {
    return [`${what} has ${actual.length} elements, not ${expected.length}: ${show(actual)}`];
  }
  return Object.entries(expected).flatMap(([name, value]) => {
    const within = path === '' ? name : `${path}.${name}`;
    if (!(name in actual)) return [`${within} is not there`];
    return differences((actual as Record<string, unknown>)[name], value, within);
  });
}

/** A value as JSON on one line. */
export function show(value: unknown): string {
  return JSON.stringify(value, (_, part) => (typeof part === 'function' ? '(a function)' : part));
}
