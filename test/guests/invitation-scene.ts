import { acceptInvitation } from '../../lib/guests/accept-invitation.ts'
import { readInvitation } from '../../lib/guests/invitation-token-store.ts'
import { StoredMembership } from '../../lib/identity/stored-membership.ts'
import { createOrganization } from '../../lib/organizations/create-organization.ts'
import type { MembershipId, UserId } from '../../lib/secrets/key-id.ts'
import { keys } from '../../lib/table/keys.ts'
import { readItem } from '../../lib/table/read.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { madeOnce } from '../made-once.ts'
import { callerWith, makeCaller } from '../organizations/organization.ts'
import { makeScene, tokenIn } from '../passwords/reset-scene.ts'

/** A user with a verified address in its home organization, and another organization that invites it. */
export const makeInvitationScene = async () => {
  const scene = await makeScene()
  const { table, mails, admin } = scene
  const dependencies = {
    ...scene.dependencies,
    readInvitation: (userId: UserId, membershipId: MembershipId) =>
      readInvitation(table, userId, membershipId),
  }
  let requests = 0
  const nextOrigin = (address = '198.51.100.7') => {
    requests += 1
    return { address, requestId: `invitation-request-${requests}` }
  }
  const makeHost = async (name: string, username = `host-of-${requests}`) => {
    const body = { name, administrator: { username } }
    const made = await createOrganization(dependencies, admin, body, nextOrigin())
    return await callerWith(table, made.credential.token ?? '')
  }
  const { host, partner } = await madeOnce('visited and partner', table, async () => {
    const made = {
      host: await makeHost('Visited', 'host'),
      partner: await makeCaller(table, admin, {
        username: 'partner-42',
        email: 'ops@partner.example',
        timezone: 'Europe/Berlin',
      }),
    }
    await scene.verify(made.partner.user.userId)
    return made
  })
  const { organizationId } = host.subject.organization
  const { userId } = partner.user

  const invite = (as = host, username = 'partner-42') =>
    createUser(dependencies, as, { username, role: 'Read Only' }, nextOrigin())
  const linkMails = () => mails.filter((mail) => mail.text.includes('/invitations?token='))
  return {
    ...scene,
    dependencies,
    /** The mailer's dependencies; a test may replace some. */
    mailing: scene.dependencies,
    host,
    organizationId,
    partner,
    userId,
    nextOrigin,
    makeHost,
    invite,
    linkMails,
    /** The token in the mail of the latest invitation. */
    mailedInvitation: async (as = host): Promise<string> => {
      await invite(as)
      await scene.deliverPending()
      return tokenIn(linkMails().at(-1))
    },
    accept: (token: string, address?: string) =>
      acceptInvitation(dependencies, { token }, nextOrigin(address)),
    membership: async (): Promise<StoredMembership | undefined> => {
      const item = await readItem(table, keys.membership(userId, organizationId))
      return item === undefined ? undefined : StoredMembership.parse(item)
    },
    auditOf: async (action: string) =>
      (await scene.itemsOfKind('audit')).filter((item) => item['action'] === action),
  }
}

export type InvitationScene = Awaited<ReturnType<typeof makeInvitationScene>>
