/** What a scope can be about, in the order in which lists are answered. */
export const RESOURCES = ['issues', 'projects', 'comments', 'workflows', 'analytics', 'users', 'notifications', 'admin'] as const;

export type Resource = (typeof RESOURCES)[number];
export type Scope = Resource | `${Resource}:read` | `${Resource}:write`;

/** Every name of a scope: the whole of a resource, then its halves. */
export const SCOPES: readonly Scope[] = RESOURCES.flatMap((resource): Scope[] => [resource, `${resource}:read`, `${resource}:write`]);

const READ = 1;
const WRITE = 2;

/** A set of scopes. `X` holds `X:read` and `X:write`; the set is a number of two bits a resource, since every request narrows several. */
export class Scopes {
  static readonly none = new Scopes(0);
  static readonly all = new Scopes(4 ** RESOURCES.length - 1);
  static readonly reading = new Scopes(RESOURCES.reduce((bits, _, index) => bits | (READ << (2 * index)), 0));

  private constructor(private readonly bits: number) {}

  static of(...scopes: readonly Scope[]): Scopes {
    return new Scopes(scopes.reduce((bits, scope) => bits | (bitsOf(scope) ?? 0), 0));
  }

  /** Reads names as clients write them, `read:issues` included; the first unknown one is answered instead. */
  static parse(names: readonly string[]): Scopes | { readonly unknown: string } {
    let bits = 0;
    for (const name of names) {
      const known = bitsOf(name);
      if (known === undefined) return { unknown: name };
      bits |= known;
    }
    return new Scopes(bits);
  }

  /** Reads names that were checked when they were stored: an unknown one grants nothing. */
  static stored(names: readonly string[]): Scopes {
    return new Scopes(names.reduce((bits, name) => bits | (bitsOf(name) ?? 0), 0));
  }

  covers(other: Scopes): boolean {
    return (this.bits & other.bits) === other.bits;
  }

  intersect(other: Scopes): Scopes {
    return new Scopes(this.bits & other.bits);
  }

  union(other: Scopes): Scopes {
    return new Scopes(this.bits | other.bits);
  }

  without(other: Scopes): Scopes {
    return new Scopes(this.bits & ~other.bits);
  }

  /** The shortest list of names that says the same. */
  toJSON(): Scope[] {
    return RESOURCES.flatMap((resource, index): Scope[] => {
      const held = (this.bits >> (2 * index)) & (READ | WRITE);
      if (held === (READ | WRITE)) return [resource];
      if (held === READ) return [`${resource}:read`];
      return held === WRITE ? [`${resource}:write`] : [];
    });
  }
}

function bitsOf(name: string): number | undefined {
  const [first = '', second, ...rest] = name.split(':');
  if (rest.length > 0) return undefined;
  const [resource, verb] = first === 'read' || first === 'write' ? [second, first] : [first, second];
  const index = RESOURCES.indexOf(resource as Resource);
  if (index < 0) return undefined;
  const shift = 2 * index;
  if (verb === undefined) return (READ | WRITE) << shift;
  if (verb === 'read') return READ << shift;
  return verb === 'write' ? WRITE << shift : undefined;
}
