/** What a host tells while it runs, for logs and for tests to wait for. */
export type HostEvent =
  | {
      readonly kind: 'log';
      readonly functionName: string | null;
      readonly level: string;
      readonly message: string;
    }
  | { readonly kind: 'worker'; readonly state: 'started' | 'ended'; readonly reason: string }
  | {
      readonly kind: 'invocation';
      readonly functionName: string;
      /** Of a hub; null for other triggers. */
      readonly partition: string | null;
      /** From 1. */
      readonly attempt: number;
      /** Why it failed; null if it succeeded. */
      readonly error: string | null;
      readonly durationMs: number;
    }
  | {
      readonly kind: 'retry';
      readonly functionName: string;
      readonly failures: number;
      readonly delayMs: number;
    }
  | {
      readonly kind: 'checkpoint';
      readonly functionName: string;
      readonly partition: string;
      readonly sequenceNumber: number;
      /** False: it was lost, by an injected fault. */
      readonly written: boolean;
    }
  | {
      readonly kind: 'ownership';
      readonly functionName: string;
      readonly partition: string;
      readonly state: 'claimed' | 'lost' | 'relinquished';
    }
  | { readonly kind: 'poison'; readonly queueName: string; readonly body: string }
  | { readonly kind: 'trouble'; readonly where: string; readonly message: string };

/** Takes the events of a host. */
export type OnHostEvent = (event: HostEvent) => void;

/** Keeps the events of a host, so that a test can wait for the one it needs. */
export class EventRecorder {
  readonly events: HostEvent[] = [];
  private readonly waiting = new Set<() => void>();

  readonly onEvent: OnHostEvent = (event) => {
    this.events.push(event);
    for (const look of this.waiting) look();
  };

  /** All events of a kind so far. */
  of<K extends HostEvent['kind']>(kind: K): Extract<HostEvent, { kind: K }>[] {
    const isOfKind = (event: HostEvent): event is Extract<HostEvent, { kind: K }> =>
      event.kind === kind;
    return this.events.filter(isOfKind);
  }

  /** Resolves as soon as there are `count` events of a kind for which the test holds; gives the last of them. */
  until<K extends HostEvent['kind']>(
    kind: K,
    test: (event: Extract<HostEvent, { kind: K }>) => boolean = () => true,
    count = 1,
  ): Promise<Extract<HostEvent, { kind: K }>> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.of(kind).filter(test)[count - 1];
        if (found === undefined) return;
        this.waiting.delete(look);
        resolve(found);
      };
      this.waiting.add(look);
      look();
    });
  }
}
