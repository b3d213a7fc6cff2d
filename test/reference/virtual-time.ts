/** Time that passes only when everything due has happened. */

interface Due {
  at: number;
  happen(): void;
}

export class VirtualTime {
  now = 0;
  /** Two things fell due at the same moment: which is first is nobody's promise, so such a scenario proves nothing. */
  tied = false;
  #due: Due[] = [];

  /** Calls `happen` after `ms`; the result takes it back. */
  after(ms: number, happen: () => void): () => void {
    const due = { at: this.now + ms, happen };
    this.#due.push(due);
    return () => {
      this.#due = this.#due.filter((other) => other !== due);
    };
  }

  /** Until nothing is due any more. */
  pass(): void {
    for (;;) {
      const next = this.#due.reduce<Due | undefined>((first, due) => (first === undefined || due.at < first.at ? due : first), undefined);
      if (!next) return;
      if (this.#due.some((due) => due !== next && due.at === next.at)) this.tied = true;
      this.#due = this.#due.filter((due) => due !== next);
      this.now = next.at;
      next.happen();
    }
  }
}
