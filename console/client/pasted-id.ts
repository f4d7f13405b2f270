/** Where a pasted text leads: a place of the console. */
export type Named = {
  readonly what: 'user' | 'credential' | 'request'
  readonly path: string
  readonly query: Readonly<Record<string, string>>
}

/**
 * A secret must not be sent as a search, which would write it to logs: of Postern, a session token, Basic credentials, or what an
 * Authorization header has, which can be an imported secret.
 */
export const isSecret = (text: string): boolean =>
  /(?<![0-9a-z])pst_/i.test(text) ||
  /\beyJ[\w-]*\.eyJ/.test(text) ||
  /\ba2V5X[\w+/=-]{20}/.test(text) ||
  /\b(?:basic|bearer)\s+\S{16}/i.test(text)

/** The key id in a text: alone, in a token, or in front of a secret. */
export const keyIdIn = (text: string): `key_${string}` | null => {
  const [, id] = /(?<![0-9A-Za-z])(?:key|pst)_([0-9a-z]{36})(?![0-9A-Za-z])/.exec(text) ?? []
  return id === undefined ? null : `key_${id}`
}

/** What is searched of a text: the key id in it, nothing of another secret (null), else all. */
export const searchable = (text: string): string | null => keyIdIn(text) ?? (isSecret(text) ? null : text)

/** The user of a key id, which contains it: 10 characters of the organization, 16 of the user. */
export const ownerOf = (keyId: string): `usr_${string}` | null => {
  const [, owner] = /^key_[0-9a-z]{10}([0-9a-z]{16})[0-9a-z]{10}$/.exec(keyId) ?? []
  return owner === undefined ? null : `usr_${owner}`
}

/** What a text from a log, a mail or a ticket names. The id of a key contains the id of its user. */
export const namedBy = (text: string): Named | null => {
  if (/^usr_[0-9a-z]{16}$/.test(text)) return { what: 'user', path: `/users/${text}`, query: {} }
  const owner = ownerOf(text)
  if (owner !== null)
    return { what: 'credential', path: `/users/${owner}`, query: { tab: 'credentials', key: text } }
  // Of API Gateway: eleven bytes in base64.
  if (/^[\w-]{15}=$/.test(text))
    return { what: 'request', path: `/denials/${encodeURIComponent(text)}`, query: {} }
  return null
}
