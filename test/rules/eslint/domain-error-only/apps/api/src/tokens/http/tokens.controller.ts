import { Controller, NotFoundException } from '@nestjs/common'; // refused: kiket/domain-error-only
import { HttpException as Refusal } from '@nestjs/common'; // refused: kiket/domain-error-only
import * as nest from '@nestjs/common';

export { ConflictException } from '@nestjs/common'; // refused: kiket/domain-error-only

@Controller()
export class TokensController {
  find(id: number): never {
    if (id === 0) throw new nest.BadRequestException(); // refused: kiket/domain-error-only
    if (id === 1) throw new Refusal('gone', 410);
    throw new NotFoundException();
  }
}
