/** A parsed expression of the template language. */
export type Node =
  | { readonly kind: 'literal'; readonly value: string | number }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Node[] }
  | { readonly kind: 'member'; readonly of: Node; readonly name: string };

const token = /\s*(?:'((?:[^']|'')*)'|(-?\d+)|([A-Za-z_]\w*)|([(),.]))/y;

/** One piece of an expression: a text, a number, a word or a sign. */
interface Token {
  readonly text?: string | undefined;
  readonly number?: string | undefined;
  readonly word?: string | undefined;
  readonly sign?: string | undefined;
}

/** Whether a string of a template is an expression. `[[` begins a plain text with a bracket. */
export function isExpression(text: string): boolean {
  return text.startsWith('[') && !text.startsWith('[[') && text.endsWith(']');
}

/**
 * Parses what stands between the brackets: literals, calls and members.
 *
 * @throws SyntaxError that says where, for anything else.
 */
export function parseExpression(source: string): Node {
  const tokens = tokensOf(source);
  let at = 0;
  const sign = (wanted: string): boolean => {
    if (tokens[at]?.sign !== wanted) return false;
    at += 1;
    return true;
  };
  const fail = (wanted: string): never => {
    throw new SyntaxError(`${wanted} wanted at piece ${at + 1} of [${source}]`);
  };
  const primary = (): Node => {
    const next = tokens[at] ?? fail('a value');
    at += 1;
    if (next.text !== undefined) {
      return { kind: 'literal', value: next.text.replaceAll("''", "'") };
    }
    if (next.number !== undefined) return { kind: 'literal', value: Number(next.number) };
    const name = next.word ?? fail('a value');
    if (!sign('(')) fail('(');
    const args: Node[] = [];
    if (sign(')')) return { kind: 'call', name, args };
    do args.push(whole());
    while (sign(','));
    if (!sign(')')) fail(', or )');
    return { kind: 'call', name, args };
  };
  const whole = (): Node => {
    let node = primary();
    while (sign('.')) {
      node = { kind: 'member', of: node, name: tokens[at]?.word ?? fail('a member') };
      at += 1;
    }
    return node;
  };
  const node = whole();
  if (at < tokens.length) fail('the end');
  return node;
}

function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  token.lastIndex = 0;
  for (let at = 0; at < source.length; at = token.lastIndex) {
    const found = token.exec(source);
    if (found === null) {
      throw new SyntaxError(`no expression goes on at character ${at + 1} of [${source}]`);
    }
    const [, text, number, word, sign] = found;
    tokens.push({ text, number, word, sign });
  }
  return tokens;
}
