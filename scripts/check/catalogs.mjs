import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const CATALOG = 'libs/locale/src/catalog';
const CODES = 'libs/domain/src/errors.ts';
const LANGUAGES = ['cs', 'de', 'en'];
const MODEL = 'en';

/** Every reader gets a whole sentence: each code and each key, with the same placeholders, in each language. */
export async function catalogs(root) {
  const files = [...new Set(LANGUAGES.flatMap((language) => jsonFiles(join(root, CATALOG, language))))].sort();
  if (files.length === 0) return [`${CATALOG}: no catalogs`];
  const faults = files.flatMap((file) => {
    const model = read(root, MODEL, file);
    return LANGUAGES.flatMap((language) => compare(`${language}/${file}`, read(root, language, file), model));
  });
  return [...faults, ...codesWithoutSentence(root, 'errors.json', 'ERROR_KINDS'), ...codesWithoutSentence(root, 'faults.json', 'FAULT_CODES')];
}

function compare(name, catalog, model) {
  if (catalog === undefined || model === undefined) return [`${name}: this file stands not in every language`];
  return [
    ...[...model.keys()].filter((key) => !catalog.has(key)).map((key) => `${name}: ${key} is missing`),
    ...[...catalog.keys()].filter((key) => !model.has(key)).map((key) => `${name}: ${key} stands only in this language`),
    ...[...catalog].filter(([, texts]) => texts.some((text) => /kiket/i.test(text))).map(([key]) => `${name}: ${key} says whose platform this is`),
    ...[...catalog].filter(([, texts]) => texts.some((text) => text.trim() === '')).map(([key]) => `${name}: ${key} is empty`),
    ...differingPlaceholders(name, catalog, model),
  ];
}

// A greeting needs the vocative in Czech, so a mail may name the person in another of its sentences.
const unitOf = (name, key) => (name.endsWith('/mail.json') ? key.split('.')[0] : key);

function differingPlaceholders(name, catalog, model) {
  const theirs = placeholdersByUnit(name, model);
  return [...placeholdersByUnit(name, catalog)]
    .filter(([unit, own]) => theirs.has(unit) && theirs.get(unit) !== own)
    .map(([unit, own]) => `${name}: ${unit} takes {${own}}, ${MODEL} takes {${theirs.get(unit)}}`);
}

function placeholdersByUnit(name, catalog) {
  const sets = new Map();
  for (const [key, texts] of catalog) {
    const unit = unitOf(name, key);
    sets.set(unit, [...(sets.get(unit) ?? []), ...texts.flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]))]);
  }
  return new Map([...sets].map(([unit, names]) => [unit, [...new Set(names)].sort().join(', ')]));
}

function codesWithoutSentence(root, file, list) {
  const codes = codesOf(readFileSync(join(root, CODES), 'utf8'), list);
  if (codes.length === 0) return [`${CODES}: no ${list} found`];
  return LANGUAGES.flatMap((language) => {
    const catalog = read(root, language, file) ?? new Map();
    return codes.filter((code) => !catalog.has(code)).map((code) => `${language}/${file}: no sentence for ${code}`);
  });
}

/** The keys of a literal object, or the items of a literal array, that a constant is set to. */
function codesOf(source, constant) {
  const file = ts.createSourceFile(CODES, source, ts.ScriptTarget.Latest);
  const declarations = file.statements.filter(ts.isVariableStatement).flatMap((statement) => [...statement.declarationList.declarations]);
  let value = declarations.find((declaration) => declaration.name.text === constant)?.initializer;
  while (value !== undefined && (ts.isAsExpression(value) || ts.isSatisfiesExpression(value))) value = value.expression;
  if (value === undefined) return [];
  return ts.isArrayLiteralExpression(value) ? value.elements.map((item) => item.text) : value.properties.map((property) => property.name.text);
}

/** Each sentence by its path; the forms of a plural stand under one path. */
function sentences(tree, path = '') {
  return Object.entries(tree).flatMap(([name, value]) => {
    if (typeof value === 'string') return [[path + name, [value]]];
    return 'other' in value ? [[path + name, Object.values(value)]] : sentences(value, `${path}${name}.`);
  });
}

function read(root, language, file) {
  const path = join(root, CATALOG, language, file);
  return existsSync(path) ? new Map(sentences(JSON.parse(readFileSync(path, 'utf8')))) : undefined;
}

const jsonFiles = (folder) => (existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : []);
