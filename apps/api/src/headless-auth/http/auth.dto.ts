import { type FieldFault, invalid, LOCALES, type Locale, ROLES, type Role } from '#domain';
import { Id, Line, OneOf } from '#request';
import type { Credentials } from '../login.service.js';
import type { Invitee } from '../members/invitations.service.js';
import type { ProfileChange } from '../profile.service.js';
import type { Registration } from '../registration.service.js';
import { Email, Password, Token } from './fields.js';

/** @throws validation_error where a confirmation was sent and says something else */
function confirmed(password: string, confirmation: string | undefined): string {
  if (confirmation !== undefined && confirmation !== password) throw invalid({ field: 'password_confirmation', code: 'mismatch' });
  return password;
}

export class RegisterBody {
  @Email() email!: string;
  @Password() password!: string;
  @Password({ optional: true }) password_confirmation?: string;
  @Line({ max: 100, example: 'Jan Novak' }) name!: string;
  @Line({ max: 100, example: 'Acme s.r.o.' }) organization_name!: string;

  toDomain(locale: Locale | undefined): Registration {
    return {
      email: this.email,
      password: confirmed(this.password, this.password_confirmation),
      name: this.name,
      organizationName: this.organization_name,
      locale,
    };
  }
}

export class LoginBody {
  @Email() email!: string;
  @Password() password!: string;

  toDomain(): Credentials {
    return { email: this.email, password: this.password };
  }
}

export class SelectOrganizationBody {
  @Id() organization_id!: number;
  @Token({ optional: true }) login_token?: string;
  @Password({ optional: true }) email?: string;
  @Password({ optional: true }) password?: string;

  /** The ticket of a login, or the credentials again. @throws validation_error where neither came */
  toDomain(): { ticket: string } | { credentials: Credentials } {
    if (this.login_token !== undefined) return { ticket: this.login_token };
    if (this.email !== undefined && this.password !== undefined) return { credentials: { email: this.email, password: this.password } };
    throw invalid({ field: 'login_token', code: 'blank' });
  }
}

export class SwitchOrganizationBody {
  @Id() organization_id!: number;
}

export class RefreshBody {
  @Token() refresh_token!: string;
}

export class ForgotPasswordBody {
  @Email() email!: string;
}

export class ResetPasswordBody {
  @Token() token!: string;
  @Password() password!: string;
  @Password({ optional: true }) password_confirmation?: string;

  confirmedPassword(): string {
    return confirmed(this.password, this.password_confirmation);
  }
}

export class AcceptInvitationBody {
  @Token() token!: string;
  @Password({ optional: true }) password?: string;
  @Password({ optional: true }) password_confirmation?: string;

  confirmedPassword(): string | undefined {
    return this.password === undefined ? undefined : confirmed(this.password, this.password_confirmation);
  }
}

export class UpdateProfileBody {
  @Line({ max: 100, optional: true, example: 'Jan Novak Jr.' }) name?: string;
  @OneOf(LOCALES, { optional: true }) locale?: Locale;
  @Password({ optional: true }) password?: string;
  @Password({ optional: true }) password_confirmation?: string;
  @Password({ optional: true }) current_password?: string;

  /** @throws validation_error where a new password comes without the current one */
  toDomain(): ProfileChange {
    return {
      ...(this.name !== undefined && { name: this.name }),
      ...(this.locale !== undefined && { locale: this.locale }),
      ...(this.password !== undefined && { password: this.passwordChange(this.password) }),
    };
  }

  private passwordChange(password: string): { current: string; next: string } {
    if (this.current_password === undefined) {
      const missing: FieldFault = { field: 'current_password', code: 'blank' };
      throw invalid(missing);
    }
    return { current: this.current_password, next: confirmed(password, this.password_confirmation) };
  }
}

export class InviteBody {
  @Email() email!: string;
  @Line({ max: 100, example: 'Eva Malá' }) name!: string;
  @OneOf(ROLES) role!: Role;

  toDomain(): Invitee {
    return { email: this.email, name: this.name, role: this.role };
  }
}

export class ChangeRoleBody {
  @OneOf(ROLES) role!: Role;
}
