import { call, foresee } from '../../client/call.ts'
import type { Answer, Foreseen } from '../../client/operations.ts'
import { holds } from '../../client/rights.ts'
import { useLoaded } from '../../client/use-call.ts'
import { useMe } from '../../client/use-me.ts'
import type { Names } from '../../parts/change-lines.ts'
import { AsJson, Changes, useChangeNames } from '../../parts/changes.tsx'
import { Form } from '../../parts/form.tsx'
import { Loading, NoRight, Show } from '../../parts/states.tsx'
import { texts } from '../../texts/en.ts'
import type { Remedy } from './remedy.ts'
import { sentenceOf } from './remedy.ts'

const own = texts.denials.change
type User = Answer<'getUser'>['user']
type Ask = typeof foresee | typeof call

/** Carries out the remedy, or foresees it: the same call either way. */
const carryOut = (ask: Ask, remedy: Remedy, { version }: User): Promise<unknown> => {
  const params = { userId: remedy.userId }
  switch (remedy.kind) {
    case 'allow-address':
      return ask('replaceWhitelist', { params, body: { entries: [...remedy.entries], version } })
    case 'enable-user':
      return ask('changeUser', { params, body: { status: 'active', version } })
    case 'confirm':
      return ask('confirmMembership', { params })
    case 'enable-credential':
      return ask('changeCredential', {
        params: { ...params, keyId: remedy.keyId },
        body: { status: 'active' },
      })
    case 'grant': {
      const { permissions, endpoints } = remedy
      return ask('changeUser', { params, body: { permissions, endpoints: [...endpoints], version } })
    }
  }
}

/** A change with its dry run. Nothing is written before the button is pressed. */
export const PreparedChange = ({
  remedy,
  user,
  onMade,
}: {
  readonly remedy: Remedy
  readonly user: User
  readonly onMade: () => void
}) => {
  const me = useMe()
  const mayMake = holds(me, remedy.needs)
  const names = useChangeNames(remedy.kind === 'enable-credential' ? [remedy.keyId] : [])
  const foreseen = useLoaded(
    mayMake ? JSON.stringify(remedy) : null,
    () => carryOut(foresee, remedy, user) as Promise<Foreseen>,
  )
  if (!mayMake) return <NoRight needs={`${remedy.needs.section}: ${remedy.needs.level}`} />
  if (names.isReading) return <Loading />
  return (
    <Form
      label={own.title}
      submit={own.make}
      isDisabled={foreseen.data === undefined}
      onSubmit={async () => {
        await carryOut(call, remedy, user)
        onMade()
      }}
    >
      <p>
        <strong>{sentenceOf(remedy, user.username, names)}</strong>
      </p>
      <Show loaded={foreseen}>{({ dryRun }) => <Foretold changes={dryRun.changes} names={names} />}</Show>
    </Form>
  )
}

const Foretold = ({
  changes: rows,
  names,
}: {
  readonly changes: Foreseen['dryRun']['changes']
  readonly names: Names
}) => {
  const changes = rows.flatMap((row) => row.changes)
  if (changes.length === 0) return <p>{own.nothing}</p>
  return (
    <>
      <h3>{own.foretold}</h3>
      <Changes changes={changes} names={names} />
      <AsJson changes={changes} />
    </>
  )
}
