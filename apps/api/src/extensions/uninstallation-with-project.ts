import { Injectable } from '@nestjs/common';
import { ProjectEnds } from '../workspace/index.js';
import { Installations } from './installations.service.js';

/** No extension outlives its project. */
@Injectable()
export class UninstallationWithProject {
  constructor(ends: ProjectEnds, installations: Installations) {
    ends.register(async (actor, projectId) => installations.uninstallAllOf(actor, projectId));
  }
}
