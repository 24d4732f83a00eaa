import Handlebars from 'handlebars';
import { coloursOf } from './colours.js';
import type { Letter } from './letter.js';
import type { Brand } from './mail.js';

/** Tables and inline styles: Outlook draws with Word. The style sheet is for those that know a dark mode. */
const LAYOUT = `<!DOCTYPE html>
<html lang="{{locale}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{{subject}}</title>
<style>
@media (prefers-color-scheme: dark) {
  .page { background: #17191c !important; }
  .card { background: #24272b !important; }
  .ink { color: #f2f3f5 !important; }
  .faint { color: #a9afb8 !important; }
}
</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f2f3f5;">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all;">{{lead}}</div>
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:#f2f3f5;">
<tr><td align="center" style="padding:32px 12px;">
<table role="presentation" class="card" width="560" cellpadding="0" cellspacing="0" border="0" style="width:100%;max-width:560px;background:#ffffff;border-top:4px solid {{accent}};font-family:Arial,Helvetica,sans-serif;">
<tr><td class="ink" style="padding:28px 32px 8px;font-size:18px;line-height:24px;font-weight:bold;color:#1c1f23;">
{{~#if logoUrl}}<img src="{{logoUrl}}" alt="{{productName}}" height="36" border="0" style="display:block;height:36px;max-width:220px;border:0;">{{else}}{{productName}}{{/if~}}
</td></tr>
<tr><td class="ink" style="padding:16px 32px 0;font-size:16px;line-height:24px;color:#1c1f23;">
<p style="margin:0 0 16px;">{{greeting}}</p>
<p style="margin:0 0 24px;">{{lead}}</p>
</td></tr>
{{#if action}}
<tr><td style="padding:0 32px 24px;">
<table role="presentation" cellpadding="0" cellspacing="0" border="0"><tr>
<td bgcolor="{{accent}}" style="background:{{accent}};border-radius:4px;padding:12px 24px;">
<a href="{{action.link}}" style="font-size:16px;line-height:20px;font-weight:bold;color:{{onAccent}};text-decoration:none;">{{action.label}}</a>
</td></tr></table>
</td></tr>
<tr><td class="faint" style="padding:0 32px 24px;font-size:14px;line-height:20px;color:#5b626c;word-break:break-all;">
{{action.hint}}<br>{{action.link}}
</td></tr>
{{/if}}
{{#each notes}}
<tr><td class="ink" style="padding:0 32px 16px;font-size:14px;line-height:20px;color:#1c1f23;">{{this}}</td></tr>
{{/each}}
<tr><td class="faint" style="padding:16px 32px 28px;font-size:12px;line-height:18px;color:#5b626c;">
{{#each footer}}{{#unless @first}}<br>{{/unless}}{{this}}{{/each}}
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;

const layout = Handlebars.compile<object>(LAYOUT, { strict: true, knownHelpersOnly: true });

export function renderHtml(letter: Letter, brand: Brand): string {
  return layout({ ...letter, ...coloursOf(brand.primaryColor), productName: brand.productName, logoUrl: httpsOnly(brand.logoUrl) });
}

function httpsOnly(url: string | undefined): string | null {
  return url !== undefined && URL.canParse(url) && new URL(url).protocol === 'https:' ? url : null;
}
