/** Keeps the events that a host tells, so that a test can wait for the one it needs. */
export class Recorder<Event extends { readonly kind: string }> {
  readonly events: Event[] = [];
  private readonly waiting = new Set<() => void>();

  readonly onEvent = (event: Event): void => {
    this.events.push(event);
    for (const look of this.waiting) look();
  };

  /** All events of a kind so far. */
  of<K extends Event['kind']>(kind: K): Extract<Event, { kind: K }>[] {
    const isOfKind = (event: Event): event is Extract<Event, { kind: K }> => event.kind === kind;
    return this.events.filter(isOfKind);
  }

  /** Resolves as soon as there are `count` events of a kind for which the test holds; gives the last of them. */
  until<K extends Event['kind']>(
    kind: K,
    test: (event: Extract<Event, { kind: K }>) => boolean = () => true,
    count = 1,
  ): Promise<Extract<Event, { kind: K }>> {
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
