import { useMe } from '../../client/use-me.ts'
import { Notice } from '../../parts/notice.tsx'
import { Facts, PageHeader, Section } from '../../parts/page.tsx'
import { Time } from '../../parts/small.tsx'
import { texts } from '../../texts/en.ts'
import { Credentials } from '../user/credentials.tsx'
import { LoginGroup } from './login-group.tsx'
import { Memberships } from './memberships.tsx'
import { Password } from './password.tsx'
import { Sessions } from './sessions.tsx'

const own = texts.account

/** What users manage themselves. Each part is a call that any credential of the user may make. */
export const Screen = () => {
  const { user, organization } = useMe()
  const isHome = user.membership === 'home'
  return (
    <>
      <PageHeader title={own.title} />
      <Section title={own.factsTitle}>
        <Facts
          facts={[
            [own.username, user.username],
            [own.name, user.name],
            [own.email, user.email],
            [own.organization, organization.name],
            [own.lastSignIn, <Time key="last" at={user.lastLoginAt} />],
          ]}
        />
      </Section>
      <Sessions />
      <Memberships />
      <LoginGroup />
      {isHome ? (
        <Password />
      ) : (
        <Section title={own.password.title}>
          <Notice>
            <p>{own.password.elsewhere}</p>
          </Notice>
        </Section>
      )}
      {isHome ? <Credentials user={user} isOwn /> : null}
    </>
  )
}
