import { constraint, ServiceError } from './service-error.ts';

/** The input of an operation as it came: JSON. */
export type Input = Readonly<Record<string, unknown>>;

/** What a text may be. */
export interface TextRule {
  readonly pattern?: string;
  readonly charactersMin?: number;
  readonly charactersMax?: number;
}

/** The rules of the service's model. */
export const nameRule: TextRule = {
  pattern: '[a-zA-Z0-9_.-]+',
  charactersMin: 1,
  charactersMax: 128,
};
export const hashKeyRule: TextRule = { pattern: '0|([1-9]\\d{0,38})' };
export const sequenceRule: TextRule = { pattern: '0|([1-9]\\d{0,128})' };

/** A text, undefined if there is none. `path` is its place in the input, for messages. */
export function text(input: Input, name: string, rule: TextRule = {}, path = name) {
  const value = input[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw wrongType(`${path} is not a String`);
  const { pattern, charactersMin = 0, charactersMax = Infinity } = rule;
  if (value.length < charactersMin) {
    throw constraint(path, value, `have length greater than or equal to ${charactersMin}`);
  }
  if (value.length > charactersMax) {
    throw constraint(path, value, `have length less than or equal to ${charactersMax}`);
  }
  if (pattern !== undefined && !new RegExp(`^(${pattern})$`).test(value)) {
    throw constraint(path, value, `satisfy regular expression pattern: ${pattern}`);
  }
  return value;
}

/** One of some texts. */
export function choice<T extends string>(input: Input, name: string, choices: readonly T[]): T {
  const value = required(text(input, name), name) as T;
  if (choices.includes(value)) return value;
  throw constraint(name, value, `satisfy enum value set: [${choices.join(', ')}]`);
}

/** A whole number from `from` to `to`, undefined if there is none. */
export function whole(input: Input, name: string, from: number, to: number): number | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'number') throw wrongType(`${name} is not an Integer`);
  const number = Math.floor(value);
  if (number < from) throw constraint(name, number, `have value greater than or equal to ${from}`);
  if (number > to) throw constraint(name, number, `have value less than or equal to ${to}`);
  return number;
}

/** A time in epoch milliseconds, undefined if there is none; in JSON it is epoch seconds. */
export function time(input: Input, name: string): number | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'number') throw wrongType(`${name} is not a Timestamp`);
  return Math.round(value * 1_000);
}

/** A structure, undefined if there is none. */
export function structure(input: Input, name: string): Input | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined || (typeof value === 'object' && !Array.isArray(value))) {
    return value as Input | undefined;
  }
  throw wrongType(`${name} is not a Structure`);
}

/** Bytes as base64, undefined if there are none. */
export function blob(input: Input, name: string): string | undefined {
  const value = text(input, name);
  if (value === undefined || (value.length % 4 === 0 && /^[\w+/-]*={0,2}$/.test(value))) {
    return value;
  }
  throw wrongType(`${name} can not be converted to a Blob`);
}

/** How many bytes a base64 text stands for. */
export function blobBytes(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return (base64.length / 4) * 3 - padding;
}

/** What must be there. */
export function required<T>(value: T | undefined, path: string): T {
  if (value === undefined) throw constraint(path, undefined, 'not be null');
  return value;
}

/** What can't be read as the type that it should have. */
export const wrongType = (message: string): ServiceError =>
  new ServiceError('SerializationException', message);
