import type { Level, SectionView } from '../../client/granted-rights.ts'
import { SelectField } from '../../parts/fields.tsx'
import { texts } from '../../texts/en.ts'
import type { Role } from '../user/shown-user.ts'

const own = texts.roles

type EverySection = Role['everySection']

/** A level on all sections of an API, those of the future included. Exceptions that are there stay. */
export const EverySectionFields = ({
  sections,
  value,
  onChange,
}: {
  readonly sections: readonly SectionView[]
  readonly value: EverySection
  readonly onChange: (value: EverySection) => void
}) => {
  const apis = [...new Set(sections.flatMap(({ api }) => (api === null ? [] : [api])))]
  const set = (api: string, level: Level | '') => {
    const others = value.filter((each) => each.api !== api)
    const except = value.find((each) => each.api === api)?.except ?? []
    onChange(level === '' ? others : [...others, { api, level, except }])
  }
  return (
    <>
      {apis.map((api) => {
        const held = value.find((each) => each.api === api)
        const except = held?.except ?? []
        return (
          <SelectField
            key={api}
            label={own.allOf(api)}
            name={`everySection-${api}`}
            hint={except.length === 0 ? own.allOfHint : own.except(except.join(', '))}
            value={held?.level ?? ''}
            onChange={(level) => set(api, level)}
            choices={[
              { value: '', text: texts.permissions.none },
              { value: 'read', text: texts.permissions.read },
              { value: 'write', text: texts.permissions.write },
            ]}
          />
        )
      })}
    </>
  )
}
