import { Injectable } from '@nestjs/common';
import type { Principal } from '#domain';

/** Ends in another context what cannot live without its project; where it fails, the project stays. */
export type ProjectEnd = (actor: Principal, projectId: number) => Promise<void>;

/** Who must know of a project's end, in the transaction in which it ends. */
@Injectable()
export class ProjectEnds {
  private readonly known: ProjectEnd[] = [];

  register(end: ProjectEnd): void {
    this.known.push(end);
  }

  async tell(actor: Principal, projectId: number): Promise<void> {
    for (const end of this.known) await end(actor, projectId);
  }
}
