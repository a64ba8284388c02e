import { MessagingError } from '@azure/event-hubs';
import { expect, it } from 'vitest';
import { eventHubsError } from '../../adapters/azure/event-hubs-errors.ts';
import { MillraceError } from '../../core/errors.ts';

function messaging(code: string | undefined): MessagingError {
  return Object.assign(new MessagingError('because'), { code });
}

it.each([
  ['ServerBusyError', 'throttled'],
  ['QuotaExceededError', 'throttled'],
  ['MessagingEntityNotFoundError', 'request'],
  ['ArgumentOutOfRangeError', 'request'],
  ['ArgumentError', 'request'],
  ['MessageTooLargeError', 'too-large'],
  ['ServiceUnavailableError', 'unavailable'],
  ['OperationTimeoutError', 'unavailable'],
  ['UnauthorizedError', 'unavailable'],
  ['ReceiverDisconnectedError', 'unavailable'],
  ['ECONNREFUSED', 'unavailable'],
  ['toString', 'unavailable'],
  [undefined, 'unavailable'],
])('%s becomes %s', (code, expected) => {
  const cause = messaging(code);
  const error = eventHubsError('read', cause);
  expect(error).toBeInstanceOf(MillraceError);
  expect(error).toMatchObject({ code: expected, message: 'Could not read: because', cause });
});

it('takes the last error of several tries, however deep, and keeps them all', () => {
  const inner = new AggregateError([messaging('ServerBusyError'), messaging('ArgumentError')]);
  const cause = new AggregateError([messaging('OperationTimeoutError'), inner]);
  expect(eventHubsError('read', cause)).toMatchObject({ code: 'request', cause });
  const empty = new AggregateError([], 'nothing');
  expect(eventHubsError('read', empty)).toMatchObject({ code: 'unavailable' });
});

it('leaves alone what is one already, and what is a mistake of ours', () => {
  const error = new MillraceError('damaged', 'x');
  expect(eventHubsError('read', error)).toBe(error);
  const mistake = new TypeError('x');
  expect(eventHubsError('read', mistake)).toBe(mistake);
});
