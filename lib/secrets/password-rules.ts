import type { PasswordPolicy } from './password-policy.ts'
import type { PasswordText } from './password-text.ts'
import { maximumPasswordBytes } from './password-text.ts'

export type PasswordVerdict =
  | { readonly ok: true; readonly password: PasswordText }
  | { readonly ok: false; readonly message: string }

/** Shorter words occur in passwords by chance. */
const shortestContextWord = 4
const product = 'postern'

/**
 * Checks a new password against length, forbidden characters, a blocklist and context words. No composition rules (ASVS 5.0 6.2.5).
 *
 * @param context username, e-mail, organization name. A password that is one of their words, or such a word with digits or signs
 *   around it, is refused.
 */
export const checkPassword = async (
  text: string,
  policy: PasswordPolicy,
  context: readonly (string | null)[],
): Promise<PasswordVerdict> => {
  const refused = (message: string): PasswordVerdict => ({ ok: false, message })
  if (Buffer.byteLength(text, 'utf8') > maximumPasswordBytes) {
    return refused(`must have at most ${maximumPasswordBytes} bytes`)
  }
  if (!text.isWellFormed()) return refused('must be well-formed Unicode')
  if ([...text].length < policy.minimumLength)
    return refused(`must have at least ${policy.minimumLength} characters`)
  const forbidden = [...policy.forbiddenCharacters].find((character) => text.includes(character))
  if (forbidden !== undefined) return refused(`must not contain the character ${forbidden}`)
  // The list takes about 40 ms to load, so it is loaded with the first new password and not at start.
  const { isCommonPassword, spellingsOf } = await import('./common-passwords.ts')
  if (isCommonPassword(text)) return refused('is a common password, or a variation of one')
  const words = new Set([product, ...context].flatMap(wordsOf).flatMap(spellingsOf))
  const isWord = (spelling: string): boolean => spelling.length >= shortestContextWord && words.has(spelling)
  if (spellingsOf(text.toLowerCase()).some(isWord)) {
    return refused('must not be a name of the user, the organization or Postern with a few characters added')
  }
  return { ok: true, password: text as PasswordText }
}

/** For `Ada.Lovelace-King`: the whole name, each part, and the joined first parts (`adalovelace`). */
const wordsOf = (name: string | null): string[] => {
  if (name === null) return []
  const folded = name.toLowerCase()
  const parts = folded.split(/[^\p{L}\p{N}]+/u)
  const beginnings = parts.map((_part, index) => parts.slice(0, index + 1).join(''))
  return [folded, ...folded.split('@'), ...parts, ...beginnings]
}
