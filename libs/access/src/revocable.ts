import { Injectable } from '@nestjs/common';
import type { CredentialKind } from '#domain';

/** By what something is ended that no caller ends: an alert's confirmed link, or a stranger's report of a leak. */
export interface Ending {
  readonly actor: { readonly type: 'security_alert' | 'leak_report'; readonly id: number | null };
  readonly reason: 'confirmed_alert' | 'leaked' | 'issued_by_leaked';
  /** Where it was found, in the reporter's words. */
  readonly sourceUrl?: string | undefined;
}

/** What a credential is called, and whether there is anything left of it to end. */
export interface Description {
  readonly name: string;
  readonly isAlive: boolean;
}

/** What a presented secret belongs to. */
export interface RecognizedSecret {
  readonly organizationId: number;
  readonly credentialId: number;
  readonly digest: Buffer;
}

/** Ends credentials of one kind, in the transaction under way, and leaves the trace of it; it only ever reduces. */
export interface Revocable {
  /** A user's are their sessions. */
  readonly kind: CredentialKind;
  /** Null for another organization's, and for what never was. */
  describe(organizationId: number, credentialId: number): Promise<Description | null>;
  /** False where there was nothing left to end. */
  end(organizationId: number, credentialId: number, ending: Ending): Promise<boolean>;
  /** Null for what is no working secret of this kind. Outside any transaction: it is asked by the hot path's own reader. */
  recognize?(secret: string): Promise<RecognizedSecret | null>;
  /** Ends what a secret opens; false where it has ended meanwhile. */
  endSecret?(secret: RecognizedSecret, ending: Ending): Promise<boolean>;
}

/** The kinds of credential that can be ended without their context being named; each context brings its own. */
@Injectable()
export class Revocables {
  private readonly known: Revocable[] = [];

  register(revocable: Revocable): void {
    this.known.push(revocable);
  }

  of(kind: CredentialKind): Revocable {
    const found = this.known.find((revocable) => revocable.kind === kind);
    if (found === undefined) throw new Error(`nobody ends credentials of the kind ${kind}`);
    return found;
  }

  /** Null: nobody's, or ended before. */
  async recognize(secret: string): Promise<{ revocable: Revocable; found: RecognizedSecret } | null> {
    for (const revocable of this.known) {
      const found = await revocable.recognize?.(secret);
      if (found !== undefined && found !== null) return { revocable, found };
    }
    return null;
  }
}
