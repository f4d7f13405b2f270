export type PasswordPolicy = {
  /** In characters (code points). */
  readonly minimumLength: number
  /** A password must not contain any of these characters. */
  readonly forbiddenCharacters: string
}

/** NIST SP 800-63B-4 recommends 15 without a second factor. The default of 8 lets existing calls of the source systems work unchanged. */
export const defaultPasswordPolicy: PasswordPolicy = { minimumLength: 8, forbiddenCharacters: '' }

export const passwordPolicyOf = (organization: {
  readonly minimumPasswordLength: number
  readonly forbiddenPasswordCharacters: string
}): PasswordPolicy => ({
  minimumLength: organization.minimumPasswordLength,
  forbiddenCharacters: organization.forbiddenPasswordCharacters,
})
