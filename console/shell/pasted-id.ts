/** Where a pasted text leads: a place of the console. */
export type Named = {
  readonly what: 'user' | 'credential' | 'request'
  readonly path: string
  readonly tab: '' | 'credentials'
}

/**
 * What a text from a log, a mail or a ticket names. The id of a key, and a token, contain the id of their user; what follows it, such as
 * the secret of a token that was found somewhere, is not looked at and goes nowhere.
 */
export const namedBy = (text: string): Named | null => {
  if (/^usr_[0-9a-z]{16}$/.test(text)) return { what: 'user', path: `/users/${text}`, tab: '' }
  const owner = /^(?:key|pst)_[0-9a-z]{10}([0-9a-z]{16})[0-9a-z]{10}(?:_\w*)?$/.exec(text)?.[1]
  if (owner !== undefined) return { what: 'credential', path: `/users/usr_${owner}`, tab: 'credentials' }
  // Of API Gateway: eleven bytes in base64.
  if (/^[\w-]{15}=$/.test(text))
    return { what: 'request', path: `/denials/${encodeURIComponent(text)}`, tab: '' }
  return null
}

/** A secret must not be sent as a search, which would write it to logs. */
export const isSecret = (text: string): boolean => /^pst_/i.test(text)
