import type { Cloud } from '../../cost/price-book.ts';

/** Meters of the bills that no replay can count, by name or by how it begins, and why. */
export const uncounted: Readonly<Record<Cloud, Readonly<Record<string, string>>>> = {
  aws: {
    'time of': 'GB-seconds: by the speed of the platform and of its network',
    shards: 'by the hour, whatever comes',
    'polls for notices': 'made by the platform',
    'keys of table and stream': 'made by the platform',
    'metrics of alarms': 'by the month, from the template',
    'figures as metrics': 'by the month, from the template',
    logs: 'bytes that the platform writes and keeps',
    answers: 'by the rows that are asked for',
    'entries and pages': 'bytes over a month',
    'recovery to a point in time': 'bytes over a month',
  },
  azure: {
    'time of': 'GB-seconds: by the speed of the platform and of its network',
    stream: 'by the hour, whatever comes',
    checkpoints: 'made by the platform, every 16 batches of a partition',
    owners: 'made by the platform',
    'lists of owners': 'made by the platform',
    'metric alerts': 'by the month, from the template',
    'log alerts': 'by the month, from the template',
    logs: 'bytes that the platform writes and keeps',
    answers: 'by the rows that are asked for',
    'entries and pages': 'bytes over a month',
  },
};

/** Why a meter is not counted; null for one that must be. */
export function whyUncounted(cloud: Cloud, meter: string): string | null {
  const found = Object.entries(uncounted[cloud]).find(([name]) => meter.startsWith(name));
  return found?.[1] ?? null;
}
