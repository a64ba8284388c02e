import { app } from '@azure/functions';
import { eventHubsBatch } from '../../adapters/azure/event-hubs-batch.ts';
import type { App } from '../composition.ts';

/**
 * Brings delivered batches into the journals. It throws only when they can't be reached, so that the host delivers
 * the batch again: for ever, since a host that gives up moves on. What it skips all the same, the next batch reveals.
 */
export function registerProcess(started: Promise<App>): void {
  const trigger = {
    connection: 'EVENT_HUBS',
    eventHubName: '%EVENT_HUB%',
    consumerGroup: '%EVENT_HUB_CONSUMER_GROUP%',
    cardinality: 'many',
    // Missing in the types: without it, a body that is no JSON fails its whole batch before this code runs.
    dataType: 'binary',
  } as const;
  app.eventHub('process', {
    ...trigger,
    retry: {
      strategy: 'exponentialBackoff',
      maxRetryCount: -1,
      minimumInterval: { seconds: 1 },
      maximumInterval: { seconds: 60 },
    },
    handler: async (messages, context) => {
      const { processor, clock, config, telemetry } = await started;
      const batch = eventHubsBatch(messages, context.triggerMetadata);
      const deadline = clock.now() + config.processSeconds * 1000;
      const { failures } = await processor.process(batch, deadline);
      for (const { pipeline, error } of failures) {
        context.error(`pipeline ${pipeline}, partition ${batch.partition}:`, error);
      }
      telemetry.flush();
      if (failures[0] !== undefined) throw failures[0].error;
    },
  });
}
