/** Runs the calls of one name one after the other, in the order they came; those of other names go on beside them. */
export class Mutex {
  private readonly tails = new Map<string, Promise<unknown>>();

  /** Runs `call` once all earlier ones of this name are done, whatever became of them. */
  async run<T>(name: string, call: () => Promise<T>): Promise<T> {
    const before = this.tails.get(name);
    const mine = before === undefined ? call() : before.then(call, call);
    this.tails.set(name, mine);
    try {
      return await mine;
    } finally {
      if (this.tails.get(name) === mine) this.tails.delete(name);
    }
  }
}
