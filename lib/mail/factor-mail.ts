import { instantText } from './instant-text.ts'
import { letterFrom } from './letter.ts'
import type { Message, Recipient } from './message.ts'
import type { StoredFactorNotice } from './stored-notice.ts'

type Deed = { readonly title: (username: string) => string; readonly what: string }

const deeds: Readonly<Record<StoredFactorNotice['noticeKind'], Deed>> = {
  'second-factor-added': {
    title: (username) => `A second factor of ${username} was added`,
    what: 'A second factor was added. From now on, the password alone opens no session.',
  },
  'second-factor-removed': {
    title: (username) => `A second factor of ${username} was removed`,
    what: 'A second factor was removed.',
  },
  'second-factors-reset': {
    title: (username) => `The second factors of ${username} were reset`,
    what: 'An administrator took away all second factors and recovery codes. All sessions of the user have ended.',
  },
  'recovery-codes-made': {
    title: (username) => `New recovery codes of ${username} were made`,
    what: 'New recovery codes were made. The older ones are no longer valid.',
  },
  'recovery-code-used': {
    title: (username) => `A recovery code of ${username} was used`,
    what: 'A recovery code was used in place of a second factor. It is no longer valid.',
  },
}

/** Notifies the owner of a change of what proves it (ASVS 5.0 6.3.7). */
export const factorMail = (
  { user, organization }: Recipient,
  to: string,
  { noticeKind, at, address }: StoredFactorNotice,
  issuer: string,
): Message => {
  const deed = deeds[noticeKind]
  const title = deed.title(user.username)
  const from = address === null ? '' : `, from the address ${address}`
  const paragraphs = [
    'Hello,',
    `This is about the user ${user.username} at ${organization.name}, on ${instantText(at, user.timezone)}${from}. ${deed.what}`,
    'If it was you, or if you asked for it, there is nothing to do.',
    'If it was not you, somebody else knows your password. Tell an administrator of your organization at once, and choose a new password:',
    { link: `${issuer}/forgot-password`, title: 'Choose a new password' },
  ]
  return letterFrom(organization, to, { title, paragraphs })
}
