import type { PasswordPolicy } from '../credentials/password-rules.ts'
import type { StoredOrganization } from './stored-organization.ts'

export const passwordPolicyOf = (organization: StoredOrganization): PasswordPolicy => ({
  minimumLength: organization.minimumPasswordLength,
  forbiddenCharacters: organization.forbiddenPasswordCharacters,
})
