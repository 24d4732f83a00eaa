import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { FileTransport } from './file-transport.js';
import { aMail, outgoing } from './mail.fixture.js';

describe('mails as files', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mail-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('writes one readable file a mail, for its owner only', async () => {
    const mails = join(folder, 'data', 'mail');
    await new FileTransport(mails).send(await outgoing(aMail({ id: 'm-42' })));

    expect(await readdir(mails)).toEqual(['2026-03-04T05-06-07-890Z-m-42.eml']);
    const file = join(mails, '2026-03-04T05-06-07-890Z-m-42.eml');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const parsed = await simpleParser(await readFile(file));
    expect(parsed.subject).toBe('Správce GDPR: obnovení hesla');
    expect(parsed.text).toContain('https://app.spravce-gdpr.cz/reset?token=abc123');
    expect(parsed.date).toEqual(new Date('2026-03-04T05:06:07Z'));
  });

  it('says so when it cannot write', async () => {
    const occupied = join(folder, 'mail');
    await writeFile(occupied, 'a file where the folder should be');
    await expect(new FileTransport(occupied).send(await outgoing(aMail()))).rejects.toThrow('EEXIST');
  });
});
