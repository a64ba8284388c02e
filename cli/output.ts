import { once } from 'node:events';

const blockCharacters = 65_536;

/** Writes lines to a stream in blocks, and waits while it is full, so that any number of them takes little memory. */
export class LineOutput {
  private readonly stream: NodeJS.WritableStream;
  private lines: string[] = [];
  private characters = 0;

  constructor(stream: NodeJS.WritableStream = process.stdout) {
    this.stream = stream;
  }

  /** Takes a line without its newline. Resolves at once, but for every so many characters. */
  line(text: string): void | Promise<void> {
    this.lines.push(text);
    this.characters += text.length + 1;
    if (this.characters >= blockCharacters) return this.flush();
  }

  /** Writes what is held. */
  async flush(): Promise<void> {
    if (this.lines.length === 0) return;
    const block = `${this.lines.join('\n')}\n`;
    this.lines = [];
    this.characters = 0;
    if (!this.stream.write(block)) await once(this.stream, 'drain');
  }
}

/** Prints text and a newline, waiting while the output is full; nothing at all for an empty text. */
export async function print(text: string): Promise<void> {
  if (text === '') return;
  const output = new LineOutput();
  await output.line(text);
  await output.flush();
}
