import { call, type Expression, variable } from './arm.ts';
import { given } from './parameters.ts';

/**
 * The names that are unique in all of Azure end in a hash of the resource group, so that the same group always gives
 * the same names; ten characters of it leave room in the 24 that a storage account may have.
 */
export const variables = {
  suffix: call('take', call('uniqueString', call('resourceGroup').get('id'), given('name')), 10),
  globalName: call('toLower', call('format', '{0}-{1}', given('name'), variable('suffix'))),
};

/** The name of what must be unique in all of Azure. */
export const globalName: Expression = variable('globalName');

/** The name of what must be unique in the resource group alone: `millrace-logs`. */
export function localName(what: string): Expression {
  return call('format', '{0}-{1}', given('name'), what);
}

/** The name of a storage account: lower case letters and digits alone. */
export function storageName(what: string): Expression {
  return call('toLower', call('concat', given('name'), what, variable('suffix')));
}

/** What the parts of the system call each other by; the app learns them from its settings. */
export const names = {
  hub: 'events',
  consumerGroup: 'millrace',
  archiveConsumerGroup: 'archive',
  database: 'millrace',
  container: 'state',
  stateContainer: 'state',
  objectsContainer: 'objects',
  packagesContainer: 'packages',
  noticesQueue: 'dead-letters',
  /** Where the host moves a notice that `poison` failed five times; nobody consumes it. */
  poisonQueue: 'dead-letters-poison',
  resultsQueue: 'results',
  resultsHub: 'results',
} as const;
