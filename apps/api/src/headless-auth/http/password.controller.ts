import { Controller, HttpCode, Post, Put } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { NamedProduct, Public } from '#access';
import type { ProductRef } from '#domain';
import { Body } from '#request';
import { PasswordResets } from '../password-reset.service.js';
import { ForgotPasswordBody, ResetPasswordBody } from './auth.dto.js';

@ApiTags('Headless Auth')
@Controller('api/v1/auth')
export class PasswordController {
  constructor(private readonly resets: PasswordResets) {}

  @Post('forgot_password')
  @ApiOperation({ summary: 'Asks for a reset mail; the answer is the same whether the address is known' })
  @HttpCode(202)
  @Public({ limited: true })
  async forgot(@Body() body: ForgotPasswordBody, @NamedProduct() product: ProductRef | undefined) {
    await this.resets.request(body.email, product);
    return { status: 'accepted' };
  }

  @Put('reset_password')
  @ApiOperation({ summary: 'Sets a new password by the link of a reset mail' })
  @Public({ limited: true })
  async reset(@Body() body: ResetPasswordBody) {
    await this.resets.reset(body.token, body.confirmedPassword());
    return { status: 'password_reset' };
  }
}
