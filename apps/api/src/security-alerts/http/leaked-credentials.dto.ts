import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Checked } from '#request';

const LONGEST_SOURCE = 2_000;

/** Whatever it is: the answer is always the same, and what is no text is nobody's credential. */
function Anything(example: string): PropertyDecorator {
  return applyDecorators(ApiProperty({ type: String, required: false, example }), Checked({ optional: true, nullable: true }, () => null));
}

export class LeakedCredentialBody {
  @Anything('wksp_…') credential?: unknown;
  @Anything('https://example.com/paste') source_url?: unknown;

  toDomain(): { credential: string | undefined; sourceUrl: string | undefined } {
    const { credential, source_url: source } = this;
    return {
      credential: typeof credential === 'string' ? credential.trim() : undefined,
      sourceUrl: typeof source === 'string' && source.trim() !== '' ? [...source.trim()].slice(0, LONGEST_SOURCE).join('') : undefined,
    };
  }
}
