/**
 * The same bytes in memory of their own. zlib's results and short buffers of Node are slices of larger ones, 16 KiB and 8 KiB, which would be
 * kept as long as the slice.
 */
export function tight(bytes: Buffer): Buffer {
  if (bytes.buffer.byteLength === bytes.length) return bytes;
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
}
