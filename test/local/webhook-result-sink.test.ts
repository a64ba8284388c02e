import { expect, onTestFinished, test } from 'vitest';
import { ManualClock } from '../../adapters/memory/manual-clock.ts';
import { signatureOf } from '../../adapters/sinks/signature.ts';
import { sinkConfig } from '../../adapters/sinks/sink-config.ts';
import { WebhookResultSink } from '../../adapters/sinks/webhook-result-sink.ts';
import { SystemClock } from '../../adapters/system-clock.ts';
import { isSigned } from '../../docs/examples/verify-webhook.ts';
import { message, resultSinkContract } from '../contract/result-sink.contract.ts';
import type { Subject } from '../contract/subject.ts';
import { type Answer, WebhookReceiver } from './webhook-receiver.ts';

const secret = 'a-secret-of-the-test';

async function subject() {
  const receiver = await WebhookReceiver.start(secret);
  const { url } = receiver;
  const sink = new WebhookResultSink({ url, secret, timeoutMs: 2_000 }, new SystemClock());
  const answering = (answer: Answer) => () => {
    receiver.answer = answer;
  };
  const port = { sink, received: async () => receiver.messages };
  return {
    ...{ port, receiver, another: () => port, pass: async () => undefined },
    failures: [
      {
        ...{ name: 'an answer 503', code: 'unavailable', hits: 'all' },
        inject: answering(() => 503),
      },
      {
        ...{ name: 'an answer 429', code: 'throttled', hits: 'all' },
        inject: answering(() => 429),
      },
      {
        ...{ name: 'a cut connection', code: 'unavailable', hits: 'all' },
        inject: answering(() => 0),
      },
      {
        ...{ name: 'nobody there', code: 'unavailable', hits: 'all' },
        inject: () => receiver.stop(),
      },
    ],
    cleanup: async () => {
      await receiver.stop().catch(() => {});
    },
  } satisfies Subject<typeof port> & { readonly receiver: WebhookReceiver };
}

resultSinkContract('webhook', subject);

async function started() {
  const made = await subject();
  onTestFinished(made.cleanup);
  return { receiver: made.receiver, sink: made.port.sink };
}

test('a body that is too large for the receiver goes in smaller ones', async () => {
  const { receiver, sink } = await started();
  receiver.answer = (_, body) => (body.length > 300 ? 413 : 200);
  const messages = Array.from({ length: 9 }, (_, i) => message(`m${i}`, 50));
  await sink.publish(messages);
  expect(receiver.messages).toEqual(messages.map(({ json }) => json));
  receiver.answer = () => 413;
  await expect(sink.publish([message('one')])).rejects.toMatchObject({ code: 'request' });
});

test('an answer that says no is told without the address, and is no passing one', async () => {
  const { receiver, sink } = await started();
  for (const status of [301, 400, 401, 404]) {
    receiver.answer = () => status;
    const error = await sink.publish([message('a')]).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'request' });
    expect((error as Error).message).toContain(`answered ${status}`);
    expect((error as Error).message).not.toContain('hush');
  }
  // A redirect is not followed.
  expect(receiver.attempts).toBe(4);
  receiver.answer = () => 429;
  await expect(sink.publish([message('a')])).rejects.toMatchObject({ retryAfterMs: 2_000 });
});

test('what comes is signed, and the example tells what is not', async () => {
  const { receiver, sink } = await started();
  await sink.publish([message('a')]);
  expect(receiver.unsigned).toBe(0);
  const { url } = receiver;
  await new WebhookResultSink({ url, secret: `${secret}!` }, new SystemClock()).publish([
    message('b'),
  ]);
  expect(receiver.unsigned).toBe(1);
  const long = new ManualClock(Date.now() - 301_000);
  await new WebhookResultSink({ url, secret }, long).publish([message('c')]);
  expect(receiver.unsigned).toBe(2);
  expect(receiver.messages).toEqual([message('a').json]);
  const now = Math.floor(Date.now() / 1000);
  const signature = signatureOf(secret, 'body', now);
  expect(isSigned(secret, signature, 'body')).toBe(true);
  expect(isSigned(secret, signature, 'bodY')).toBe(false);
  expect(isSigned(secret, signature.replace(`t=${now}`, `t=${now + 1}`), 'body')).toBe(false);
  for (const header of ['', 'v1=', `t=${now},v1=${'0'.repeat(64)}`, `${signature}0`]) {
    expect(isSigned(secret, header, 'body'), header).toBe(false);
  }
});

test('the signature is what others compute', () => {
  // openssl dgst -sha256 -hmac Jefe over "1.what do ya want for nothing?"
  expect(signatureOf('Jefe', 'what do ya want for nothing?', 1)).toBe(
    't=1,v1=a9049465ce89cfb8e9aac62333abda66f80e3403f51f57f6bae3c3a4485eca38',
  );
});

test.each([
  ['queue:results', null, { kind: 'queue', place: 'results' }],
  ['queue:https://sqs.example/1/q', null, { kind: 'queue', place: 'https://sqs.example/1/q' }],
  ['stream:other', null, { kind: 'stream', place: 'other' }],
  ['webhook:https://a.example/x', secret, { kind: 'webhook', url: 'https://a.example/x', secret }],
  [
    'webhook:http://localhost:1/x',
    secret,
    { kind: 'webhook', url: 'http://localhost:1/x', secret },
  ],
])('%s leads to a sink', (text, given, sink) => {
  const problems: string[] = [];
  expect(sinkConfig('a', text, given, (problem) => problems.push(problem))).toEqual(sink);
  expect(problems).toEqual([]);
});

test.each([
  ['', null, 'must be queue:'],
  ['queue:', null, 'must be queue:'],
  ['topic:x', null, 'must be queue:'],
  ['webhook:http://a.example/hush', secret, 'must be https://'],
  ['webhook:hush', secret, 'must be https://'],
  ['webhook:https://me:hush@a.example', secret, 'no user'],
  ['webhook:https://a.example', null, 'SINK_A_B_SECRET must be set'],
  ['webhook:https://a.example', 'hush', 'SINK_A_B_SECRET must be set'],
])('%s is refused, and nothing of it is told', (text, given, problem) => {
  const problems: string[] = [];
  sinkConfig('a-b', text, given, (one) => problems.push(one));
  expect(problems.join()).toContain(problem);
  expect(problems.join()).not.toContain('hush');
});
