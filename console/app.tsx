import { useEffect } from 'preact/hooks'
import type { Me, Session, Step } from './client/session.ts'
import { session, startSession } from './client/session.ts'
import { useStore } from './client/store.ts'
import { Dialog } from './parts/dialog.tsx'
import { PageHeader } from './parts/page.tsx'
import { Failed, Loading, NoRight } from './parts/states.tsx'
import { Toasts } from './parts/toast.tsx'
import { hrefOf, open, useNoSteps, usePlace } from './router.ts'
import { OtherOrganization } from './screens/sign-in/other-organization.tsx'
import { NextStep } from './screens/sign-in/second-step.tsx'
import { SignIn } from './screens/sign-in/sign-in.tsx'
import { SignInForm } from './screens/sign-in/sign-in-form.tsx'
import { mayOpen, screenAt, screens } from './screens.ts'
import { IdleWatch } from './shell/idle-watch.tsx'
import { LazyScreen } from './shell/lazy-screen.tsx'
import { Palette } from './shell/palette.tsx'
import { Shell } from './shell/shell.tsx'
import { texts } from './texts/en.ts'

export const App = () => {
  const now = useStore(session)
  const { path, query } = usePlace()
  const at = screenAt(path)
  return (
    <>
      {at?.row.isOpenToAll ? (
        <LazyScreen {...at} />
      ) : (
        <Gate now={now} path={path} wanted={query['organization']} />
      )}
      <Toasts />
    </>
  )
}

/** The screen of the path for those who are signed in; the way in for all others. */
const Gate = ({
  now,
  path,
  wanted,
}: {
  readonly now: Session
  readonly path: string
  /** The organization that a link is for. */
  readonly wanted: string | undefined
}) => {
  if (now.is === 'starting') return <Loading />
  if (now.is === 'unreachable')
    return (
      <main class="alone">
        <PageHeader title={texts.shell.product} />
        <Failed failure={now.failure} retry={() => void startSession()} />
      </main>
    )
  if (now.is === 'signed-in' || now.is === 'ended') {
    const other = wanted === now.me.organization.organizationId ? undefined : wanted
    return (
      <>
        <Shell me={now.me}>
          <Current me={now.me} path={path} mayLeave={other === undefined} />
        </Shell>
        <Palette me={now.me} />
        {other === undefined ? null : <OtherOrganization me={now.me} path={path} organizationId={other} />}
        {now.is === 'signed-in' ? <IdleWatch ends={now.ends} /> : <Ended me={now.me} step={now.step} />}
      </>
    )
  }
  return <SignIn state={now.is} />
}

/** The session has ended: asks for the same user again, above what is on the screen. */
const Ended = ({ me, step }: { readonly me: Me; readonly step: Step | null }) => {
  useNoSteps()
  return (
    <Dialog title={texts.signIn.againTitle}>
      <p>{texts.signIn.again}</p>
      {step === null ? (
        <SignInForm username={me.user.username} organizationId={me.organization.organizationId} />
      ) : (
        <NextStep step={step} />
      )}
    </Dialog>
  )
}

const Current = ({
  me,
  path,
  mayLeave,
}: {
  readonly me: Me
  readonly path: string
  readonly mayLeave: boolean
}) => {
  const first = screens.find((row) => row.menu !== undefined && mayOpen(me, row))
  const isStart = path === '/'
  useEffect(() => {
    if (isStart && mayLeave && first !== undefined) open(hrefOf(first.path), { replace: true })
  }, [isStart, mayLeave, first])
  if (isStart && first !== undefined) return <Loading />
  if (isStart)
    return (
      <>
        <PageHeader title={texts.shell.product} />
        <NoRight />
      </>
    )
  const at = screenAt(path)
  if (at === null) return <PageHeader title={texts.states.notFoundTitle} lead={texts.shell.noSuchPage} />
  const { needs } = at.row
  return mayOpen(me, at.row) ? (
    <LazyScreen {...at} />
  ) : (
    <>
      <PageHeader title={at.row.title} />
      <NoRight needs={needs === undefined ? undefined : `${needs.section}: ${needs.level}`} />
    </>
  )
}
