import type { Level, SectionView } from '../../client/granted-rights.ts'
import { CheckField, SelectField } from '../../parts/fields.tsx'
import { texts } from '../../texts/en.ts'
import type { Role } from '../user/shown-user.ts'

const own = texts.roles

export type EverySection = Role['everySection']

/** A level on all sections of an API, those of the future included, except some. */
export const EverySectionFields = ({
  sections,
  value,
  onChange,
}: {
  readonly sections: readonly SectionView[]
  readonly value: EverySection
  readonly onChange: (value: EverySection) => void
}) => {
  // A grant can outlive the sections of its API, and an exception its section.
  const apis = [...new Set([...sections.flatMap(({ api }) => api ?? []), ...value.map(({ api }) => api)])]
  const namesOf = (api: string, except: readonly string[]): string[] => [
    ...new Set([...sections.filter((each) => each.api === api).map(({ name }) => name), ...except]),
  ]
  const set = (api: string, level: Level | '', except: readonly string[]) => {
    const others = value.filter((each) => each.api !== api)
    onChange(level === '' ? others : [...others, { api, level, except: [...except] }])
  }
  return (
    <>
      {apis.map((api) => {
        const { level = '', except = [] } = value.find((each) => each.api === api) ?? {}
        const names = namesOf(api, except)
        return (
          <div key={api} class="stack">
            <SelectField
              label={own.allOf(api)}
              name={`everySection-${api}`}
              hint={own.allOfHint}
              value={level}
              onChange={(chosen) => set(api, chosen, except)}
              choices={[
                { value: '', text: texts.permissions.none },
                { value: 'read', text: texts.permissions.read },
                { value: 'write', text: texts.permissions.write },
              ]}
            />
            {level === '' || names.length === 0 ? null : (
              <fieldset>
                <legend>{own.except(api)}</legend>
                {names.map((name) => (
                  <CheckField
                    key={name}
                    label={<code>{name}</code>}
                    name={`everySection-${api}-except-${name}`}
                    isChecked={except.includes(name)}
                    onChange={(isOut) =>
                      set(
                        api,
                        level,
                        isOut ? [...except, name].toSorted() : except.filter((each) => each !== name),
                      )
                    }
                  />
                ))}
              </fieldset>
            )}
          </div>
        )
      })}
    </>
  )
}
