import { Body as NestBody, type ArgumentMetadata, type PipeTransform, Query as NestQuery, type Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validate, type ValidationError } from 'class-validator';
import { type FieldFault, invalid } from '#domain';

/**
 * The request's body as its DTO: validated, unknown fields dropped, unwrapped from its resource's name where it is wrapped.
 * Fields named `beside` may also stand beside the wrapper.
 */
export function Body(wrapper?: string, { beside = [] }: { beside?: readonly string[] } = {}): ParameterDecorator {
  return NestBody(new BodyPipe(wrapper, beside));
}

/** The query's filters as their DTO, validated like a body. */
export function Filters(): ParameterDecorator {
  return NestQuery(new BodyPipe(undefined, []));
}

class BodyPipe implements PipeTransform<object> {
  constructor(
    private readonly wrapper: string | undefined,
    private readonly beside: readonly string[],
  ) {}

  /** @throws validation_error naming every faulty field */
  async transform(body: object, { metatype }: ArgumentMetadata): Promise<object> {
    const fields = this.unwrap(body);
    const { prototype } = metatype as { prototype: object };
    // Values inside free JSON stay as they came: the library leaves out what is called like a method of every object.
    const free = Object.entries(fields).filter(([name, value]) => typeof value === 'object' && value !== null && !Array.isArray(value) && !(name in prototype));
    const dto = Object.assign(plainToInstance(metatype as Type<object>, fields), Object.fromEntries(free));
    const errors = await validate(dto, { whitelist: true, stopAtFirstError: true, forbidUnknownValues: true });
    if (errors.length > 0) throw invalid(...errors.map(faultOf));
    return dto;
  }

  private unwrap(body: object): object {
    const inner: unknown = this.wrapper === undefined ? undefined : (body as Record<string, unknown>)[this.wrapper];
    if (inner === undefined) return body;
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) {
      throw invalid({ field: this.wrapper ?? '', code: 'invalid' });
    }
    const outer = Object.entries(body).filter(([field]) => this.beside.includes(field));
    return { ...Object.fromEntries(outer), ...inner };
  }
}

function faultOf(error: ValidationError): FieldFault {
  const [message = '{"code":"invalid"}'] = Object.values(error.constraints ?? {});
  return { field: error.property, ...(JSON.parse(message) as Omit<FieldFault, 'field'>) };
}
