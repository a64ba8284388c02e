/** The only globals beyond ECMAScript that the core may use; every JavaScript host has them. */
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, into: Uint8Array): { read: number; written: number };
}
declare class TextDecoder {
  constructor(label: 'utf-8', options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes: Uint8Array): string;
}
/** Base64 of a text of bytes 0 to 255, and back. */
declare function btoa(binary: string): string;
declare function atob(base64: string): string;
