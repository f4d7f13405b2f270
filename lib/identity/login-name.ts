const ascii = /^[\x21-\x7e]+$/

/**
 * The canonical form in which logins are compared; undefined if the text is not ASCII. Folds only ASCII letters: Unicode case folding
 * maps the Kelvin sign to `k`, and so to another user's name (CVE-2019-19844).
 */
export const canonicalLogin = (text: string): string | undefined =>
  ascii.test(text) ? text.toLowerCase() : undefined

/** Placeholder ids for a login that no user has, so that a refusal does the same work (L1). No generated id has this form. */
export const placeholderUser = {
  userId: 'usr_nobody',
  organizationId: 'org_nobody',
  canonicalUsername: '(nobody)',
} as const
