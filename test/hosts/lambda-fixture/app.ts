/** Handlers that tell the test what they were given, and do what it says. */
import type { Context } from 'aws-lambda';
import type { LambdaCall, LambdaReply } from './report.ts';

interface Stream {
  write(chunk: string): boolean;
  end(): void;
}

declare const awslambda: {
  streamifyResponse(
    handler: (event: unknown, stream: Stream, context: Context) => Promise<void>,
  ): unknown;
  HttpResponseStream: { from(stream: Stream, prelude: object): Stream };
};

/** Answers with what the test says. */
export async function handle(event: unknown, context: Context): Promise<unknown> {
  const reply = await ask(event, context);
  if (reply.log !== undefined) console.log(reply.log);
  return act(reply);
}

/** Streams the chunks that the test says, one per question. */
export const stream: unknown = awslambda.streamifyResponse(async (event, raw, context) => {
  const first = await ask(event, context);
  act(first);
  const { prelude } = first;
  const body = prelude === undefined ? raw : awslambda.HttpResponseStream.from(raw, prelude);
  for (let reply = first; reply.chunk !== undefined; ) {
    body.write(reply.chunk);
    reply = await ask('next', context);
    await act(reply);
  }
  body.end();
});

/** Takes a callback, which the runtime no longer gives. */
export function old(_event: unknown, _context: Context, done: () => void): void {
  done();
}

export const constant = 42;

async function ask(event: unknown, context: Context): Promise<LambdaReply> {
  const { getRemainingTimeInMillis: _, ...rest } = context;
  const remainingMs = context.getRemainingTimeInMillis();
  const call: LambdaCall = {
    event,
    context: { ...rest, remainingMs },
    env: env(),
    pid: process.pid,
  };
  const body = JSON.stringify(call);
  const response = await fetch(process.env['CONTROL_URL']!, { method: 'POST', body });
  return (await response.json()) as LambdaReply;
}

function act({ answer, does }: LambdaReply): unknown {
  if (does === 'throw') throw new RangeError('As the test said.');
  if (does === 'exit') process.exit(3);
  if (does === 'float') void Promise.reject(new Error('Nobody handles this.'));
  if (does === 'hang' || does === 'float') return new Promise(() => {});
  return answer;
}

function env(): Record<string, string> {
  const names = Object.keys(process.env).filter((name) =>
    /^(AWS_|LAMBDA_|_HANDLER|OWN)/.test(name),
  );
  return Object.fromEntries(names.map((name) => [name, process.env[name]!]));
}
