import type { FieldError } from '../../effects/domain-error.ts'
import { DomainError } from '../../effects/domain-error.ts'

export type LinkForm<Body> =
  | { readonly ok: true; readonly body: Body; readonly token: string }
  /** `token`: to fill in again; empty if there was none or several. */
  | { readonly ok: false; readonly errors: readonly FieldError[]; readonly token: string }

type Check<Body> = (
  fields: Readonly<Record<string, string>>,
) => { readonly ok: true; readonly body: Body } | { readonly ok: false; readonly errors: FieldError[] }

/**
 * Parses a submitted form. A repeated field is refused, because parsers disagree on which value counts.
 *
 * @param form the raw text; null if the body has another media type
 * @param check the contract's own validation
 * @throws DomainError unsupported_media_type
 */
export const readLinkForm = <Body>(form: string | null, check: Check<Body>): LinkForm<Body> => {
  if (form === null)
    throw new DomainError('unsupported_media_type', {
      detail: 'Send the body as application/x-www-form-urlencoded.',
    })
  const pairs = [...new URLSearchParams(form)]
  const names = pairs.map(([name]) => name)
  const twice = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))]
  const token = twice.includes('token') ? '' : (pairs.find(([name]) => name === 'token')?.[1] ?? '')
  if (twice.length > 0)
    return { ok: false, token, errors: twice.map((path) => ({ path, message: 'is given twice' })) }
  // Decoding replaced invalid UTF-8; such a password could never be typed again.
  const garbled = pairs.filter(([, value]) => value.includes('\ufffd'))
  if (garbled.length > 0)
    return { ok: false, token, errors: garbled.map(([path]) => ({ path, message: 'must be UTF-8' })) }
  const checked = check(Object.fromEntries(pairs))
  return { ...checked, token }
}
