import { type Workload, workloadOf } from './workload.ts';

/** The option of `millrace cost` for a field: `--events-per-second`. */
export function optionOf(field: string): string {
  return `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The command that prints what is said of a workload: of its fields those that the defaults do not bring. */
export function commandOf(workload: Workload, profile: string | null = null): string {
  const { shape } = workload;
  const usual: Workload = workloadOf({ shape });
  const options = Object.entries(workload).flatMap(([field, value]) => {
    if (field === 'shape') return value === workloadOf({}).shape ? [] : [`--shape ${value}`];
    if (value === usual[field as keyof Workload] || value === false) return [];
    return [value === true ? optionOf(field) : `${optionOf(field)} ${value}`];
  });
  const measured = profile === null ? [] : [`--profile ${quoted(profile)}`];
  return ['npx millrace cost', ...options, ...measured].join(' ');
}

/** As a shell takes it. */
function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
