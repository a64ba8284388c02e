/**
 * Any text as one of characters that SQS takes, and emulators with it: tab, line feed, carriage
 * return, U+0020 to U+D7FF and U+E000 to U+FFFD. Any other UTF-16 unit, and the escape itself,
 * becomes the escape (U+007F, which no ordinary text holds) and four hex digits, so that ordinary
 * texts stay as they are.
 *
 * The service takes U+10000 to U+10FFFF too, its emulators don't. Who gets messages by a trigger
 * turns their bodies back with {@link textOfSqs}.
 */
export function sqsTextOf(text: string): string {
  return text.replace(/[^\t\n\r -~\u0080-\ud7ff\ue000-\ufffd]/g, escaped);
}

/** The text whose {@link sqsTextOf} is `text`. */
export function textOfSqs(text: string): string {
  return text.replace(/\x7f([0-9a-f]{4})/g, unitOf);
}

function escaped(unit: string): string {
  return `\x7f${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function unitOf(_: string, hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}
