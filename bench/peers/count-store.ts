import type { Row } from './answer.ts';

/** What designs with writes by id or event need of a store. */
export interface CountStore {
  /** Keeps an id: whether it is new. */
  readonly putId: (id: string) => Promise<boolean>;
  /** Adds to a row. */
  readonly add: (row: Row) => Promise<void>;
  readonly rows: () => Promise<Row[]>;
}

/** Says which ids came lately, for at least the last `idsMax` of them: spares the store what it would refuse. */
export class RecentIds {
  private readonly idsMax: number;
  private young = new Set<string>();
  private old = new Set<string>();

  constructor(idsMax: number) {
    this.idsMax = idsMax;
  }

  has(id: string): boolean {
    return this.young.has(id) || this.old.has(id);
  }

  add(id: string): void {
    if (this.young.size >= this.idsMax) {
      this.old = this.young;
      this.young = new Set();
    }
    this.young.add(id);
  }
}
