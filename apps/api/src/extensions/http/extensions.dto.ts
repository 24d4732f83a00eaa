import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Scopes } from '#domain';
import { type Check, Checked, Count, Id } from '#request';
import type { Consent } from '../domain/installation.js';
import { documentOf, ManifestField } from './manifest.field.js';

const MOST_NAMES = 64;

/** `true` accepts all that grew, a list what it names. */
function Acceptance(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ oneOf: [{ type: 'boolean' }, { type: 'array', items: { type: 'string' } }], required: false, example: ['issues:write'] }),
    Checked({ optional: true, nullable: true }, (value): ReturnType<Check> => {
      if (typeof value === 'boolean') return null;
      if (!Array.isArray(value)) return { code: 'not_a_list' };
      if (value.length > MOST_NAMES) return { code: 'too_many', params: { most: MOST_NAMES } };
      if (!value.every((name) => typeof name === 'string')) return { code: 'not_a_string' };
      const scopes = Scopes.parse(value);
      return scopes instanceof Scopes ? null : { code: 'unknown_scope', params: { scope: scopes.unknown.slice(0, 100) } };
    }),
  );
}

export class InstallBody {
  @Id() project_id!: number;
  @ManifestField() manifest!: string | object;

  toDomain(): unknown {
    return documentOf(this.manifest);
  }
}

export class UpgradeBody {
  @ManifestField({ optional: true }) manifest?: string | object;
  @Acceptance() accept_permissions?: boolean | string[] | null;

  /** Left out, the manifest is the one that waits. */
  toDomain(): { document: unknown; consent: Consent | undefined } {
    return { document: this.manifest === undefined ? undefined : documentOf(this.manifest), consent: this.consent };
  }

  private get consent(): Consent | undefined {
    const { accept_permissions: accepted } = this;
    if (Array.isArray(accepted)) return Scopes.stored(accepted);
    return accepted === true ? true : undefined;
  }
}

/** Which project is meant, where a manifest's id alone does not say it. */
export class ProjectQuery {
  @Id({ optional: true }) project_id?: number;
}

export class RotateKeyBody {
  @Count({ most: 86_400 }) grace_period_seconds?: number;
}
