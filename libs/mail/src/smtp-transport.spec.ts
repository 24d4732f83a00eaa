import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { aMail, outgoing } from './mail.fixture.js';
import { SmtpTransport } from './smtp-transport.js';

interface Received {
  readonly from: string;
  readonly to: string[];
  readonly raw: string;
  readonly mail: ParsedMail;
}

describe('mails by SMTP', () => {
  const open: { close(): Promise<void> }[] = [];
  const transports: SmtpTransport[] = [];

  async function serverWith(options: SMTPServerOptions = {}, port = 0): Promise<{ url: string; received: Received[] }> {
    const received: Received[] = [];
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData(stream, session, done) {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const raw = Buffer.concat(chunks);
          void simpleParser(raw).then((mail) => {
            const { mailFrom, rcptTo } = session.envelope;
            received.push({ from: mailFrom === false ? '' : mailFrom.address, to: rcptTo.map(({ address }) => address), raw: raw.toString('utf8'), mail });
            done();
          }, done);
        });
      },
      ...options,
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    open.push({ close: () => new Promise((resolve) => server.close(() => resolve())) });
    return { url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`, received };
  }

  function transportTo(url: string): SmtpTransport {
    const transport = new SmtpTransport(url);
    transports.push(transport);
    return transport;
  }

  afterEach(async () => {
    for (const transport of transports.splice(0)) transport.onApplicationShutdown();
    for (const server of open.splice(0)) await server.close();
  });

  it('arrives in the product’s name, in the recipient’s language, with no trace of the platform', async () => {
    const { url, received } = await serverWith();
    await transportTo(url).send(await outgoing(aMail({ id: 'm-42' })));

    const { from, to, raw, mail } = received[0]!;
    expect({ from, to }).toEqual({ from: 'no-reply@spravce-gdpr.cz', to: ['jan@acme.cz'] });
    expect(mail.from?.value).toEqual([{ name: 'Správce GDPR', address: 'no-reply@spravce-gdpr.cz' }]);
    expect(mail.replyTo?.value).toEqual([{ name: '', address: 'podpora@spravce-gdpr.cz' }]);
    expect(mail.subject).toBe('Správce GDPR: obnovení hesla');
    expect(mail.text).toContain('Odkaz platí 60 minut');
    expect(mail.html).toContain('lang="cs"');
    expect(mail.messageId).toBe('<m-42@spravce-gdpr.cz>');
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail.headers.get('content-language')).toBe('cs');
    expect(mail.date).toEqual(new Date('2026-03-04T05:06:07Z'));
    expect(raw).not.toMatch(/kiket/i);
    expect(raw).not.toMatch(/x-mailer/i);
  });

  it('repeats its Message-ID when it is tried again', async () => {
    const { url, received } = await serverWith();
    const transport = transportTo(url);
    for (let attempt = 0; attempt < 2; attempt += 1) await transport.send(await outgoing(aMail({ id: 'same' })));
    expect(received.map(({ mail }) => mail.messageId)).toEqual(['<same@spravce-gdpr.cz>', '<same@spravce-gdpr.cz>']);
  });

  it.each([
    'Novák, Jan',
    '"Jan" <eve@evil.example>',
    'Jan\r\nBcc: eve@evil.example',
    'Jan\r\n\r\n<b>body</b>',
    'Žluťoučký Kůň 🐎',
    'a'.repeat(300),
    '',
  ])('has one recipient, whatever stands in a name: %j', async (name) => {
    const { url, received } = await serverWith();
    const brand = { ...aMail().brand, productName: name || 'P' };
    await transportTo(url).send(
      await outgoing(
        aMail({ to: { name, email: 'jan@acme.cz' }, brand, message: { template: 'invitation', inviterName: name, organizationName: name, link: 'https://x.cz/i', expiresInDays: 7 } }),
      ),
    );
    const { to, mail } = received[0]!;
    expect(to).toEqual(['jan@acme.cz']);
    expect([mail.to].flat().flatMap((field) => field?.value.map(({ address }) => address))).toEqual(['jan@acme.cz']);
    expect(mail.from?.value.map(({ address }) => address)).toEqual(['no-reply@spravce-gdpr.cz']);
    expect(mail.bcc).toBeUndefined();
    expect(mail.headers.has('bcc')).toBe(false);
    expect(mail.messageId).toBe('<m-1@spravce-gdpr.cz>');
  });

  it('sends many over a few connections', async () => {
    let connections = 0;
    const { url, received } = await serverWith({
      onConnect: (_, done) => {
        connections += 1;
        done();
      },
    });
    const transport = transportTo(url);
    const mails = await Promise.all(Array.from({ length: 20 }, (_, index) => outgoing(aMail({ id: `m-${index}` }))));
    await Promise.all(mails.map((mail) => transport.send(mail)));
    expect(new Set(received.map(({ mail }) => mail.messageId)).size).toBe(20);
    expect(connections).toBeLessThanOrEqual(5);
  });

  it('fails when the server refuses, and says no more than the codes', async () => {
    const { url } = await serverWith({
      onRcptTo: ({ address }, _, done) => done(Object.assign(new Error(`${address} is unknown, see token=abc123`), { responseCode: 550 })),
    });
    const failure = await transportTo(url).send(await outgoing(aMail())).catch((error: unknown) => error);
    expect(String(failure)).toBe('Error: The mail server did not take it: EENVELOPE 550 RCPT TO');
    expect((failure as Error).cause).toBeUndefined();
  });

  it('fails where nobody listens, and works again once somebody does', async () => {
    const { url } = await serverWith();
    await open.pop()!.close();
    const transport = transportTo(url);
    await expect(transport.send(await outgoing(aMail()))).rejects.toThrow('The mail server did not take it: ESOCKET');

    const { received } = await serverWith({}, Number(new URL(url).port));
    await transport.send(await outgoing(aMail()));
    expect(received).toHaveLength(1);
  });
});
