import { Prose } from '#request';

const BODY = { max: 50_000, example: 'The identity is confirmed.' } as const;

export class AddCommentBody {
  @Prose(BODY) body!: string;
}

export class EditCommentBody {
  @Prose({ ...BODY, optional: true }) body?: string;
}
