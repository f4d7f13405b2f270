import type { StoredOrganization } from '../identity/stored-organization.ts'
import { instantText } from '../mail/instant-text.ts'
import { letterFrom } from '../mail/letter.ts'
import type { Message, Recipient } from '../mail/message.ts'
import type { SecretText } from '../secrets/secret-text.ts'

/** Letters, digits and the punctuation of company names: no URLs that mail clients turn into links, no bidi controls. */
const harmlessName = /^(?:[\p{L}\p{M}\p{N} '’&()+,_–-]|\.(?=[ ,)]|$))+$/u

/** The inviting organization chose its name, so it must not carry texts or links into our mail (R10). */
const shownOrganization = ({ name, organizationId }: StoredOrganization): string =>
  harmlessName.test(name) ? `"${name}" (${organizationId})` : organizationId

export type MailedInvitation = {
  readonly recipient: Recipient
  readonly to: string
  readonly inviting: StoredOrganization
  /** Seconds since 1970. */
  readonly invitedUntilSeconds: number
}

/**
 * Sent to a verified address. The name of the inviting organization is the only text in it that the inviter chose: its logo could show
 * others. The look of the home organization would vouch for the inviting one, so the mail has neither.
 *
 * @param issuer the configured origin, without a trailing slash; never what a request claimed (CVE-2025-64101).
 */
export const invitationMail = (
  { recipient, to, inviting, invitedUntilSeconds }: MailedInvitation,
  token: SecretText,
  issuer: string,
): Message => {
  const { user, organization } = recipient
  const until = instantText(new Date(invitedUntilSeconds * 1000).toISOString(), user.timezone)
  const title = `Invitation for the user ${user.username}`
  const paragraphs = [
    'Hello,',
    `The organization ${shownOrganization(inviting)} invites the user ${user.username} of ${organization.name} as a guest. ` +
      'A guest can call the APIs that the inviting organization permits.',
    `To accept, open this link before ${until} and confirm on the page. The link works once.`,
    { link: `${issuer}/invitations?token=${encodeURIComponent(token)}`, title: 'View the invitation' },
    `You can also accept or decline with a credential of the user: GET ${issuer}/v1/users/me/memberships lists your invitations.`,
    'If you do not know this organization, ignore this mail: nothing changes, and the invitation expires. ' +
      'Do not forward this link: anybody who has it can accept.',
  ]
  return letterFrom(null, to, { title, paragraphs })
}
