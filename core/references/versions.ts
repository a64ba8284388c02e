import type { Reader, Writer } from '../bytes.ts';

/** The versions of the tables that a fold used, by the name of the reference. */
export type Versions = Readonly<Record<string, string>>;

/** The most references of a pipeline. */
export const referencesMax = 16;
/** What one version adds to an entry at most, bytes: a name, a hash, and their lengths. */
export const versionBytesMax = 82;

/** Those of a later entry, or the earlier ones if it folded nothing. */
export function laterVersions(before: Versions, after: Versions): Versions {
  return Object.keys(after).length === 0 ? before : after;
}

/** Writes versions. */
export function encodeVersions(out: Writer, versions: Versions): void {
  const all = Object.entries(versions);
  out.unsigned(all.length);
  for (const [name, version] of all) {
    out.text(name);
    out.text(version);
  }
}

/** Reads versions. */
export function decodeVersions(from: Reader): Versions {
  const length = from.unsigned(referencesMax);
  return Object.fromEntries(Array.from({ length }, () => [from.text(), from.text()]));
}
