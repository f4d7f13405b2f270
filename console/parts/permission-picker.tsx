import { useState } from 'preact/hooks'
import { parseEndpointPattern } from '../../lib/decision/endpoint-pattern.ts'
import type { Level, Rights, SectionView } from '../client/granted-rights.ts'
import { sectionKey, withEndpoint, withLevel } from '../client/granted-rights.ts'
import { texts } from '../texts/en.ts'
import { Button } from './button.tsx'
import { CheckField, SelectField, TextField } from './fields.tsx'

const own = texts.permissions

/** Picks levels on sections, and single endpoints, from what the organization's APIs have. */
export const PermissionPicker = ({
  sections,
  rights,
  onChange,
}: {
  readonly sections: readonly SectionView[]
  readonly rights: Rights
  readonly onChange: (rights: Rights) => void
}) => {
  const [filter, setFilter] = useState('')
  const wanted = filter.trim().toLowerCase()
  const matches = ({ name, title, api, endpoints }: SectionView) =>
    [name, title, api ?? '', ...endpoints.map(({ endpoint }) => endpoint)].some((text) =>
      text.toLowerCase().includes(wanted),
    )
  // The APIs first, and Postern itself last.
  const apis = [...new Set(sections.map(({ api }) => api))].toSorted(
    (one, other) => Number(one === null) - Number(other === null),
  )
  const known = new Set(sections.map(sectionKey))
  const others = Object.keys(rights.permissions).filter((key) => !known.has(key))
  return (
    <div class="picker">
      <TextField
        label={own.filter}
        name="filter"
        type="search"
        value={filter}
        onInput={setFilter}
        placeholder={own.filterHint}
        isRequired
      />
      {apis.map((api) => {
        const shown = sections.filter((section) => section.api === api && matches(section))
        return shown.length === 0 ? null : (
          <fieldset key={api}>
            <legend>{api ?? own.postern}</legend>
            {shown.map((section) => (
              <SectionRow key={sectionKey(section)} section={section} rights={rights} onChange={onChange} />
            ))}
          </fieldset>
        )
      })}
      {others.length === 0 ? null : (
        <fieldset>
          <legend>{own.gone}</legend>
          {others.map((key) => (
            <CheckField
              key={key}
              name={key}
              label={<code>{key}</code>}
              hint={own.goneHint}
              isChecked
              onChange={() => onChange(withLevel(rights, key, null))}
            />
          ))}
        </fieldset>
      )}
      <Endpoints apis={apis} rights={rights} onChange={onChange} />
    </div>
  )
}

const levels = [
  { value: '', text: own.none },
  { value: 'read', text: own.read },
  { value: 'write', text: own.write },
] as const

type RowProps = { readonly rights: Rights; readonly onChange: (rights: Rights) => void }

const SectionRow = ({ section, rights, onChange }: RowProps & { readonly section: SectionView }) => {
  const key = sectionKey(section)
  const { name, title, api, endpoints } = section
  return (
    <div class="picker-row">
      <div>
        <code>{name}</code> {title === name ? null : <span class="muted">{title}</span>}
        <details>
          <summary>{own.endpointCount(endpoints.length)}</summary>
          {endpoints.map(({ endpoint, level }) =>
            api === null ? (
              <p key={endpoint}>
                <code>{endpoint}</code> <span class="muted">{level === 'read' ? own.read : own.write}</span>
              </p>
            ) : (
              <CheckField
                key={endpoint}
                name={`${api} ${endpoint}`}
                label={
                  <>
                    <code>{endpoint}</code>{' '}
                    <span class="muted">{level === 'read' ? own.read : own.write}</span>
                  </>
                }
                isChecked={rights.endpoints.includes(`${api} ${endpoint}`)}
                onChange={(isGranted) => onChange(withEndpoint(rights, `${api} ${endpoint}`, isGranted))}
              />
            ),
          )}
        </details>
      </div>
      <select
        aria-label={own.levelOf(key)}
        value={rights.permissions[key] ?? ''}
        onChange={(event) => {
          const { value } = event.currentTarget
          onChange(withLevel(rights, key, value === '' ? null : (value as Level)))
        }}
      >
        {levels.map(({ value, text }) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  )
}

/** All granted endpoints, and a field for a pattern that no section lists. */
const Endpoints = ({ apis, rights, onChange }: RowProps & { readonly apis: readonly (string | null)[] }) => {
  const names = apis.filter((api) => api !== null)
  const [api, setApi] = useState(names[0] ?? '')
  const [pattern, setPattern] = useState('')
  const parsed = parseEndpointPattern(pattern)
  return (
    <fieldset>
      <legend>{own.endpoints}</legend>
      <p class="hint">{own.endpointsHint}</p>
      {rights.endpoints.map((endpoint) => (
        <CheckField
          key={endpoint}
          name={endpoint}
          label={<code>{endpoint}</code>}
          isChecked
          onChange={() => onChange(withEndpoint(rights, endpoint, false))}
        />
      ))}
      {names.length === 0 ? null : (
        <div class="fields">
          <SelectField
            label={own.api}
            name="api"
            value={api}
            onChange={setApi}
            choices={names.map((name) => ({ value: name, text: name }))}
            isRequired
          />
          <TextField
            label={own.pattern}
            name="pattern"
            placeholder="GET /orders/{id}"
            value={pattern}
            onInput={setPattern}
            message={pattern === '' || parsed.ok ? undefined : parsed.message}
            isCode
          />
          <Button
            icon="add"
            isDisabled={!parsed.ok}
            onClick={() => {
              onChange(withEndpoint(rights, `${api} ${pattern}`, true))
              setPattern('')
            }}
          >
            {own.addEndpoint}
          </Button>
        </div>
      )}
    </fieldset>
  )
}
