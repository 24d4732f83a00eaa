import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Workspace API tokens; projects, issues, comments, milestones and the workflow that they move by; usage by day. */
export class Workspace1764100000000 implements MigrationInterface {
  name = 'Workspace1764100000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE workspace_tokens (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        organization_id bigint NOT NULL REFERENCES organizations,
        membership_id bigint NOT NULL REFERENCES memberships,
        name text NOT NULL,
        full_access boolean NOT NULL,
        scopes text[] NOT NULL,
        token_prefix text NOT NULL,
        expires_at timestamptz,
        expiry_warned_days integer,
        created_at timestamptz NOT NULL,
        last_used_at timestamptz,
        last_used_ip text,
        revoked_at timestamptz,
        CHECK (NOT full_access OR scopes = '{}')
      );
      CREATE INDEX workspace_tokens_of_organization ON workspace_tokens (organization_id, id);
      CREATE INDEX workspace_tokens_expiring ON workspace_tokens (expires_at) WHERE revoked_at IS NULL AND expires_at IS NOT NULL;

      CREATE TABLE workspace_token_secrets (
        digest bytea PRIMARY KEY,
        token_id bigint NOT NULL REFERENCES workspace_tokens ON DELETE CASCADE,
        created_at timestamptz NOT NULL,
        ends_at timestamptz
      );
      CREATE UNIQUE INDEX workspace_token_current_secret ON workspace_token_secrets (token_id) WHERE ends_at IS NULL;
      CREATE INDEX workspace_token_secrets_of_token ON workspace_token_secrets (token_id);

      CREATE TABLE workflows (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        organization_id bigint NOT NULL UNIQUE REFERENCES organizations,
        created_at timestamptz NOT NULL
      );
      INSERT INTO workflows (organization_id, created_at) SELECT id, created_at FROM organizations ORDER BY id;

      CREATE TABLE projects (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        organization_id bigint NOT NULL REFERENCES organizations,
        name text NOT NULL,
        project_key text,
        description text,
        status text NOT NULL,
        visibility text NOT NULL,
        github_repo_url text,
        start_date date,
        end_date date,
        lead_id bigint REFERENCES users,
        workflow_sync_enabled boolean NOT NULL,
        workflow_auto_boards boolean NOT NULL,
        settings jsonb NOT NULL,
        last_issue_number integer NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        UNIQUE (organization_id, project_key),
        UNIQUE (organization_id, id)
      );
      CREATE TABLE retired_project_keys (
        organization_id bigint NOT NULL REFERENCES organizations,
        project_key text NOT NULL,
        last_issue_number integer NOT NULL,
        PRIMARY KEY (organization_id, project_key)
      );

      CREATE TABLE milestones (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        organization_id bigint NOT NULL,
        project_id bigint NOT NULL,
        name text NOT NULL,
        description text,
        target_date date,
        status text NOT NULL,
        version text,
        created_by_id bigint NOT NULL REFERENCES users,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        UNIQUE (project_id, id),
        FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
      );

      CREATE TABLE issues (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        organization_id bigint NOT NULL,
        project_id bigint NOT NULL,
        number integer NOT NULL,
        title text NOT NULL,
        description text,
        status text NOT NULL,
        assignee_id bigint REFERENCES users,
        priority text,
        labels text[] NOT NULL,
        issue_type text,
        parent_id bigint,
        milestone_id bigint,
        due_at timestamptz,
        custom_fields jsonb NOT NULL,
        created_by_id bigint NOT NULL REFERENCES users,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        UNIQUE (project_id, number),
        UNIQUE (project_id, id),
        FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE,
        FOREIGN KEY (project_id, parent_id) REFERENCES issues (project_id, id) ON DELETE SET NULL (parent_id),
        FOREIGN KEY (project_id, milestone_id) REFERENCES milestones (project_id, id) ON DELETE SET NULL (milestone_id)
      );
      CREATE INDEX issues_of_organization ON issues (organization_id, id);
      CREATE INDEX issues_of_parent ON issues (parent_id) WHERE parent_id IS NOT NULL;
      CREATE INDEX issues_of_milestone ON issues (milestone_id) WHERE milestone_id IS NOT NULL;

      CREATE TABLE comments (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        organization_id bigint NOT NULL REFERENCES organizations,
        issue_id bigint NOT NULL REFERENCES issues ON DELETE CASCADE,
        author_id bigint NOT NULL REFERENCES users,
        body text NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL
      );
      CREATE INDEX comments_of_issue ON comments (issue_id, id);

      CREATE TABLE usage_counts (
        organization_id bigint NOT NULL REFERENCES organizations,
        day date NOT NULL,
        metric text NOT NULL,
        quantity bigint NOT NULL,
        PRIMARY KEY (organization_id, day, metric)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE usage_counts, comments, issues, milestones, retired_project_keys, projects, workflows, workspace_token_secrets, workspace_tokens`);
  }
}
