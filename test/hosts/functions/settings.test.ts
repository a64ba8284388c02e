import { describe, expect, it } from 'vitest';
import { AppSettings } from './app-settings.ts';
import { readHostJson } from './host-json.ts';

describe('host.json', () => {
  it('has the defaults of the host and its extensions', () => {
    expect(readHostJson({ version: '2.0' })).toEqual({
      functionTimeoutMs: 1_800_000,
      eventHubs: {
        eventsMax: 100,
        eventsMin: 1,
        waitMsMax: 60_000,
        checkpointBatches: 1,
        prefetchEvents: 300,
        balanceMs: 30_000,
        ownershipMs: 120_000,
        fromStart: true,
      },
      queues: {
        batchMessages: 16,
        dequeuesMax: 5,
        pollingMsMax: 60_000,
        hiddenMs: 0,
        messageEncoding: 'base64',
      },
      http: { routePrefix: 'api' },
    });
  });

  it.each([
    ['00:05:00', 300_000],
    ['1.00:00:01.5', 86_401_500],
    ['-1', Infinity],
  ])('a functionTimeout of %s is %d ms', (functionTimeout, ms) => {
    expect(readHostJson({ version: '2.0', functionTimeout }).functionTimeoutMs).toBe(ms);
  });

  it.each([
    [{}, 'version'],
    [{ version: '2.0', functionTimeout: '5 minutes' }, '5 minutes'],
    [{ version: '2.0', extensions: { eventHubs: { maxEventBatchSize: 0 } } }, 'maxEventBatchSize'],
    [
      { version: '2.0', extensions: { eventHubs: { minEventBatchSize: 101 } } },
      'minEventBatchSize',
    ],
    [{ version: '2.0', extensions: { queues: { messageEncoding: 'utf16' } } }, 'utf16'],
    [{ version: '2.0', extensions: { http: 'api' } }, 'http'],
    [{ version: '2.0', extensions: { http: { routePrefix: 5 } } }, 'routePrefix'],
    [
      {
        version: '2.0',
        extensions: { eventHubs: { initialOffsetOptions: { type: 'fromEnqueuedTime' } } },
      },
      'fromEnqueuedTime',
    ],
  ])('%j is refused', (content, named) => {
    expect(() => readHostJson(content)).toThrow(named);
  });
});

describe('app settings', () => {
  const settings = new AppSettings({ HUB: 'clicks', Hub: 'Endpoint=1', AzureWebJobsOther: 'x' });

  it('replace what a registration puts between percent signs', () => {
    expect(settings.resolve('%HUB%-%HUB%')).toBe('clicks-clicks');
    expect(settings.resolve('50 %')).toBe('50 %');
    expect(() => settings.resolve('%NONE%')).toThrow('NONE');
  });

  it('are found as connections, with and without the prefix', () => {
    expect(settings.connection('Hub')).toBe('Endpoint=1');
    expect(settings.connection('Other')).toBe('x');
    expect(() => settings.connection('')).toThrow('AzureWebJobsStorage');
  });
});
