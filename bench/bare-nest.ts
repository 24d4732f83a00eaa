import 'reflect-metadata';
import { Controller, Get, HttpCode, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

/** The peer: a route of the same framework that asks nobody anything and answers a body of about the same size. */
@Controller()
class BareController {
  private readonly answer = { text: 'x'.repeat(560) };

  @Get('bare')
  get() {
    return this.answer;
  }

  @Post('bare')
  @HttpCode(200)
  post() {
    return this.answer;
  }
}

@Module({ controllers: [BareController] })
class BareModule {}

const app = await NestFactory.create(BareModule, { logger: false });
await app.listen(Number(process.env['PORT']), '127.0.0.1');
process.send?.('ready');
