import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { parseDocument } from 'yaml';
import { DomainError, invalid } from '#domain';
import { Checked, inspect } from '#request';

const FIELD = 'manifest';
/** In characters: a manifest of a few pages at most. Its parser takes a second for three times as many, and aliases make much of little. */
const LONGEST = 32 * 1024;

/** The manifest, as the text of its YAML file or as an object. */
export function ManifestField({ optional = false } = {}): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ oneOf: [{ type: 'string' }, { type: 'object' }], required: !optional, example: 'model_version: "1.0"\nextension:\n  id: com.example.sync\n  name: Sync\n  version: 1.0.0\n  permissions: [issues:read]\n' }),
    Checked({ optional }, (value) => (typeof value === 'string' || (typeof value === 'object' && !Array.isArray(value)) ? null : { code: 'not_an_object' })),
  );
}

/** What the manifest says, unread. @throws validation_error where it is no YAML, or one that would do harm */
export function documentOf(manifest: string | object): unknown {
  return typeof manifest === 'string' ? fromYaml(manifest) : manifest;
}

function fromYaml(text: string): unknown {
  if (text.length > LONGEST) throw invalid({ field: FIELD, code: 'too_long', params: { max: LONGEST } });
  const document = parsed(text);
  try {
    inspect(document, FIELD);
  } catch (error) {
    throw error instanceof DomainError && error.code === 'validation_error' ? error : invalid({ field: FIELD, code: 'invalid' });
  }
  if ((JSON.stringify(document) ?? '').length > LONGEST) throw invalid({ field: FIELD, code: 'too_long', params: { max: LONGEST } });
  return document;
}

/** YAML 1.2 whatever the text declares: no tags that make anything but plain data. */
function parsed(text: string): unknown {
  try {
    const document = parseDocument(text, { schema: 'core', resolveKnownTags: false, stringKeys: true, logLevel: 'error' });
    const [fault] = document.errors;
    // How deep the parser goes hangs on the stack that it finds: what is too deep is told alike, whoever finds it out.
    if (fault?.code === 'RESOURCE_EXHAUSTION') throw invalid({ field: FIELD, code: 'invalid' });
    if (fault !== undefined) throw invalid({ field: FIELD, code: 'not_yaml', params: { line: fault.linePos?.[0].line ?? 1 } });
    return document.toJS({ maxAliasCount: 100 }) as unknown;
  } catch (error) {
    if (error instanceof DomainError) throw error;
    // Too many aliases, or deeper than the parser can go.
    throw invalid({ field: FIELD, code: 'invalid' });
  }
}
