import { Module } from '@nestjs/common';
import { HealthController } from './http/health.controller.js';
import { Readiness } from './readiness.service.js';

@Module({ controllers: [HealthController], providers: [Readiness], exports: [Readiness] })
export class HealthModule {}
