import { useEffect, useRef, useState } from 'preact/hooks'
import { call } from '../client/call.ts'
import { asFailure } from '../client/failure.ts'
import { useLoaded } from '../client/use-call.ts'
import { texts } from '../texts/en.ts'
import { Button } from './button.tsx'
import { Field, RadioField } from './fields.tsx'
import { failureText } from './states.tsx'

const own = texts.acting

export type Acting = {
  readonly impersonation: 'none' | 'full' | 'selected'
  /** User ids; empty unless `selected`. */
  readonly impersonationTargets: readonly string[]
}

export const sameActing = (one: Acting, other: Acting): boolean =>
  one.impersonation === other.impersonation &&
  one.impersonationTargets.toSorted().join() === other.impersonationTargets.toSorted().join()

/** As the API takes it, which checks the ids. Targets belong to `selected` and end with it. */
export const actingBody = ({ impersonation, impersonationTargets }: Acting) => ({
  impersonation,
  impersonationTargets: impersonation === 'selected' ? [...(impersonationTargets as `usr_${string}`[])] : [],
})

/** Each right to act as others in words. */
export const actingTexts = ({ impersonation, impersonationTargets }: Acting): string[] =>
  impersonation === 'selected'
    ? impersonationTargets.map((userId) => own.actsAs(userId))
    : impersonation === 'full'
      ? [own.actsAsAll]
      : []

/** Whom a user, or everybody who has a role, may act as. */
export const ActingPicker = ({
  acting,
  onChange,
}: {
  readonly acting: Acting
  readonly onChange: (acting: Acting) => void
}) => (
  <>
    <RadioField
      label={own.whom}
      name="impersonation"
      value={acting.impersonation}
      onChange={(impersonation) => onChange({ ...acting, impersonation })}
      choices={[
        { value: 'none', text: own.none },
        { value: 'selected', text: own.selected },
        { value: 'full', text: own.full, hint: own.fullHint },
      ]}
    />
    {acting.impersonation === 'selected' ? (
      <Targets
        userIds={acting.impersonationTargets}
        onChange={(impersonationTargets) => onChange({ ...acting, impersonationTargets })}
      />
    ) : null}
  </>
)

const Targets = ({
  userIds,
  onChange,
}: {
  readonly userIds: readonly string[]
  readonly onChange: (userIds: readonly string[]) => void
}) => {
  const [text, setText] = useState('')
  const [message, setMessage] = useState<string | undefined>(undefined)
  const [names, setNames] = useState<Readonly<Record<string, string>>>({})
  const unknown = userIds.filter((userId) => names[userId] === undefined)
  const found = useLoaded(unknown.length === 0 ? null : unknown.join(), (signal) => namesOf(unknown, signal))
  useEffect(() => setNames((now) => ({ ...now, ...found.data })), [found.data])

  // While a name is looked up, others can be added or removed, and the whole list can go.
  const latest = useRef<{ userIds: readonly string[]; onChange: typeof onChange } | null>(null)
  latest.current = { userIds, onChange }
  useEffect(
    () => () => {
      latest.current = null
    },
    [],
  )

  const add = async () => {
    const wanted = text.trim()
    try {
      const { users } = await call('listUsers', { query: { q: wanted, limit: 50 } })
      const user = users.find(({ username }) => username.toLowerCase() === wanted.toLowerCase())
      if (user === undefined) return setMessage(own.noSuchUser(wanted))
      setNames((now) => ({ ...now, [user.userId]: user.username }))
      const now = latest.current
      if (now !== null && !now.userIds.includes(user.userId)) now.onChange([...now.userIds, user.userId])
      setMessage(undefined)
      setText((typed) => (typed.trim() === wanted ? '' : typed))
    } catch (error) {
      setMessage(failureText(asFailure(error)))
    }
  }
  return (
    <>
      <div class="fields">
        <Field label={own.user} name="impersonationTargets" hint={own.userHint} message={message} isRequired>
          {(control) => (
            <input
              {...control}
              class="code"
              value={text}
              autoComplete="off"
              autoCapitalize="none"
              spellcheck={false}
              onInput={(event) => setText(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key !== 'Enter' || text.trim() === '') return
                // The form has a button of its own.
                event.preventDefault()
                void add()
              }}
            />
          )}
        </Field>
        <Button icon="add" isDisabled={text.trim() === ''} onClick={() => void add()}>
          {own.add}
        </Button>
      </div>
      <ul class="chosen" aria-label={own.chosen}>
        {userIds.map((userId) => (
          <li key={userId}>
            <span>
              {names[userId] ?? ''} <code class="second">{userId}</code>
            </span>
            <Button
              label={own.removeOne(names[userId] ?? userId)}
              onClick={() => onChange(userIds.filter((each) => each !== userId))}
            >
              {own.remove}
            </Button>
          </li>
        ))}
      </ul>
    </>
  )
}

/** The usernames of users; of those that are deleted, a word for it. */
const namesOf = async (
  userIds: readonly string[],
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> => {
  const named = userIds.map(async (userId) => {
    try {
      return [userId, (await call('getUser', { params: { userId } }, { signal })).user.username] as const
    } catch (error) {
      if (asFailure(error).status !== 404) throw error
      return [userId, own.deleted] as const
    }
  })
  return Object.fromEntries(await Promise.all(named))
}
