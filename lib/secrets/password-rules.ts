import type { PasswordPolicy } from './password-policy.ts'
import type { PasswordText } from './password-text.ts'
import { maximumPasswordBytes } from './password-text.ts'

export type PasswordVerdict =
  | { readonly ok: true; readonly password: PasswordText }
  | { readonly ok: false; readonly message: string }

/** Words shorter than this say nothing when they are found in a password. */
const shortestContextWord = 4
const product = 'postern'

/**
 * May this be a password? No composition rules (ASVS 5.0 6.2.5); a blocklist and the words of its surroundings instead.
 *
 * @param context username, e-mail, organization: a password is refused that is one of their words, or a word and digits and signs.
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
  if (forbidden !== undefined) return refused(`must not hold the character ${forbidden}`)
  // Loaded with the first password that is set, not when the function starts: the list takes some 40 ms.
  const { isCommonPassword, spellingsOf } = await import('./common-passwords.ts')
  if (isCommonPassword(text))
    return refused('is one of the passwords that attackers try first, or a variation of one')
  const words = new Set([product, ...context].flatMap(wordsOf).flatMap(spellingsOf))
  const isWord = (spelling: string): boolean => spelling.length >= shortestContextWord && words.has(spelling)
  if (spellingsOf(text.toLowerCase()).some(isWord)) {
    return refused('must be more than the name of the user, of the organization or of Postern')
  }
  return { ok: true, password: text as PasswordText }
}

/** The name itself, its parts, and what it begins with without anything between the parts. */
const wordsOf = (name: string | null): string[] => {
  if (name === null) return []
  const folded = name.toLowerCase()
  const parts = folded.split(/[^\p{L}\p{N}]+/u)
  const beginnings = parts.map((_part, index) => parts.slice(0, index + 1).join(''))
  return [folded, ...folded.split('@'), ...parts, ...beginnings]
}
