import { useEffect, useState } from 'preact/hooks'
import { call } from '../client/call.ts'
import { asFailure } from '../client/failure.ts'
import { useLoaded } from '../client/use-call.ts'
import { texts } from '../texts/en.ts'
import { Button } from './button.tsx'
import { RadioField } from './fields.tsx'
import { PickField } from './picker.tsx'
import { useUserSource } from './sources.ts'

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
  const source = useUserSource()
  const [names, setNames] = useState<Readonly<Record<string, string>>>({})
  const unknown = userIds.filter((userId) => names[userId] === undefined)
  const found = useLoaded(unknown.length === 0 ? null : unknown.join(), (signal) => namesOf(unknown, signal))
  useEffect(() => setNames((now) => ({ ...now, ...found.data })), [found.data])
  return (
    <>
      <PickField
        label={own.user}
        name="impersonationTargets"
        hint={own.userHint}
        placeholder={texts.users.searchHint}
        source={source}
        isRequired
        onPick={({ value }) => {
          if (!userIds.includes(value)) onChange([...userIds, value])
        }}
      />
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
