import type { Locale } from '#domain';

export interface Plan {
  readonly scopes: readonly string[];
  readonly stripe_price_id?: string;
  readonly limits: { readonly max_users?: number };
}

export interface Branding {
  readonly product_name: string;
  /** Absent: the service's own sender. */
  readonly from_email?: string;
  readonly support_email: string;
  readonly logo_url?: string;
  readonly primary_color?: string;
}

/** Somebody's product on this service: its brand, its addresses, its plans. Declared in a file, never changed by a request. */
export class Product {
  readonly id!: number;
  readonly slug!: string;
  readonly name!: string;
  readonly active!: boolean;
  readonly defaultLocale!: Locale;
  readonly allowedOrigins!: readonly string[];
  readonly branding!: Branding;
  readonly appUrl!: string;
  readonly resetUrl!: string;
  readonly invitationUrl!: string;
  readonly trialDays!: number;
  readonly trialPlan!: string;
  readonly graceDays!: number;
  readonly stripeAccount!: string | null;
  readonly plans!: Readonly<Record<string, Plan>>;

  /** Where its own pages are. */
  appAddress(publicUrl: string): string {
    return filled(this.appUrl, publicUrl, '');
  }

  resetLink(publicUrl: string, token: string): string {
    return filled(this.resetUrl, publicUrl, token);
  }

  invitationLink(publicUrl: string, token: string): string {
    return filled(this.invitationUrl, publicUrl, token);
  }
}

/** What the file says of a product: everything but the row's id. */
export type ProductDefinition = Omit<Product, 'id' | 'appAddress' | 'resetLink' | 'invitationLink'>;

function filled(template: string, publicUrl: string, token: string): string {
  return template.replaceAll('{public_url}', publicUrl).replaceAll('{token}', encodeURIComponent(token));
}
