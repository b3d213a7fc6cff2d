/** The same text that Belay's flows hand on. @param {number} bytes */
export function payloadText(bytes) {
  const words = 'The quick brown fox jumps over the lazy dog, and nobody knows why.\n';
  return words.repeat(Math.ceil(bytes / words.length)).slice(0, bytes);
}
