const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem; color: #1c1f23; }
form { display: grid; gap: .5rem; max-width: 22rem; }
[hidden] { display: none !important; }
input, button { font: inherit; padding: .4rem .6rem; }
li { margin: .5rem 0; } li.unread strong::before { content: "● "; color: #1d4ed8; }
#state { color: #5b626c; } #fault { color: #b91c1c; }
`;

const SCRIPT = `
const $ = (id) => document.getElementById(id);
let token = null;
let counted = false;
const api = async (method, path, body, headers = {}) => {
  const answer = await fetch('/api/v1' + path, {
    method,
    headers: { ...(body && { 'Content-Type': 'application/json' }), ...(token && { Authorization: 'Bearer ' + token }), ...headers },
    body: body && JSON.stringify(body),
  });
  const json = await answer.json();
  if (!answer.ok) throw new Error(json.message);
  return json;
};
const tried = (work) => async (event) => {
  $('fault').textContent = '';
  try {
    await work(event);
  } catch (fault) {
    $('fault').textContent = fault.message;
  }
};
const count = (unread) => { $('count').textContent = unread > 0 ? '(' + unread + ')' : ''; };
const show = ({ id, title, message, url, created_at, read_at }, first) => {
  if ($('n' + id)) return;
  const item = Object.assign(document.createElement('li'), { id: 'n' + id });
  if (!read_at) item.className = 'unread';
  const strong = document.createElement('strong');
  strong.textContent = title;
  item.append(strong, ' ' + message + ' ', Object.assign(document.createElement('small'), { textContent: created_at }));
  if (url) item.append(' ', Object.assign(document.createElement('code'), { textContent: url }));
  item.onclick = tried(async () => { await api('POST', '/notifications/' + id + '/read'); item.className = ''; });
  first ? $('list').prepend(item) : $('list').append(item);
};
// Once what comes is heard: nothing falls between, and what is heard meanwhile is newer.
const list = tried(async () => {
  for (const notification of (await api('GET', '/notifications')).data) show(notification, false);
  const { unread_count } = await api('GET', '/notifications/unread_count');
  if (!counted) count(unread_count);
  $('state').textContent = 'Live.';
});
const listen = () => {
  const identifier = JSON.stringify({ channel: 'NotificationsChannel' });
  const socket = new WebSocket(location.origin.replace('http', 'ws') + '/cable', ['actioncable-v1-json', 'anycable-token.' + token]);
  socket.onopen = () => socket.send(JSON.stringify({ command: 'subscribe', identifier }));
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(data);
    if (frame.type === 'confirm_subscription') list();
    if (frame.type === 'disconnect') $('state').textContent = 'Disconnected: ' + frame.reason;
    if (!frame.message || frame.type === 'ping') return;
    counted = true;
    count(frame.message.unread_count);
    if (frame.message.action === 'new_notification') show(frame.message.notification, true);
    if (frame.message.unread_count === 0) for (const item of $('list').children) item.className = '';
  };
};
$('all').onclick = tried(() => api('POST', '/notifications/read_all'));
$('login').onsubmit = tried(async (event) => {
  event.preventDefault();
  const { product, email, password } = Object.fromEntries(new FormData(event.target));
  const session = await api('POST', '/auth/login', { email, password }, { 'X-Product-Slug': product });
  if (session.select_organization) throw new Error('This page knows one organization only.');
  token = session.access_token;
  $('login').hidden = true;
  $('all').hidden = false;
  listen();
});
`;

/** Plain HTML and nothing to build: signs in, lists, and shows what comes while it looks. */
export const DEMO_PAGE = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Notifications</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<h1>Notifications <span id="count"></span></h1>
<form id="login">
<label>Product <input name="product" value="kiket" required></label>
<label>Email <input name="email" type="email" autocomplete="username" required></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button>Sign in</button>
</form>
<p id="fault" role="alert"></p>
<p id="state" role="status"></p>
<button id="all" hidden>Mark all as read</button>
<ul id="list"></ul>
<script>${SCRIPT}</script>
</body>
</html>
`;

/** It runs and wears what it came with, speaks to its own server alone, and never sends its form by itself. */
export function demoPolicy(digest: (text: string) => Buffer): string {
  const source = (text: string) => `'sha256-${digest(text).toString('base64')}'`;
  return `default-src 'none'; script-src ${source(SCRIPT)}; style-src ${source(STYLE)}; connect-src 'self'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'`;
}
