import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import type { Rights } from '../../client/granted-rights.ts'
import { fullRights, sameRights } from '../../client/granted-rights.ts'
import { holds } from '../../client/rights.ts'
import { useUnsaved } from '../../client/unsaved.ts'
import { useCall } from '../../client/use-call.ts'
import { useIdempotencyKey } from '../../client/use-idempotency-key.ts'
import { useMe } from '../../client/use-me.ts'
import type { Sections } from '../../client/use-sections.ts'
import { useSections } from '../../client/use-sections.ts'
import type { Acting } from '../../parts/acting-picker.tsx'
import { ActingPicker, actingBody, actingTexts, sameActing } from '../../parts/acting-picker.tsx'
import { Button } from '../../parts/button.tsx'
import { Changes, changedFields, useChangeNames } from '../../parts/changes.tsx'
import { TextField } from '../../parts/fields.tsx'
import { Form } from '../../parts/form.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { HistoryLink } from '../../parts/history-link.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Facts, PageHeader, Section } from '../../parts/page.tsx'
import { PermissionPicker } from '../../parts/permission-picker.tsx'
import { Show } from '../../parts/states.tsx'
import { toast } from '../../parts/toast.tsx'
import type { Params } from '../../router.ts'
import { hrefOf, open } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import type { Role } from '../user/shown-user.ts'
import type { EverySection } from './every-section.tsx'
import { EverySectionFields } from './every-section.tsx'

const own = texts.roles

/** One role, or a new one at `/roles/new`. */
export const Screen = ({ params: { roleId = '' } }: { readonly params: Params }) => {
  const isNew = roleId === 'new'
  const loaded = useCall('getRole', isNew ? null : { params: { roleId } })
  const sections = useSections(holds(useMe(), { section: 'postern-apis', level: 'read' }))
  const back = { href: hrefOf('/roles'), text: own.title }
  return (
    <>
      <PageHeader
        title={isNew ? own.newTitle : (loaded.data?.role.roleName ?? own.one)}
        back={back}
        actions={isNew ? undefined : <HistoryLink target={roleId} />}
      />
      {isNew ? (
        <Show loaded={sections}>
          {(known) => <Editor before={null} known={known} onChanged={() => {}} />}
        </Show>
      ) : (
        <Show loaded={loaded}>
          {({ role }) => <Body key={role.roleId} role={role} sections={sections} onChanged={loaded.reload} />}
        </Show>
      )}
    </>
  )
}

const Body = ({
  role,
  sections,
  onChanged,
}: {
  readonly role: Role
  readonly sections: ReturnType<typeof useSections>
  readonly onChanged: () => void
}) => {
  const me = useMe()
  const mayWrite =
    holds(me, { section: 'postern-access', level: 'write' }) &&
    holds(me, { section: 'postern-apis', level: 'read' })
  if (role.builtin || !mayWrite) return <Shown role={role} />
  return (
    <>
      <Show loaded={sections}>{(known) => <Editor before={role} known={known} onChanged={onChanged} />}</Show>
      <DeleteRole role={role} />
    </>
  )
}

const Shown = ({ role }: { readonly role: Role }) => (
  <Section title={own.grants} lead={role.builtin ? own.builtInLead : undefined}>
    <Facts
      facts={[
        [own.number, role.roleId],
        ...(role.everything ? [[own.everything, own.yes] as const] : []),
        ...(role.everyApi === null ? [] : [[own.everyApi[role.everyApi], own.yes] as const]),
        ...role.everySection.map(
          ({ api, level, except }) => [own.everySectionBut(api, level, except), own.yes] as const,
        ),
        ...Object.entries(role.permissions).map(([name, level]) => [name, texts.permissions[level]] as const),
        ...role.endpoints.map((endpoint) => [endpoint, texts.user.access.endpoint] as const),
        ...(role.impersonation === 'none'
          ? []
          : [[own.impersonation, actingTexts(role).join(', ')] as const]),
      ]}
    />
  </Section>
)

/** Not the role itself, which has everything else, too. */
const actingOf = (role: Role | null): Acting => ({
  impersonation: role?.impersonation ?? 'none',
  impersonationTargets: role?.impersonationTargets ?? [],
})

const Editor = ({
  before,
  known,
  onChanged,
}: {
  readonly before: Role | null
  readonly known: Sections
  readonly onChanged: () => void
}) => {
  const saved: Rights = fullRights(before ?? { permissions: {}, endpoints: [] }, known.plainApi)
  const savedEvery: EverySection = before?.everySection ?? []
  const savedActing = actingOf(before)
  const [name, setName] = useState(before?.roleName ?? '')
  const [number, setNumber] = useState('')
  const [rights, setRights] = useState(saved)
  const [every, setEvery] = useState(savedEvery)
  const [acting, setActing] = useState(savedActing)
  const keyFor = useIdempotencyKey()
  const names = useChangeNames()
  // Only what is shown as a change.
  const change = {
    ...(name === (before?.roleName ?? '') ? {} : { name }),
    ...(sameRights(rights, saved) ? {} : { permissions: rights.permissions, endpoints: rights.endpoints }),
    ...(JSON.stringify(every) === JSON.stringify(savedEvery) ? {} : { everySection: every }),
    // Only somebody who holds everything may give it.
    ...(sameActing(acting, savedActing) ? {} : actingBody(acting)),
  }
  const isChanged = Object.keys(change).length > 0
  useUnsaved(isChanged)

  const save = async () => {
    if (before === null) {
      const body = { ...change, name, ...(number === '' ? {} : { roleId: Number(number) }) }
      const made = await call('createRole', { body }, { idempotencyKey: keyFor(body) })
      toast(own.added(name))
      return open(hrefOf(`/roles/${made.role.roleId}`), { replace: true, isSaved: true })
    }
    const { role } = await call('changeRole', {
      params: { roleId: before.roleId },
      body: { ...change, version: before.version },
    })
    setName(role.roleName)
    setRights(fullRights(role, known.plainApi))
    setEvery(role.everySection)
    setActing(actingOf(role))
    toast(own.saved)
    onChanged()
  }
  const discard = () => {
    setName(before?.roleName ?? '')
    setRights(saved)
    setEvery(savedEvery)
    setActing(savedActing)
  }
  return (
    <Section title={own.grants} lead={own.grantsLead}>
      <Form
        label={own.grants}
        submit={before === null ? own.add : own.save}
        isDisabled={!isChanged || name === ''}
        onSubmit={save}
        onConflict={onChanged}
        actions={
          isChanged && before !== null ? <Button onClick={discard}>{texts.parts.discard}</Button> : null
        }
      >
        {before === null ? null : (
          <Notice>
            <p>{own.atOnce}</p>
          </Notice>
        )}
        <TextField
          label={own.name}
          name="name"
          value={name}
          onInput={setName}
          isRequired
          isFirst={before === null}
        />
        {before === null ? (
          <TextField
            label={own.number}
            name="roleId"
            type="number"
            hint={own.numberHint}
            value={number}
            onInput={setNumber}
          />
        ) : null}
        <EverySectionFields sections={known.sections} value={every} onChange={setEvery} />
        <PermissionPicker sections={known.sections} rights={rights} onChange={setRights} />
        <fieldset class="stack">
          <legend>{texts.acting.title}</legend>
          <p class="hint">{own.acting}</p>
          <ActingPicker acting={acting} onChange={setActing} />
        </fieldset>
        <Changes
          changes={changedFields(
            ['everySection', 'permissions', 'endpoints', 'impersonation', 'impersonationTargets'],
            { everySection: savedEvery, ...saved, ...savedActing },
            { everySection: every, ...rights, ...acting },
          )}
          names={names}
        />
      </Form>
    </Section>
  )
}

const DeleteRole = ({ role: { roleId, roleName } }: { readonly role: Role }) => {
  const [isAsking, setIsAsking] = useState(false)
  return (
    <Section title={own.deleteTitle} lead={own.deleteLead}>
      <Button look="danger" onClick={() => setIsAsking(true)}>
        {own.delete}
      </Button>
      {isAsking ? (
        <FormDialog
          look="danger"
          title={own.deleteAsk(roleName)}
          submit={own.delete}
          onClose={() => setIsAsking(false)}
          onSubmit={async () => {
            await call('deleteRole', { params: { roleId } })
            toast(own.deleted(roleName))
            open(hrefOf('/roles'))
          }}
        >
          <p>{own.deleteLead}</p>
        </FormDialog>
      ) : null}
    </Section>
  )
}
