import type { Answer } from '../client/operations.ts'
import { texts } from '../texts/en.ts'
import { Notice } from './notice.tsx'
import { Time } from './small.tsx'

const own = texts.parts.passwordLink

export type PasswordLink = NonNullable<Answer<'createUser'>['passwordLink']>

/** What became of the mail with a link, and what to do if a limit kept it back. */
export const PasswordLinkNotice = ({
  link,
  instead,
}: {
  readonly link: PasswordLink
  /** What helps if no mail was sent. */
  readonly instead: string
}) =>
  link.limit === null ? (
    <Notice look="good">
      <p>{own.mailed}</p>
    </Notice>
  ) : (
    <Notice look="warning">
      <p>{own.limits[link.limit]}</p>
      <p>
        {own.again} <Time at={link.retryAt} />. {instead}
      </p>
    </Notice>
  )
