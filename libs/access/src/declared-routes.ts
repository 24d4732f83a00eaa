import { Injectable, type OnModuleInit } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { PUBLIC, REQUIREMENT } from './requires.js';

/** Refuses to boot while a route says neither who may call it nor that everyone may. */
@Injectable()
export class DeclaredRoutes implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    const undeclared = this.discovery.getControllers().flatMap(({ metatype }) => {
      const prototype = metatype?.prototype as object | undefined;
      if (metatype === null || metatype === undefined || prototype === undefined) return [];
      return this.scanner
        .getAllMethodNames(prototype)
        .filter((name) => this.isUndeclaredRoute((prototype as Record<string, unknown>)[name]))
        .map((name) => `${metatype.name}.${name}`);
    });
    if (undeclared.length > 0) throw new Error(`These routes declare neither @Requires nor @Public: ${undeclared.join(', ')}`);
  }

  private isUndeclaredRoute(handler: unknown): boolean {
    if (typeof handler !== 'function' || Reflect.getMetadata(METHOD_METADATA, handler) === undefined) return false;
    return this.reflector.get(REQUIREMENT, handler) === undefined && this.reflector.get(PUBLIC, handler) !== true;
  }
}
