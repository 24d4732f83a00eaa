import 'reflect-metadata';
import { Controller, Get } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { DeclaredRoutes } from './declared-routes.js';
import { Public, Requires } from './requires.js';

@Controller('good')
class Declared {
  @Get('open')
  @Public()
  open() {}

  @Get('closed')
  @Requires('admin')
  closed() {}

  notARoute() {}
}

@Controller('bad')
class Undeclared {
  @Get()
  forgotten() {}
}

async function boot(...controllers: (new () => object)[]): Promise<void> {
  const module = await Test.createTestingModule({ imports: [DiscoveryModule], controllers, providers: [DeclaredRoutes] }).compile();
  await module.init();
  await module.close();
}

describe('a program whose routes declare who may call them', () => {
  it('boots', async () => {
    await expect(boot(Declared)).resolves.toBeUndefined();
  });

  it('does not boot with one that says nothing', async () => {
    await expect(boot(Declared, Undeclared)).rejects.toThrow('Undeclared.forgotten');
  });
});
