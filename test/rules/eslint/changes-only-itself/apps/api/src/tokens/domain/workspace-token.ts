export class WorkspaceToken {
  name!: string;
  uses!: number;
  meta?: { note?: string };
  grants!: string[];

  rename(name: string): void {
    this.name = name;
    this.uses += 1;
    this.uses++;
    this.meta!.note = name;
    delete this.meta;
    [this.name] = [name];
  }

  replace(other: WorkspaceToken): void {
    other.name = this.name; // refused: kiket/changes-only-itself
    other.uses += 1; // refused: kiket/changes-only-itself
    other.uses++; // refused: kiket/changes-only-itself
    other['name'] = this.name; // refused: kiket/changes-only-itself
    other.meta!.note = this.name; // refused: kiket/changes-only-itself
    (other as { name: string }).name = this.name; // refused: kiket/changes-only-itself
    delete other.meta; // refused: kiket/changes-only-itself
    [other.name] = [this.name]; // refused: kiket/changes-only-itself
    ({ name: other.name, meta: other['meta'] = {} } = this); // refused: kiket/changes-only-itself
    for (other.name of this.grants) this.uses++; // refused: kiket/changes-only-itself
    Object.assign(other, { name: this.name }); // refused: kiket/changes-only-itself
    Object.defineProperty(other, 'name', { value: this.name }); // refused: kiket/changes-only-itself
  }

  /** What a factory has just made is its own to fill. */
  static issue(name: string): WorkspaceToken {
    const token = new WorkspaceToken();
    token.name = name;
    return Object.assign(token, { uses: 0 });
  }

  static copy(from: WorkspaceToken): WorkspaceToken {
    const token = Object.assign(new WorkspaceToken(), from);
    token.uses = 0;
    const same = from;
    same.uses = 0; // refused: kiket/changes-only-itself
    return token;
  }
}

export class Rotation {
  make(): WorkspaceToken {
    const token = new WorkspaceToken();
    token.name = 'from outside'; // refused: kiket/changes-only-itself
    return token;
  }
}

export function count(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  names.forEach((name) => {
    counts[name] = 0;
  });
  return counts;
}

const seen: Record<string, boolean> = {};
seen.first = true;

export function remember(name: string): void {
  seen[name] = true; // refused: kiket/changes-only-itself
}
