import { compareUtf8 } from '../utf8-order.ts';

/** A set of texts, ascending by UTF-8 bytes. */
export class SortedTexts {
  private readonly texts: string[] = [];

  /** Adds a text that is not in the set. */
  add(text: string): void {
    this.texts.splice(this.indexOf(text), 0, text);
  }

  remove(text: string): void {
    const index = this.indexOf(text);
    if (this.texts[index] === text) this.texts.splice(index, 1);
  }

  /** The texts from `from` on, `from` included. */
  *from(from: string): Generator<string, void, undefined> {
    for (let i = this.indexOf(from); i < this.texts.length; i += 1) yield this.texts[i]!;
  }

  /** The index of the first text that is not before `text`. */
  private indexOf(text: string): number {
    let low = 0;
    let high = this.texts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareUtf8(this.texts[middle]!, text) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
