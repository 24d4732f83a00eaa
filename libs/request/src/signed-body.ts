import { type NextFunction, type Request, type RequestHandler, type Response, raw } from 'express';
import { refusalOf } from './strict-body.js';

/** An invoice with many lines is larger than what people send. */
const LIMIT_BYTES = 1024 * 1024;

const readBytes = raw({ type: () => true, limit: LIMIT_BYTES, inflate: false });

/** Reads a body as the bytes that were signed; whether it is genuine and what it says is judged by its route. */
export const signedBody: RequestHandler = (request: Request, response: Response, next: NextFunction) => {
  readBytes(request, response, (error?: unknown) => {
    if (!Buffer.isBuffer(request.body)) request.body = Buffer.alloc(0);
    if (error !== undefined) request.context.fault ??= refusalOf(error);
    next();
  });
};
