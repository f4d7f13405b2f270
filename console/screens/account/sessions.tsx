import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import { asFailure } from '../../client/failure.ts'
import type { Answer } from '../../client/operations.ts'
import { signOut } from '../../client/session.ts'
import { useCall } from '../../client/use-call.ts'
import { Button } from '../../parts/button.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Section } from '../../parts/page.tsx'
import { Tag, Time } from '../../parts/small.tsx'
import { Show } from '../../parts/states.tsx'
import type { Column } from '../../parts/table.tsx'
import { Table } from '../../parts/table.tsx'
import { toast } from '../../parts/toast.tsx'
import { texts } from '../../texts/en.ts'
import { browserName } from './browser-name.ts'

const own = texts.account.sessions

type Session = Answer<'listOwnSessions'>['sessions'][number]

const nameOf = ({ userAgent }: Session): string => browserName(userAgent) ?? own.unnamed

/** Where the user is signed in, and the ways to end that. */
export const Sessions = () => {
  const loaded = useCall('listOwnSessions', {})
  const [isAsking, setIsAsking] = useState(false)
  const end = async ({ sessionId }: Session) => {
    try {
      await call('endOwnSession', { params: { sessionId } })
      toast(own.ended)
    } catch (error) {
      // It ended in the meantime, or the list says why nothing can be reached.
      asFailure(error)
    }
    loaded.reload()
  }
  return (
    <Section
      title={own.title}
      lead={own.lead}
      actions={<Button onClick={() => setIsAsking(true)}>{own.everywhere.open}</Button>}
    >
      <Show loaded={loaded}>
        {({ sessions }) => (
          <Table
            caption={own.title}
            columns={columnsOf(end)}
            rows={sessions}
            keyOf={({ sessionId }) => sessionId}
          />
        )}
      </Show>
      {isAsking ? (
        <FormDialog
          look="danger"
          title={own.everywhere.title}
          submit={own.everywhere.open}
          onSubmit={() => signOut(() => call('signOutEverywhere', {}))}
          onClose={() => setIsAsking(false)}
        >
          <p>{own.everywhere.text}</p>
        </FormDialog>
      ) : null}
    </Section>
  )
}

const columnsOf = (end: (session: Session) => Promise<void>): readonly Column<Session>[] => [
  {
    title: own.browser,
    cell: (session) => (
      <>
        <span title={session.userAgent}>{nameOf(session)}</span>{' '}
        {session.current ? <Tag look="good">{own.current}</Tag> : null}
      </>
    ),
  },
  { title: own.address, cell: ({ address }) => <code>{address}</code> },
  { title: own.since, cell: ({ startedAt }) => <Time at={startedAt} /> },
  { title: own.ends, cell: ({ sessionEndsAt }) => <Time at={sessionEndsAt} /> },
  {
    title: own.actions,
    isUntitled: true,
    cell: (session) =>
      session.current ? null : (
        <Button label={own.endOf(nameOf(session), session.address)} onClick={() => void end(session)}>
          {own.end}
        </Button>
      ),
  },
]
