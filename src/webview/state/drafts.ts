/** Text in forms that has been typed but not yet written into the document. */
export interface Drafts {
  /** Keeps a way to write a draft out; the returned function forgets it. */
  add(commit: () => void): () => void;
  /** Writes out everything that is pending. */
  flush(): void;
}

export function createDrafts(): Drafts {
  const pending = new Set<() => void>();
  return {
    add(commit) {
      pending.add(commit);
      return () => pending.delete(commit);
    },
    flush() {
      for (const commit of [...pending]) commit();
    },
  };
}
