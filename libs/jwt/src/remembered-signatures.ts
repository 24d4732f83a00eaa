const CAPACITY = 10_000;

/**
 * Tokens whose signature was found good; the least recently seen is forgotten first. A signature never turns bad:
 * whether its key still counts, and everything else, is asked each time.
 */
export class RememberedSignatures {
  private readonly tokens = new Set<string>();

  constructor(private readonly capacity: number = CAPACITY) {}

  has(token: string): boolean {
    if (!this.tokens.delete(token)) return false;
    this.tokens.add(token);
    return true;
  }

  add(token: string): void {
    this.tokens.add(token);
    if (this.tokens.size <= this.capacity) return;
    const [oldest] = this.tokens;
    if (oldest !== undefined) this.tokens.delete(oldest);
  }
}
