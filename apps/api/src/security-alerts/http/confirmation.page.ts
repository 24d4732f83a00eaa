import Handlebars from 'handlebars';
import type { Locale } from '#domain';

/** A page in words. */
export interface ConfirmationPage {
  readonly locale: Locale;
  readonly productName: string;
  readonly title: string;
  readonly lead: string;
  /** Null: there is nothing to confirm. */
  readonly form: { readonly token: string; readonly button: string; readonly advice: string } | null;
}

/** It loads nothing, runs nothing, and sends its form to itself alone. */
export const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const PAGE = `<!DOCTYPE html>
<html lang="{{locale}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{{title}}{{#if productName}} – {{productName}}{{/if}}</title>
<style>
:root { color-scheme: light dark; }
body { max-width: 32rem; margin: 12vh auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
button { font: inherit; padding: .6rem 1.2rem; }
</style>
</head>
<body>
{{#if productName}}
<p>{{productName}}</p>
{{/if}}
<main>
<h1>{{title}}</h1>
<p>{{lead}}</p>
{{#if form}}
<p>{{form.advice}}</p>
<form method="post" action="?locale={{locale}}">
<input type="hidden" name="token" value="{{form.token}}">
<button type="submit">{{form.button}}</button>
</form>
{{/if}}
</main>
</body>
</html>
`;

const page = Handlebars.compile<object>(PAGE, { strict: true, knownHelpersOnly: true });

export function renderPage(words: ConfirmationPage): string {
  return page(words);
}
