import rhea, { type EventContext, type Receiver, type Sender } from 'rhea';
import type { Claims } from './claims.ts';
import { type AmqpCondition, amqpOf, Refusal } from './conditions.ts';
import type { Hub } from './hub.ts';
import { management } from './management.ts';
import { replyWith } from './rhea-internals.ts';

/** What requests are answered with. */
export interface RequestParts {
  readonly hubs: ReadonlyMap<string, Hub>;
  readonly now: () => number;
  /** What every request is refused with at the moment. */
  readonly refusal: () => AmqpCondition | null;
}

type Properties = Readonly<Record<string, unknown>>;
type Message = ReturnType<typeof rhea.message.decode>;

const codes: Readonly<Record<string, number>> = {
  'amqp:unauthorized-access': 401,
  'amqp:not-found': 404,
  'com.microsoft:server-busy': 503,
};

/** The nodes that take requests. */
export const requestNodes = ['$cbs', '$management'] as const;

/** Requests and answers of one connection: `$cbs` takes tokens, `$management` tells about hubs. */
export class Requests {
  private readonly parts: RequestParts;
  private readonly claims: Claims;
  /** The links that answers go out on, by name and by address. */
  private readonly replies = new Map<string, Sender>();

  constructor(parts: RequestParts, claims: Claims) {
    this.parts = parts;
    this.claims = claims;
  }

  /** Opens a link for the answers of a node. */
  openReplies(link: Sender): void {
    link.set_source({ address: link.source.address });
    replyWith(link, { snd_settle_mode: 1 });
    const names = [link.name, link.target?.address].filter((name) => typeof name === 'string');
    for (const name of names) this.replies.set(name, link);
    link.on('sender_close', () => {
      for (const name of names) this.replies.delete(name);
    });
  }

  /** Opens a link for the requests to a node. */
  openRequests(link: Receiver, node: string): void {
    link.set_target({ address: link.target.address as string });
    link.on('message', ({ message, delivery }: EventContext) => {
      const request = rhea.message.decode(message as unknown as Buffer);
      delivery?.accept();
      const reply = this.replies.get(request['reply_to']);
      reply?.send({
        correlation_id: request['message_id'],
        ...this.answer(node, request),
      } as never);
    });
  }

  private answer(node: string, request: Message): object {
    const properties: Properties = request['application_properties'] ?? {};
    try {
      if (node === '$management') {
        const refusal = this.parts.refusal();
        if (refusal !== null) throw new Refusal(refusal.condition, refusal.description);
        this.claims.demand(`${properties['name']}/$management`);
        return { body: management(properties, this.parts.hubs), ...status(200, 'OK') };
      }
      this.claims.put(String(properties['name']), tokenOf(properties, request), this.parts.hubs);
      return { body: null, ...status(202, 'Accepted') };
    } catch (error) {
      const { condition, description } = amqpOf(error);
      return { body: null, ...status(codes[condition] ?? 400, description, condition) };
    }
  }
}

function tokenOf(properties: Properties, { body }: Message): string {
  if (properties['operation'] === 'put-token' && typeof body === 'string') {
    if (properties['type'] === 'servicebus.windows.net:sastoken') return body;
  }
  const text = 'The emulator takes put-token with a shared access signature and nothing else.';
  throw new Refusal('com.microsoft:argument-error', text);
}

function status(code: number, description: string, condition?: string): object {
  return {
    application_properties: {
      'status-code': rhea.types.wrap_int(code),
      'status-description': description,
      ...(condition === undefined ? {} : { 'error-condition': rhea.types.wrap_symbol(condition) }),
    },
  };
}
