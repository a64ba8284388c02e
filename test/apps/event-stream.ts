/** An event of a stream, its data parsed. */
export interface StreamEvent {
  readonly id: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came.
  readonly data: any;
}

/** The server-sent events of an answer, as the HTML standard reads them, until it ends. */
export async function* eventsIn(response: Response): AsyncGenerator<StreamEvent> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const [id, data] = [field('id'), field('data')];
      if (id !== undefined && data !== undefined) yield { id, data: JSON.parse(data) };
    }
  }
}

/** What a client holds after the events that it was told, by name of the row. */
export class Holding {
  readonly rows = new Map<string, { readonly end: string; readonly start: string }>();
  /** The id of the last event. */
  last = '';

  take({ id, data }: StreamEvent): this {
    this.last = id;
    if (data.reset) this.rows.clear();
    for (const [name, { end }] of this.rows) {
      if (data.expiredTo !== null && end <= data.expiredTo) this.rows.delete(name);
    }
    for (const row of data.rows) this.rows.set(`${row.start} ${JSON.stringify(row.key)}`, row);
    return this;
  }
}
