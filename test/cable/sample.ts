/** The public documentation's client, as printed, but for the host and for `send`, which waits until the socket is open. */
export const SAMPLE = `
const ws = new WebSocket(
  \`wss://kiket.dev/cable?token=\${accessToken}\`
);
// Subscribe to notifications channel
ws.onopen = () =>
ws.send(JSON.stringify({
  command: "subscribe",
  identifier: JSON.stringify({ channel: "NotificationsChannel" })
}));
// Receive notifications
ws.onmessage = (event) => {
  const data = JSON.parse(event.data);
  if (data.type === "ping") return;
  const msg = JSON.parse(data.message || "{}");
  if (msg.action === "new_notification") {
    // msg.notification.title, msg.notification.message, msg.notification.url
    // msg.unread_count
    onNotification(msg);
  }
};
return ws;
`;
