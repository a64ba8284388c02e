/** Least recently used values by key, up to a total weight. For values that never change under their key. */
export class WeightedCache<V> {
  private readonly values = new Map<string, { readonly value: V; readonly weight: number }>();
  private readonly weightMax: number;
  private weight = 0;

  constructor(weightMax: number) {
    this.weightMax = weightMax;
  }

  get(key: string): V | undefined {
    const found = this.values.get(key);
    if (found === undefined) return undefined;
    this.values.delete(key);
    this.values.set(key, found);
    return found.value;
  }

  set(key: string, value: V, weight: number): void {
    this.weight += weight - (this.values.get(key)?.weight ?? 0);
    this.values.delete(key);
    this.values.set(key, { value, weight });
    for (const [oldest, held] of this.values) {
      if (this.weight <= this.weightMax || oldest === key) break;
      this.values.delete(oldest);
      this.weight -= held.weight;
    }
  }
}
