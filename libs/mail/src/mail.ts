import type { Locale } from '#domain';
import type { AlertSubjectType, AlertType } from '#locale';

/** Whose mail this is in the reader's eyes. */
export interface Brand {
  readonly productName: string;
  readonly fromEmail: string;
  readonly supportEmail: string;
  /** Shown if it is https. */
  readonly logoUrl?: string | undefined;
  /** `#rrggbb`; anything else is a neutral default. */
  readonly primaryColor?: string | undefined;
}

/** What a mail says: a new one is an entry here, its sentences in the mail catalogs, and a case in `letter.ts`. */
export type MailMessage =
  | { readonly template: 'password_reset'; readonly name: string; readonly link: string; readonly expiresInMinutes: number }
  | {
      readonly template: 'invitation';
      readonly inviterName: string;
      readonly organizationName: string;
      readonly link: string;
      readonly expiresInDays: number;
    }
  | { readonly template: 'password_changed'; readonly name: string }
  | (AboutToken & { readonly template: 'token_expiring'; readonly days: number; /** ISO 8601. */ readonly expiresAt: string })
  | (AboutToken & { readonly template: 'token_rotated' | 'token_revoked'; readonly actorName: string })
  | { readonly template: 'trial_ending' | 'payment_failed'; readonly name: string; readonly organizationName: string; /** ISO 8601. */ readonly endsAt: string; readonly link: string }
  | {
      readonly template: 'security_alert';
      readonly type: AlertType;
      readonly subject: { readonly type: AlertSubjectType; readonly name: string; readonly tokenPrefix: string | null };
      readonly organizationName: string;
      readonly ip: string | null;
      readonly count: number;
      /** Where a leak was found, in its reporter's words: never a link. */
      readonly sourceUrl: string | null;
      /** ISO 8601. */
      readonly at: string;
      /** To the page that ends the access, where there is any left. */
      readonly link: string | null;
    }
  | {
      readonly template: 'notifications';
      readonly name: string;
      readonly organizationName: string;
      /** Oldest first; texts that others chose. */
      readonly told: readonly { readonly title: string; readonly message: string }[];
      /** How many more there are. */
      readonly untold: number;
      readonly link: string;
    };

/** Names, as they were chosen; `name` is the reader's. */
export interface AboutToken {
  readonly name: string;
  readonly tokenName: string;
  readonly ownerName: string;
  readonly organizationName: string;
}

export interface Mail {
  /** The same for each try: it becomes the Message-ID. Letters, digits, `.`, `_`, `-`. */
  readonly id: string;
  /** The stored address, never one that a request brought along. */
  readonly to: { readonly name?: string | undefined; readonly email: string };
  readonly locale: Locale;
  readonly brand: Brand;
  readonly message: MailMessage;
}
