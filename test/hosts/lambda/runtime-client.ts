import { type Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** An invocation as the runtime takes it. */
export interface TakenInvocation {
  readonly id: string;
  readonly event: unknown;
  readonly deadlineMs: number;
  readonly functionArn: string;
}

/** An error as the Runtime API takes it. */
export interface RuntimeError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

/** An open answer and when it is through. */
export interface OpenStream {
  readonly writable: ClientRequest;
  readonly done: Promise<void>;
}

/** The runtime's end of the Runtime API. */
export class RuntimeClient {
  private readonly base: string;
  private readonly agent: Agent;

  constructor(address: string, agent: Agent) {
    this.base = `http://${address}/2018-06-01/runtime`;
    this.agent = agent;
  }

  /** Waits for an invocation, as long as it takes. */
  async next(): Promise<TakenInvocation> {
    const response = await this.send('GET', 'invocation/next');
    const { headers } = response;
    return {
      id: String(headers['lambda-runtime-aws-request-id']),
      deadlineMs: Number(headers['lambda-runtime-deadline-ms']),
      functionArn: String(headers['lambda-runtime-invoked-function-arn']),
      event: JSON.parse(await text(response)),
    };
  }

  /** `body`: undefined for an answer that holds nothing. */
  async respond(id: string, body: string | undefined): Promise<void> {
    (await this.send('POST', `invocation/${id}/response`, body ?? '')).resume();
  }

  async fail(id: string, error: RuntimeError): Promise<void> {
    const path = `invocation/${id}/error`;
    (await this.send('POST', path, JSON.stringify(error), error.errorType)).resume();
  }

  async initError(error: RuntimeError): Promise<void> {
    (await this.send('POST', 'init/error', JSON.stringify(error), error.errorType)).resume();
  }

  /** Begins an answer that is sent while it is made. */
  openStream(id: string, contentType: string): OpenStream {
    const writable = request(`${this.base}/invocation/${id}/response`, {
      ...{ method: 'POST', agent: this.agent },
      headers: {
        'content-type': contentType,
        'lambda-runtime-function-response-mode': 'streaming',
        'transfer-encoding': 'chunked',
      },
    });
    writable.flushHeaders();
    const done = answerTo(writable).then((response) => void response.resume());
    return { writable, done };
  }

  private send(
    method: string,
    path: string,
    body = '',
    errorType?: string,
  ): Promise<IncomingMessage> {
    const headers = {
      'content-type': 'application/json',
      ...(errorType !== undefined && { 'lambda-runtime-function-error-type': errorType }),
    };
    const sent = request(`${this.base}/${path}`, { method, agent: this.agent, headers });
    sent.end(body);
    return answerTo(sent);
  }
}

function answerTo(sent: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => sent.on('response', resolve).on('error', reject));
}
