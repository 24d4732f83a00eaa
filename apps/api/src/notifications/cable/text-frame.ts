const FINAL_TEXT = 0x81;
const LONGEST_IN_7_BITS = 125;
const LONGEST_IN_16_BITS = 0xffff;

/** A text frame as servers send it, unmasked and whole (RFC 6455 §5.2): made once, it is written to any number of sockets. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = length <= LONGEST_IN_7_BITS ? 2 : length <= LONGEST_IN_16_BITS ? 4 : 10;
  const frame = Buffer.allocUnsafe(header + length);
  frame[0] = FINAL_TEXT;
  if (header === 2) frame[1] = length;
  else if (header === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, header);
  return frame;
}
