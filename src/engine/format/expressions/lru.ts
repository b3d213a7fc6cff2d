/** A map that forgets the entry not used for longest once it holds more than `capacity`. */
export class LruCache<V> {
  private readonly capacity: number;
  private readonly entries = new Map<string, V>();

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** The cached value, or the one `make` gives, kept from now on. */
  get(key: string, make: (key: string) => V): V {
    const known = this.entries.get(key);
    const value = known ?? make(key);
    this.entries.delete(key);
    this.entries.set(key, value);
    if (this.entries.size > this.capacity) {
      const oldest = this.entries.keys().next();
      if (!oldest.done) this.entries.delete(oldest.value);
    }
    return value;
  }
}
