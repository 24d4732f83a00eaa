import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Grant } from '#domain';
import { importClientKey } from '#jwt';
import { Checked, Count, grantOf, Line, Moment, ScopeNames } from '#request';
import type { NewApplication } from '../applications.service.js';
import { type ApplicationFacts, LONGEST_TTL, SHORTEST_TTL } from '../domain/application.js';
import type { ClientKey } from '../domain/client-keys.js';

const MOST_KEYS = 5;

interface KeySet {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

/** A JWK set of public keys (RFC 7517 §5): EC on P-256, Ed25519, or RSA of 2,048 bits with its `alg`. Null: none. */
function KeySetField(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: Object, required: false, nullable: true, example: { keys: [{ kty: 'EC', crv: 'P-256', x: '…', y: '…' }] } }),
    Checked({ optional: true, nullable: true }, (value) => {
      const { keys } = value as Partial<KeySet>;
      if (!Array.isArray(keys) || keys.length === 0) return { code: 'invalid' };
      if (keys.length > MOST_KEYS) return { code: 'too_many', params: { most: MOST_KEYS } };
      return imported(keys) === null ? { code: 'invalid' } : null;
    }),
  );
}

function Ttl(): PropertyDecorator {
  return Count({ least: SHORTEST_TTL, most: LONGEST_TTL, example: LONGEST_TTL });
}

/** Null where one of them is no public key of ours to accept, or two have the same id. */
function imported(keys: readonly unknown[]): ClientKey[] | null {
  const read = keys.map((key) => (typeof key === 'object' && key !== null ? importClientKey(key as Readonly<Record<string, unknown>>) : null));
  const known = read.filter((key) => key !== null);
  return known.length === keys.length && new Set(known.map(({ kid }) => kid)).size === keys.length ? known : null;
}

function keysOf(set: KeySet | null | undefined): readonly ClientKey[] | null {
  return set === null || set === undefined ? null : imported(set.keys);
}

export class RegisterApplicationBody {
  @Line({ max: 100, example: 'Billing sync' }) name!: string;
  @ScopeNames({ least: 1 }) scopes?: string[];
  @Ttl() access_token_ttl?: number;
  @KeySetField() jwks?: KeySet | null;

  toDomain(): NewApplication {
    const grant = grantOf(this.scopes ?? []);
    return { name: this.name, grant, scopes: grant.scopes, accessTokenTtl: this.access_token_ttl ?? LONGEST_TTL, jwks: keysOf(this.jwks) };
  }
}

export class UpdateApplicationBody {
  @Line({ max: 100, optional: true, example: 'Billing sync' }) name?: string;
  @ScopeNames({ least: 1 }) scopes?: string[];
  @Ttl() access_token_ttl?: number;
  @KeySetField() jwks?: KeySet | null;

  toDomain(): { changes: Partial<ApplicationFacts>; grant: Grant | undefined } {
    const grant = this.scopes === undefined ? undefined : grantOf(this.scopes);
    const changes = {
      ...(this.name !== undefined && { name: this.name }),
      ...(grant !== undefined && { scopes: grant.scopes }),
      ...(this.access_token_ttl !== undefined && { accessTokenTtl: this.access_token_ttl }),
      ...(this.jwks !== undefined && { jwks: keysOf(this.jwks) }),
    };
    return { changes, grant };
  }
}

export class AddSecretBody {
  @Moment({ optional: true, nullable: true }) expires_at?: Date | null;
}
