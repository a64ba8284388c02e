/** Splits bytes into lines. */
export interface LineSplitter {
  /** The lines that the piece ends, without their newline. */
  push(piece: Uint8Array): Uint8Array[];
  /** The last line, if the bytes don't end with a newline. */
  end(): Uint8Array[];
}

const newline = 0x0a;

/**
 * A splitter that holds no more than `bytesMax` + 1 bytes of a line and drops the rest of it: who gets a line longer
 * than `bytesMax` has only its start.
 */
export function splitLines(bytesMax: number): LineSplitter {
  let parts: Uint8Array[] = [];
  let held = 0;
  const hold = (part: Uint8Array): void => {
    const room = bytesMax + 1 - held;
    if (room <= 0 || part.length === 0) return;
    // A copy, since a part may be a small piece of a large buffer, or of one that is used again.
    parts.push(Uint8Array.from(part.subarray(0, room)));
    held += Math.min(room, part.length);
  };
  const take = (): Uint8Array => {
    const line = Buffer.concat(parts);
    parts = [];
    held = 0;
    return line;
  };
  const push = (piece: Uint8Array): Uint8Array[] => {
    const lines: Uint8Array[] = [];
    let from = 0;
    for (let at = piece.indexOf(newline); at !== -1; at = piece.indexOf(newline, from)) {
      const part = piece.subarray(from, at);
      if (held === 0 && part.length <= bytesMax) {
        lines.push(part);
      } else {
        hold(part);
        lines.push(take());
      }
      from = at + 1;
    }
    hold(piece.subarray(from));
    return lines;
  };
  return { push, end: () => (held === 0 ? [] : [take()]) };
}
