const ascii = /^[\x21-\x7e]+$/

/**
 * The one form in which a login is compared. Only ASCII letters are folded: Unicode's own folding would make the Kelvin sign a `k`
 * and so somebody else's name (CVE-2019-19844). What is not ASCII is nobody's login.
 */
export const canonicalLogin = (text: string): string | undefined =>
  ascii.test(text) ? text.toLowerCase() : undefined
