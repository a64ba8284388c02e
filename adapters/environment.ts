import { MillraceError } from '../core/errors.ts';

/**
 * Reads settings from environment variables, and collects all that is wrong with them. An empty variable counts as
 * one that is not set.
 */
export class Environment {
  private readonly values: Readonly<Record<string, string | undefined>>;
  private readonly problems: string[] = [];

  constructor(values: Readonly<Record<string, string | undefined>>) {
    this.values = values;
  }

  /** A variable's text; null if it is not set. */
  optional(name: string): string | null {
    const value = this.values[name]?.trim() ?? '';
    return value === '' ? null : value;
  }

  /** A text; without a default it must be set. */
  text(name: string, otherwise?: string): string {
    const value = this.optional(name) ?? otherwise;
    if (value === undefined) this.problem(`${name} must be set`);
    return value ?? '';
  }

  /** A whole number from `min` to `max`. */
  whole(name: string, otherwise: number, min: number, max: number): number {
    const text = this.optional(name);
    if (text === null) return otherwise;
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    this.problem(`${name} must be a whole number from ${min} to ${max}, not '${text}'`);
    return otherwise;
  }

  /** One of some texts. */
  choice<const T extends string>(name: string, otherwise: T, choices: readonly T[]): T {
    const text = this.optional(name) ?? otherwise;
    const found = choices.find((one) => one === text);
    if (found === undefined) this.problem(`${name} must be ${choices.join(' or ')}, not '${text}'`);
    return found ?? otherwise;
  }

  /** Takes note of something else that is wrong. */
  problem(sentence: string): void {
    this.problems.push(sentence);
  }

  /** @throws MillraceError `definition` with all problems at once. */
  check(): void {
    const { problems } = this;
    if (problems.length === 0) return;
    const text = `the settings are wrong:\n${problems.map((one) => `  - ${one}`).join('\n')}`;
    throw new MillraceError('definition', text, { problems });
  }
}

/** Freezes a value and its own objects; what the pipelines are is theirs. */
export function frozen<T extends object>(value: T): T {
  for (const [name, member] of Object.entries(value)) {
    if (name === 'pipelines') Object.freeze(member);
    else if (typeof member === 'object' && member !== null) frozen(member);
  }
  return Object.freeze(value);
}
