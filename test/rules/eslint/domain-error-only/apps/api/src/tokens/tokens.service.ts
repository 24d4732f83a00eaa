import { Injectable } from '@nestjs/common';

class TokenException extends Error {}

@Injectable()
export class Tokens {
  find(): never {
    throw new TokenException('not Nest’s');
  }
}
