import { DeleteQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sqsTextOf, textOfSqs } from '../../adapters/aws/sqs-text.ts';
import { jsonFault } from '../contract/aws-failures.ts';
import { sqsMessageQueue } from '../contract/aws-stores.ts';
import { oddTexts } from '../contract/odd-texts.ts';
import { expectError, subjectOf } from '../contract/subject.ts';

/** Every ASCII character, the ends of what SQS takes, and the escape with what may follow it. */
const unit = fc.oneof(
  fc.integer({ min: 0, max: 0x7f }).map((code) => String.fromCharCode(code)),
  fc.constantFrom('\x7f', '\x7f007f', '\x7f00', '\u0080', '\ud7ff', '\ue000', '\ufffd', '\ufffe'),
  fc.constantFrom('\uffff', '\u{10000}', '\u{10ffff}', '👩\u200d🚀'),
);
const text = fc.oneof(fc.string({ unit, maxLength: 12 }), fc.constantFrom(...oddTexts));

test('any text becomes one that SQS takes, and comes back', () => {
  fc.assert(
    fc.property(text, (a) => {
      expect(sqsTextOf(a)).toMatch(/^[\t\n\r\u0020-\ud7ff\ue000-\ufffd]*$/);
      expect(textOfSqs(sqsTextOf(a))).toBe(a);
    }),
    { numRuns: 5_000 },
  );
});

test('ordinary texts are sent as they are, for other receivers to read', async () => {
  const { port, client, queueUrl } = await subjectOf(sqsMessageQueue);
  const body = '{"dead":"ünïcode 日本語",\n\t"at":1}';
  await port.send(body);
  const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl: queueUrl }));
  expect(Messages?.map((message) => message.Body)).toEqual([body]);
});

test('no message is more than the service takes, whatever its body holds', async () => {
  const { port } = await subjectOf(sqsMessageQueue);
  for (const char of ['\u0000', '\x7f', '\uffff', '🦉']) {
    const body = char.repeat(port.messageBytesMax / Buffer.byteLength(char));
    expect(Buffer.byteLength(sqsTextOf(body))).toBeLessThanOrEqual(262_144);
    await port.send(body);
    expect((await port.receive(1, 30))[0]?.body).toBe(body);
  }
});

test('may wait for a message to come', async () => {
  const { port, another } = await subjectOf(() => sqsMessageQueue({ waitSeconds: 20 }));
  const received = port.receive(1, 30);
  await (await another()).send('late');
  expect(await received).toMatchObject([{ body: 'late' }]);
});

test('a receipt that the service calls void or none is nothing to remove', async () => {
  const { port, proxy } = await subjectOf(sqsMessageQueue);
  for (const name of ['ReceiptHandleIsInvalid', 'InvalidParameterValue']) {
    proxy.fault = jsonFault(400, name);
    expect(await port.remove('1:1')).toBeUndefined();
    await expectError(port.send('a'), 'request');
  }
  let requests = 0;
  proxy.watch = () => {
    requests += 1;
  };
  await port.remove('');
  expect(requests).toBe(0);
});

test('a message whose sending was not answered may have been sent', async () => {
  const { port, proxy } = await subjectOf(sqsMessageQueue);
  proxy.fault = 'cut';
  await expectError(port.send('a'), 'unavailable');
  proxy.fault = null;
  expect(await port.receive(1, 30)).toMatchObject([{ body: 'a' }]);
});

test('gives up on a service that never answers', async () => {
  const { port, proxy } = await subjectOf(() => sqsMessageQueue({ requestMs: 50 }));
  proxy.fault = 'silence';
  await expectError(port.send('a'), 'unavailable');
  await expectError(port.receive(1, 1), 'unavailable');
  await expectError(port.remove('1:1'), 'unavailable');
}, 8_000);

test('a queue that is gone is a mistake, not an outage', async () => {
  const { port, client, queueUrl, proxy } = await sqsMessageQueue();
  await client.send(new DeleteQueueCommand({ QueueUrl: queueUrl }));
  await expectError(port.send('a'), 'request');
  await expectError(port.receive(1, 1), 'request');
  await expectError(port.remove('1:1'), 'request');
  await proxy.close();
});
