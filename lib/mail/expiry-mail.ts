import type { StoredCredential } from '../identity/stored-credential.ts'
import { dayText, instantText } from './instant-text.ts'
import { letterFrom } from './letter.ts'
import type { Message, Recipient } from './message.ts'

export type Expiring = {
  readonly owner: Recipient
  readonly credential: StoredCredential
  /** ISO 8601. */
  readonly expiresAt: string
}

/**
 * Warns that a credential expires soon. Contains ids and no secrets; its link leads to the documentation of the call.
 *
 * @param issuer the configured origin, without a trailing slash
 */
export const expiryMail = (
  reader: Recipient,
  to: string,
  { owner, credential, expiresAt }: Expiring,
  issuer: string,
): Message => {
  const { username, name, userId } = owner.user
  const { keyId, credentialKind, lastUsedAt } = credential
  const { timezone } = reader.user
  const isOwn = reader.user.userId === userId
  const thing = `${credentialKind} "${credential.name}"`
  const named = name === '' || name === username ? username : `${username} (${name})`
  const title = `The ${thing} of ${username} expires on ${dayText(expiresAt, timezone)}`
  const organization = owner.organization.name
  const use =
    lastUsedAt === null
      ? 'It has not been used yet.'
      : `It was last used on ${instantText(lastUsedAt, timezone)}, to within an hour.`
  const paragraphs = [
    'Hello,',
    `The ${thing}, ${keyId}, of the user ${named} at ${organization} expires on ${instantText(expiresAt, timezone)}. ` +
      'From then on every call with it is refused.',
    `${use} If it is no longer needed, there is nothing to do.`,
    ...(isOwn && owner.organization.selfServiceKeys === 'none'
      ? [`To keep access, ask an administrator of ${organization} to replace it before then.`]
      : [
          `To keep access, replace it before then: POST ${issuer}/v1/users/${isOwn ? 'me' : userId}/keys/${keyId}/rotate. The response contains the ` +
            'new secret once. The old one stays valid for a day by default, but not after its expiry.',
          {
            link: `${issuer}/docs#${isOwn ? 'rotateOwnCredential' : 'rotateCredential'}`,
            title: 'See how to replace it',
          },
        ]),
    `You get this mail because ${isOwn ? `the ${credentialKind} is yours` : `you are an administrator of ${organization}`}. ` +
      'This is the only mail about this expiry.',
  ]
  return letterFrom(reader.organization, to, { title, paragraphs })
}
