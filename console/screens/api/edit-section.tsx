import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import { useForesight } from '../../client/use-foresight.ts'
import { useIdempotencyKey } from '../../client/use-idempotency-key.ts'
import { Changes, changedFields, useChangeNames } from '../../parts/changes.tsx'
import { CheckField, TextArea, TextField } from '../../parts/fields.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { toast } from '../../parts/toast.tsx'
import { texts } from '../../texts/en.ts'
import { endpointsIn, linesOf, tidyLines } from './endpoint-lines.ts'
import type { ApiProps, Section } from './shown-api.ts'

const own = texts.api.sections

/** A new section, or another content of one. The endpoints are checked by dry runs while they are typed. */
export const EditSection = ({
  api,
  section,
  onChanged,
  onConflict,
  onClose,
}: ApiProps & {
  readonly section: Section | null
  readonly onConflict: () => void
  readonly onClose: () => void
}) => {
  const [name, setName] = useState(section?.name ?? '')
  const [title, setTitle] = useState(section?.title ?? '')
  const [dashboard, setDashboard] = useState(section?.dashboard ?? false)
  const [lines, setLines] = useState(linesOf(section?.endpoints ?? []))
  const keyFor = useIdempotencyKey()
  const names = useChangeNames()
  const params = { api: api.apiId, name: section?.name ?? name }
  const content = { ...(title === '' ? {} : { title }), dashboard, endpoints: endpointsIn(lines) }
  const changed = { ...content, ...(section === null ? {} : { version: section.version }) }
  const isReady = name !== '' && content.endpoints.length > 0
  const asNew = useForesight(
    'createSection',
    isReady && section === null ? { params, body: { name, ...content } } : null,
  )
  const asChange = useForesight(
    'replaceSection',
    isReady && section !== null ? { params, body: changed } : null,
  )
  const errors = (asNew.failure ?? asChange.failure)?.problem?.errors ?? []
  const messageOf = (field: string): string | undefined =>
    errors
      .filter(({ path }) => path === field || path.startsWith(`${field}.`))
      .map(({ path, message }) => {
        const [, line] = /^endpoints\.(\d+)/.exec(path) ?? []
        return line === undefined ? message : own.inLine(Number(line) + 1, message)
      })
      .join('; ') || undefined

  const save = async () => {
    if (section === null) {
      const body = { name, ...content }
      await call('createSection', { params, body }, { idempotencyKey: keyFor(body) })
    } else await call('replaceSection', { params, body: changed })
    toast(own.saved(name))
    onChanged()
  }
  const changes =
    section === null
      ? []
      : changedFields(
          ['title', 'endpoints', 'dashboard'],
          { ...section, endpoints: tidyLines(linesOf(section.endpoints)) },
          { title, endpoints: tidyLines(lines), dashboard },
        )
  return (
    <FormDialog
      title={section === null ? own.add : own.editOne(section.name)}
      onClose={onClose}
      size="large"
      submit={section === null ? own.add : own.save}
      onSubmit={save}
      onConflict={onConflict}
    >
      {section === null ? (
        <TextField
          label={own.name}
          name="name"
          hint={own.nameHint}
          value={name}
          onInput={setName}
          message={messageOf('name')}
          isRequired
          isCode
          isFirst
        />
      ) : null}
      <TextField label={own.title} name="title" value={title} onInput={setTitle} />
      <TextArea
        label={own.endpoints}
        name="endpoints"
        hint={own.endpointsHint}
        value={lines}
        onInput={setLines}
        rows={10}
        message={messageOf('endpoints')}
        isRequired
        isCode
      />
      <CheckField
        label={own.dashboard}
        name="dashboard"
        hint={own.dashboardHint}
        isChecked={dashboard}
        onChange={setDashboard}
      />
      <Changes changes={changes} names={names} />
    </FormDialog>
  )
}
