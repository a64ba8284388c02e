import type { Input } from './fields.ts';
import { type Fault, operations } from './operations.ts';
import { ServiceError } from './service-error.ts';
import type { Streams } from './streams.ts';

/** A request as it came. */
export interface Request {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** What to send back. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Says what goes wrong with a request, at once or when a promise is kept; null for nothing. */
export type OnRequest = (operation: string, input: Input) => Fault | null | Promise<Fault | null>;

const json = 'application/x-amz-json-1.1';
const service = 'Kinesis_20131202.';

/** The answer to a request; null for none at all. */
export async function answerTo(
  { headers, body }: Request,
  streams: Streams,
  onRequest: OnRequest,
): Promise<Answer | null> {
  try {
    const target = String(headers['x-amz-target']);
    const name = target.startsWith(service) ? target.slice(service.length) : '';
    const operation = operations.get(name);
    if (headers['content-type'] !== json || operation === undefined) {
      throw new ServiceError(
        'UnknownOperationException',
        `No ${target} in ${headers['content-type']}`,
      );
    }
    const input = inputOf(body);
    if (headers['authorization'] === undefined) {
      throw new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token');
    }
    const fault = (await onRequest(name, input)) ?? {};
    if (fault.error !== undefined) {
      throw new ServiceError(fault.error, `${fault.error}, as a test wants it.`);
    }
    const output = operation(streams, input, fault);
    if (fault.isAnswerLost === true) return null;
    return { status: 200, type: json, body: output === null ? '' : JSON.stringify(output) };
  } catch (error) {
    return refusal(error);
  }
}

function inputOf(body: string): Input {
  try {
    const input = JSON.parse(body);
    if (typeof input === 'object' && input !== null) return input;
  } catch {
    // Told below.
  }
  throw new ServiceError('SerializationException', 'The body is no JSON object.');
}

/** An error that the service doesn't know is a mistake in here, and ends the process as well. */
function refusal(error: unknown): Answer {
  if (!(error instanceof ServiceError)) {
    queueMicrotask(() => {
      throw error;
    });
  }
  const { name, message, status = 500 } = error as ServiceError;
  return { status, type: json, body: JSON.stringify({ __type: name, message }) };
}
