/** Keeps the first and the last half of a stream within a limit, whatever passes through. */
export class CappedOutput {
  readonly #headLimit: number;
  readonly #tailLimit: number;
  readonly #head: Buffer[] = [];
  #headLength = 0;
  readonly #tail: Buffer[] = [];
  #tailLength = 0;
  #total = 0;

  /** @param limit in bytes */
  constructor(limit: number) {
    this.#headLimit = Math.ceil(limit / 2);
    this.#tailLimit = limit - this.#headLimit;
  }

  /** Bytes that have passed through. */
  get total(): number {
    return this.#total;
  }

  push(chunk: Buffer): void {
    this.#total += chunk.length;
    const room = this.#headLimit - this.#headLength;
    const forHead = chunk.subarray(0, room);
    if (forHead.length > 0) {
      this.#head.push(forHead);
      this.#headLength += forHead.length;
    }
    const forTail = chunk.subarray(forHead.length);
    if (forTail.length === 0) return;
    // A copy, because a slice would keep the whole chunk in memory.
    this.#tail.push(Buffer.from(forTail.subarray(Math.max(0, forTail.length - this.#tailLimit))));
    this.#tailLength += this.#tail.at(-1)?.length ?? 0;
    while (this.#tailLength - (this.#tail[0]?.length ?? 0) >= this.#tailLimit) this.#tailLength -= this.#tail.shift()?.length ?? 0;
  }

  /** The text, with a mark that counts the bytes left out. Cuts never split a character. */
  finish(): { text: string; truncated: boolean } {
    const head = Buffer.concat(this.#head);
    const tail = Buffer.concat(this.#tail);
    if (head.length + tail.length === this.#total && tail.length <= this.#tailLimit) {
      return { text: Buffer.concat([head, tail]).toString('utf8'), truncated: false };
    }
    const keptHead = head.subarray(0, wholeCharacters(head));
    const cut = tail.subarray(Math.max(0, tail.length - this.#tailLimit));
    const keptTail = cut.subarray(continuationBytes(cut));
    const left = this.#total - keptHead.length - keptTail.length;
    return { text: `${keptHead.toString('utf8')}\n… ${left} bytes left out …\n${keptTail.toString('utf8')}`, truncated: true };
  }
}

/** How many bytes at the start continue a UTF-8 character that began before; at most 3. */
function continuationBytes(bytes: Buffer): number {
  let count = 0;
  while (count < 3 && ((bytes[count] ?? 0) & 0xc0) === 0x80) count += 1;
  return count;
}

/** The length without a UTF-8 character that is begun but not finished at the end. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(4, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needed > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
