import { useEffect, useState } from 'preact/hooks'
import type { Session } from '../../client/session.ts'
import { Button } from '../../parts/button.tsx'
import { Icon } from '../../parts/icon.tsx'
import { usePlace } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import { NextStep } from './second-step.tsx'
import { SignInForm } from './sign-in-form.tsx'

/** The way in: password, and then what the account or its organization demands besides. */
export const SignIn = ({ state }: { readonly state: Session['is'] }) => {
  const { query } = usePlace()
  const [isElsewhere, setIsElsewhere] = useState(false)
  const choosesOrganization = isElsewhere || query['organization'] !== undefined
  useEffect(() => {
    document.title = texts.shell.tabTitle(texts.signIn.title)
  }, [])
  return (
    <main class="alone">
      <p class="brand">
        <Icon name="roles" />
        <span>{texts.shell.product}</span>
      </p>
      <h1>{texts.signIn.title}</h1>
      {state === 'second-factor' || state === 'enroll-second-factor' ? (
        <NextStep step={state} />
      ) : (
        <SignInForm organizationId={query['organization'] ?? ''} choosesOrganization={choosesOrganization} />
      )}
      {state === 'signed-out' && !choosesOrganization ? (
        <p>
          <Button look="quiet" onClick={() => setIsElsewhere(true)}>
            {texts.signIn.elsewhere}
          </Button>
        </p>
      ) : null}
      <p>
        <a href="/forgot-password">{texts.signIn.forgot}</a>
      </p>
    </main>
  )
}
