import { commonPasswords } from './common-passwords.ts'
import type { PasswordText } from './password-text.ts'
import { maximumPasswordBytes } from './password-text.ts'

export type PasswordPolicy = {
  /** Characters (code points), at least. */
  readonly minimumLength: number
  /** Each character of it is refused; empty by default. */
  readonly forbiddenCharacters: string
}

export type PasswordVerdict =
  | { readonly ok: true; readonly password: PasswordText }
  | { readonly ok: false; readonly message: string }

/** 15 is recommended where no second factor exists (NIST SP 800-63B-4); 8 lets the source systems' own calls work unchanged. */
export const defaultPasswordPolicy: PasswordPolicy = { minimumLength: 8, forbiddenCharacters: '' }

/** Words shorter than this say nothing when they are found in a password. */
const shortestContextWord = 4

/**
 * May this be a password? No composition rules (ASVS 5.0 6.2.5); a blocklist and the words of its surroundings instead.
 *
 * @param context username, e-mail, organization: a password made of nothing but such a word, or such a word and digits, is refused.
 */
export const checkPassword = (
  text: string,
  policy: PasswordPolicy,
  context: readonly (string | null)[],
): PasswordVerdict => {
  const refused = (message: string): PasswordVerdict => ({ ok: false, message })
  if (Buffer.byteLength(text, 'utf8') > maximumPasswordBytes) {
    return refused(`must have at most ${maximumPasswordBytes} bytes`)
  }
  if (!text.isWellFormed()) return refused('must be well-formed Unicode')
  if ([...text].length < policy.minimumLength)
    return refused(`must have at least ${policy.minimumLength} characters`)
  const forbidden = [...policy.forbiddenCharacters].find((character) => text.includes(character))
  if (forbidden !== undefined) return refused(`must not hold the character ${forbidden}`)
  const folded = text.toLowerCase()
  if (commonPasswords.has(folded)) return refused('is one of the passwords that attackers try first')
  const words = context.flatMap((word) => contextWords(word))
  const core = folded.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')
  if (words.some((word) => folded === word || core === word)) {
    return refused('must be more than the name of the user or of the organization')
  }
  return { ok: true, password: text as PasswordText }
}

const contextWords = (word: string | null): string[] => {
  if (word === null) return []
  const folded = word.toLowerCase()
  return [folded, ...folded.split('@')].filter((part) => part.length >= shortestContextWord)
}
