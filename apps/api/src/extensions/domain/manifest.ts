import { type FaultCode, type FieldFault, invalid, Scopes } from '#domain';

const MODEL_VERSION = '1.0';
const ID = /^[A-Za-z][A-Za-z0-9._-]*$/;
const LONGEST_ID = 100;
const LONGEST_LINE = 100;
const LONGEST_VERSION = 64;
const LONGEST_DESCRIPTION = 10_000;
const MOST_ENTRIES = 100;

/** The key of a secret, and so of a configuration entry that is one. */
export const SECRET_KEY = /^[A-Z][A-Z0-9_]{0,63}$/;

/** All that an extension may ever be given. */
export const GRANTABLE = Scopes.of('issues', 'projects', 'comments', 'workflows', 'users:read', 'notifications:write');

/** What an extension says of itself: what we read of its manifest. The rest is kept as it came. */
export interface Manifest {
  readonly extensionId: string;
  readonly name: string;
  readonly version: string;
  readonly permissions: Scopes;
  /** All of it, unknown keys included. */
  readonly document: Readonly<Record<string, unknown>>;
}

type Fields = Readonly<Record<string, unknown>>;

/** Collects every fault of a document on the way through it, each with its path. */
class Reading {
  readonly faults: FieldFault[] = [];

  fault(field: string, code: FaultCode, params?: FieldFault['params']): void {
    this.faults.push({ field, code, ...(params !== undefined && { params }) });
  }

  object(value: unknown, path: string): Fields {
    if (isObject(value)) return value;
    this.fault(path, value === undefined || value === null ? 'blank' : 'not_an_object');
    return {};
  }

  optionalObject(value: unknown, path: string): Fields {
    return value === undefined || value === null ? {} : this.object(value, path);
  }

  /** Null where there was a fault. */
  line(value: unknown, path: string, max: number, form = /^\P{Cc}*$/u): string | null {
    const line = this.text(value, path, max)?.trim();
    if (line === undefined) return null;
    if (line !== '' && form.test(line)) return line;
    this.fault(path, line === '' ? 'blank' : 'invalid');
    return null;
  }

  text(value: unknown, path: string, max: number): string | null {
    if (value === undefined || value === null) this.fault(path, 'blank');
    else if (typeof value !== 'string') this.fault(path, 'not_a_string');
    else if (value.length > max) this.fault(path, 'too_long', { max });
    else return value;
    return null;
  }

  list(value: unknown, path: string): readonly unknown[] {
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) this.fault(path, 'not_a_list');
    else if (value.length > MOST_ENTRIES) this.fault(path, 'too_many', { most: MOST_ENTRIES });
    else return value;
    return [];
  }
}

/**
 * Reads a manifest of model version 1.0. Permissions and configuration stand in `extension`, or at the top, where the CLI's
 * scaffold writes them. An extension that declares no permissions gets none.
 * @throws validation_error naming every fault by its path, from `manifest` on
 */
export function readManifest(document: unknown): Manifest {
  const reading = new Reading();
  const top = reading.object(document, 'manifest');
  if (isObject(document) && top['model_version'] !== MODEL_VERSION) reading.fault('manifest.model_version', top['model_version'] === undefined ? 'blank' : 'not_in_list');
  const extension = isObject(document) ? reading.object(top['extension'], 'manifest.extension') : {};
  const manifest = isObject(top['extension']) ? readExtension(reading, top, extension) : null;
  if (reading.faults.length > 0 || manifest === null) throw invalid(...reading.faults);
  return manifest;
}

function readExtension(reading: Reading, top: Fields, extension: Fields): Manifest {
  const at = (name: string) => `manifest.extension.${name}`;
  const extensionId = reading.line(extension['id'], at('id'), LONGEST_ID, ID);
  const name = reading.line(extension['name'], at('name'), LONGEST_LINE);
  const version = reading.line(extension['version'], at('version'), LONGEST_VERSION);
  const { description } = extension;
  if (description !== undefined && description !== null) reading.text(description, at('description'), LONGEST_DESCRIPTION);
  const permissions = readPermissions(reading, extension['permissions'], at('permissions')).union(readPermissions(reading, top['permissions'], 'manifest.permissions'));
  readConfiguration(reading, extension['configuration'], at('configuration'));
  readConfiguration(reading, top['configuration'], 'manifest.configuration');
  return { extensionId: extensionId ?? '', name: name ?? '', version: version ?? '', permissions, document: top };
}

function readPermissions(reading: Reading, value: unknown, path: string): Scopes {
  let permissions = Scopes.none;
  for (const [index, name] of reading.list(value, path).entries()) {
    const place = `${path}.${index}`;
    if (typeof name !== 'string') {
      reading.fault(place, 'not_a_string');
      continue;
    }
    const scopes = Scopes.parse([name]);
    if (!(scopes instanceof Scopes)) reading.fault(place, 'unknown_scope', { scope: name.slice(0, LONGEST_LINE) });
    else if (!GRANTABLE.covers(scopes)) reading.fault(place, 'not_in_list');
    else permissions = permissions.union(scopes);
  }
  return permissions;
}

/** What an extension wants to be told; a secret among it is stored under its key. */
function readConfiguration(reading: Reading, value: unknown, path: string): void {
  for (const [key, entry] of Object.entries(reading.optionalObject(value, path))) {
    const place = `${path}.${key}`;
    const { type, secret } = reading.object(entry, place);
    if (!isObject(entry)) continue;
    reading.line(type, `${place}.type`, LONGEST_LINE);
    if (secret !== undefined && typeof secret !== 'boolean') reading.fault(`${place}.secret`, 'not_a_boolean');
    if (secret === true && !SECRET_KEY.test(key)) reading.fault(place, 'invalid');
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
