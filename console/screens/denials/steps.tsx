import { ownSessionId } from '../../client/session.ts'
import { useMe } from '../../client/use-me.ts'
import type { Names } from '../../parts/change-lines.ts'
import { Icon } from '../../parts/icon.tsx'
import { texts } from '../../texts/en.ts'
import type { Denial } from './remedy.ts'
import type { SawNames } from './saw.ts'
import { inWords } from './saw.ts'

const own = texts.denials

/** The checks of a decision in their order, with what each saw. */
export const Steps = ({
  steps,
  subject: { userId, username },
  names: { credential, group },
}: Pick<Denial, 'steps'> & {
  readonly subject: Pick<Denial['subject'], 'userId' | 'username'>
  readonly names: Names
}) => {
  const { organizationId, name } = useMe().organization
  const sawNames: SawNames = {
    of: (id) => {
      if (id === organizationId) return name
      if (id === userId) return username ?? userId
      if (id === ownSessionId()) return texts.auditRows.thisSession
      return id.startsWith('key_') ? credential(id) : undefined
    },
    group,
  }
  return (
    <ol class="steps">
      {steps.map(({ check, passed, saw }) => (
        <li key={check} class={passed ? 'passed' : 'failed'}>
          <Icon name={passed ? 'done' : 'close'} />
          <div>
            <strong>{own.checks[check]}</strong> <span class="muted">{passed ? own.passed : own.failed}</span>
            <p>{inWords(saw, sawNames)}</p>
          </div>
        </li>
      ))}
    </ol>
  )
}
