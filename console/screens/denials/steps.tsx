import { Icon } from '../../parts/icon.tsx'
import { texts } from '../../texts/en.ts'
import type { Denial } from './remedy.ts'

const own = texts.denials

/** The checks of a decision in their order, with what each saw. */
export const Steps = ({ steps }: Pick<Denial, 'steps'>) => (
  <ol class="steps">
    {steps.map(({ check, passed, saw }) => (
      <li key={check} class={passed ? 'passed' : 'failed'}>
        <Icon name={passed ? 'done' : 'close'} />
        <div>
          <strong>{own.checks[check]}</strong> <span class="muted">{passed ? own.passed : own.failed}</span>
          <p>{saw}</p>
        </div>
      </li>
    ))}
  </ol>
)
