import { Totals } from './answer.ts';
import type { CountStore } from './count-store.ts';

/** Ids and rows in maps. */
export function memoryCountStore(): CountStore {
  const ids = new Set<string>();
  const totals = new Totals();
  return {
    putId: async (id) => {
      if (ids.has(id)) return false;
      ids.add(id);
      return true;
    },
    add: async ({ page, minute, clicks, cents }) => totals.add(page, minute, clicks, cents),
    rows: async () => totals.rows(),
  };
}
