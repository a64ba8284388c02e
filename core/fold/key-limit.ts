import type { KeyPart, Scalar } from '../event.ts';
import type { ViewPlan } from '../plan.ts';
import { Rows } from '../view/rows.ts';
import { globalPlan } from '../window/global.ts';

/** How many distinct keys of a view one entry may have; the events of further ones go into the row of none. */
export class KeyLimit {
  /** A table without measures and windows numbers the keys. */
  private readonly keys: Rows;
  private readonly overflow: readonly KeyPart[];
  private readonly most: number;

  constructor(view: ViewPlan, most: number) {
    this.keys = new Rows({ ...view, measures: [], window: globalPlan });
    this.overflow = view.key.map(() => null);
    this.most = most;
  }

  /** The key itself while there is room for it, else that of the overflow row. */
  admit(key: readonly Scalar[]): readonly KeyPart[] {
    if (this.keys.find(0, key) >= 0) return key;
    if (this.keys.size === this.most) return this.overflow;
    this.keys.row(0, key);
    return key;
  }
}
