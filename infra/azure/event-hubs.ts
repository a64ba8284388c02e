import { call, resource } from './arm.ts';
import { globalName, names } from './names.ts';
import { given } from './parameters.ts';

/** The namespace. Nobody gets in with a key: there are none that count. */
export const eventHubsNamespace = resource('Microsoft.EventHub/namespaces@2024-01-01', globalName, {
  location: given('location'),
  tags: given('tags'),
  sku: { name: 'Standard', tier: 'Standard', capacity: given('throughputUnits') },
  properties: {
    disableLocalAuth: true,
    minimumTlsVersion: '1.2',
    publicNetworkAccess: 'Enabled',
    isAutoInflateEnabled: call('greater', given('throughputUnitsMax'), given('throughputUnits')),
    maximumThroughputUnits: call(
      'if',
      call('greater', given('throughputUnitsMax'), given('throughputUnits')),
      given('throughputUnitsMax'),
      0,
    ),
  },
});

/** The stream. */
export const hub = resource(
  'Microsoft.EventHub/namespaces/eventhubs@2024-01-01',
  names.hub,
  {
    properties: {
      partitionCount: given('partitions'),
      retentionDescription: {
        cleanupPolicy: 'Delete',
        retentionTimeInHours: given('retentionHours'),
      },
    },
  },
  { parent: eventHubsNamespace },
);

/** What views publish to as `results`, if that is a stream. */
export const resultsHub = resource(
  'Microsoft.EventHub/namespaces/eventhubs@2024-01-01',
  names.resultsHub,
  {
    properties: {
      partitionCount: given('resultsPartitions'),
      retentionDescription: {
        cleanupPolicy: 'Delete',
        retentionTimeInHours: given('retentionHours'),
      },
    },
  },
  { parent: eventHubsNamespace, condition: call('equals', given('results'), 'stream') },
);

/** Two readers that don't know of each other: the pipelines, and an archive of the raw events. */
export const consumerGroups = [names.consumerGroup, names.archiveConsumerGroup].map((name) =>
  resource(
    'Microsoft.EventHub/namespaces/eventhubs/consumergroups@2024-01-01',
    name,
    { properties: {} },
    { parent: hub },
  ),
);
