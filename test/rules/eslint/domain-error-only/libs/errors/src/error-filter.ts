import { HttpException, NotFoundException } from '@nestjs/common';

export const isNest = (error: unknown): boolean => error instanceof HttpException && !(error instanceof NotFoundException);
