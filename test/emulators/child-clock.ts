/**
 * Loaded into the process of an emulator before it: its time runs ahead by as much as the parent says, so
 * that no test waits for a message to become visible again, and it ends when the parent does,
 * however that ended.
 */

/** What the parent sends; it is answered once the time has passed. */
export interface Advance {
  readonly advanceMs: number;
}

const RealDate = Date;
let aheadMs = 0;

globalThis.Date = new Proxy(RealDate, {
  construct: (_, args) =>
    args.length === 0
      ? new RealDate(RealDate.now() + aheadMs)
      : Reflect.construct(RealDate, args, RealDate),
  get: (_, key) =>
    key === 'now' ? () => RealDate.now() + aheadMs : Reflect.get(RealDate, key, RealDate),
});

process.on('message', ({ advanceMs }: Advance) => {
  aheadMs += advanceMs;
  process.send?.({ aheadMs });
});
process.on('disconnect', () => process.exit());
