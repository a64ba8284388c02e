import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What was recorded of one scenario, by the name that the recording gives each part. */
export type Recording = Readonly<Record<string, unknown>>;

/** All scenarios of a file, by their names. */
export function recordings(file: string): ReadonlyMap<string, Recording> {
  const text = readFileSync(join(import.meta.dirname, 'recordings', file), 'utf8');
  const parsed = JSON.parse(text) as Record<string, { 'recorded-content': Recording }>;
  return new Map(
    Object.entries(parsed).map(([name, each]) => [
      name.replace(/^.*::test_/, ''),
      each['recorded-content'],
    ]),
  );
}

/** Values of the recorded account that have no angle brackets. */
const bare = new Set(['sender-id', 'sent-timestamp', '111111111111']);
const placeholder = /<[a-z0-9-]+(?::[^<>]*)?>|111111111111/g;

/**
 * Compares what was observed with what was recorded, part by part. A placeholder takes any value, but a numbered one
 * the same value wherever it stands, and no other one's.
 */
export class Comparison {
  private readonly bound = new Map<string, string>();
  private readonly found: string[] = [];

  /** The paths at which the two differ. */
  get differences(): readonly string[] {
    return this.found;
  }

  /** Compares one part. */
  compare(path: string, recorded: unknown, observed: unknown): this {
    if (typeof recorded === 'string') {
      if (!this.fits(recorded, observed)) this.found.push(path);
    } else if (typeof recorded === 'object' && recorded !== null) {
      const [left, right] = [members(recorded), members(observed)];
      for (const name of new Set([...Object.keys(left), ...Object.keys(right)])) {
        const here = `${path}.${name}`;
        if (name in left && name in right) this.compare(here, left[name], right[name]);
        else this.found.push(here);
      }
    } else if (recorded !== observed) this.found.push(path);
    return this;
  }

  private fits(recorded: string, observed: unknown): boolean {
    if (bare.has(recorded)) return typeof observed === 'string' && observed !== '';
    if (/^<(approximate-arrival-timestamp|execution-start)>$/.test(recorded)) {
      return typeof observed === 'number';
    }
    if (typeof observed !== 'string') return false;
    const names = recorded.match(placeholder) ?? [];
    const pattern = recorded.split(placeholder).map(RegExp.escape).join('(.+?)');
    const values = new RegExp(`^${pattern}$`, 's').exec(observed)?.slice(1);
    return values?.every((value, index) => this.bind(names[index]!, value)) ?? false;
  }

  private bind(name: string, value: string): boolean {
    if (name.startsWith('<timestamp:')) return /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/.test(value);
    if (!/^<.*:\d+>$/.test(name)) return true;
    const known = this.bound.get(name);
    if (known !== undefined) return known === value;
    const kind = name.replace(/:\d+>$/, ':');
    const others = [...this.bound].filter(([other]) => other.startsWith(kind));
    if (others.some(([, taken]) => taken === value)) return false;
    this.bound.set(name, value);
    return true;
  }
}

function members(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
