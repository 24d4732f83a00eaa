import { Body, Controller, Get, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Public, WishedLocale } from '#access';
import { FALLBACK_LOCALE, type Locale } from '#domain';
import { type SentenceKey, Translator } from '#locale';
import { type Offer, Reductions } from '../reductions.service.js';
import { type ConfirmationPage, PAGE_POLICY, renderPage } from './confirmation.page.js';

/** Where the links of alerts lead. A mail scanner looks at every link: looking changes nothing. */
@ApiExcludeController()
@Controller('security_alerts/confirm')
export class ConfirmationController {
  constructor(
    private readonly reductions: Reductions,
    private readonly translator: Translator,
  ) {}

  @Get()
  @Public({ limited: true })
  async ask(@Query('token') given: unknown, @WishedLocale() wished: Locale | undefined, @Res() response: Response): Promise<void> {
    const locale = wished ?? FALLBACK_LOCALE;
    const token = textOf(given);
    const offer = await this.reductions.look(token, locale);
    if (offer === null) return this.gone(response, locale);
    const lead = this.say(locale, 'lead', { subject: offer.subject, organization: offer.organizationName });
    const form = { token, button: this.say(locale, 'button'), advice: this.say(locale, 'advice') };
    this.show(response, { locale, productName: offer.brand.productName, title: this.say(locale, 'title'), lead, form });
  }

  @Post()
  @HttpCode(200)
  @Public({ limited: true })
  async confirm(@Body() form: Record<string, unknown>, @WishedLocale() wished: Locale | undefined, @Res() response: Response): Promise<void> {
    const locale = wished ?? FALLBACK_LOCALE;
    const ended: Offer | null = await this.reductions.confirm(textOf(form['token']), locale);
    if (ended === null) return this.gone(response, locale);
    const lead = this.say(locale, 'done', { subject: ended.subject });
    this.show(response, { locale, productName: ended.brand.productName, title: this.say(locale, 'done_title'), lead, form: null });
  }

  /** Used, expired, invented, or nothing left to end: one answer. */
  private gone(response: Response, locale: Locale): void {
    response.status(404);
    this.show(response, { locale, productName: '', title: this.say(locale, 'gone_title'), lead: this.say(locale, 'gone'), form: null });
  }

  private show(response: Response, page: ConfirmationPage): void {
    response.setHeader('Content-Language', page.locale);
    response.setHeader('Content-Security-Policy', PAGE_POLICY);
    // The address holds the token.
    response.setHeader('Referrer-Policy', 'no-referrer');
    response.type('html').send(renderPage(page));
  }

  private say(locale: Locale, key: 'title' | 'lead' | 'advice' | 'button' | 'done_title' | 'done' | 'gone_title' | 'gone', params?: Readonly<Record<string, string>>): string {
    return this.translator.sentence(locale, `alerts.page.${key}` satisfies SentenceKey, params);
  }
}

function textOf(given: unknown): string {
  return typeof given === 'string' ? given : '';
}
