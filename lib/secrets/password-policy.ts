export type PasswordPolicy = {
  /** Characters (code points), at least. */
  readonly minimumLength: number
  /** Each character of it is refused; empty by default. */
  readonly forbiddenCharacters: string
}

/** 15 is recommended where no second factor exists (NIST SP 800-63B-4); 8 lets the source systems' own calls work unchanged. */
export const defaultPasswordPolicy: PasswordPolicy = { minimumLength: 8, forbiddenCharacters: '' }

export const passwordPolicyOf = (organization: {
  readonly minimumPasswordLength: number
  readonly forbiddenPasswordCharacters: string
}): PasswordPolicy => ({
  minimumLength: organization.minimumPasswordLength,
  forbiddenCharacters: organization.forbiddenPasswordCharacters,
})
