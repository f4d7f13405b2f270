import { useMe } from '../../client/use-me.ts'
import { Icon } from '../../parts/icon.tsx'
import { texts } from '../../texts/en.ts'
import type { Denial } from './remedy.ts'
import { inWords } from './saw.ts'

const own = texts.denials

/** The checks of a decision in their order, with what each saw. */
export const Steps = ({
  steps,
  subject: { userId, username },
}: Pick<Denial, 'steps'> & { readonly subject: Pick<Denial['subject'], 'userId' | 'username'> }) => {
  const { organizationId, name } = useMe().organization
  const names = { [organizationId]: name, ...(userId === null ? {} : { [userId]: username ?? userId }) }
  return (
    <ol class="steps">
      {steps.map(({ check, passed, saw }) => (
        <li key={check} class={passed ? 'passed' : 'failed'}>
          <Icon name={passed ? 'done' : 'close'} />
          <div>
            <strong>{own.checks[check]}</strong> <span class="muted">{passed ? own.passed : own.failed}</span>
            <p>{inWords(saw, names)}</p>
          </div>
        </li>
      ))}
    </ol>
  )
}
