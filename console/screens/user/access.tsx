import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import { fullRights, sameRights } from '../../client/granted-rights.ts'
import { holds } from '../../client/rights.ts'
import { useUnsaved } from '../../client/unsaved.ts'
import { useCall } from '../../client/use-call.ts'
import { useForesight } from '../../client/use-foresight.ts'
import { useMe } from '../../client/use-me.ts'
import type { Sections } from '../../client/use-sections.ts'
import { useSections } from '../../client/use-sections.ts'
import type { Acting } from '../../parts/acting-picker.tsx'
import { ActingPicker, actingBody, actingTexts, sameActing } from '../../parts/acting-picker.tsx'
import { Button } from '../../parts/button.tsx'
import { Changes, changedFields, useChangeNames } from '../../parts/changes.tsx'
import { Form } from '../../parts/form.tsx'
import { Impact } from '../../parts/impact.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Facts, Section } from '../../parts/page.tsx'
import { PermissionPicker } from '../../parts/permission-picker.tsx'
import { Loading, NoRight, Show } from '../../parts/states.tsx'
import { toast } from '../../parts/toast.tsx'
import { texts } from '../../texts/en.ts'
import { MayCall } from './may-call.tsx'
import { RoleTable } from './role-table.tsx'
import type { User, UserProps } from './shown-user.ts'

const own = texts.user.access

export const Access = ({ user, onChanged }: UserProps) => {
  const me = useMe()
  const mayWrite = holds(me, { section: 'postern-users', level: 'write' })
  const maySeeRoles = holds(me, { section: 'postern-access', level: 'read' })
  const maySeeSections = holds(me, { section: 'postern-apis', level: 'read' })
  const roles = useCall('listRoles', maySeeRoles ? {} : null)
  const groups = useCall('listAccountGroups', maySeeRoles ? {} : null)
  const sections = useSections(maySeeSections)
  // What comes later would push the forms away from the pointer.
  const isComing = [roles, groups, sections].some(
    ({ data, failure, isLoading }) => isLoading && data === undefined && failure === null,
  )
  if (isComing) return <Loading />
  return (
    <>
      <Section title={texts.user.mayCall.title} lead={texts.user.mayCall.lead}>
        {maySeeRoles && maySeeSections ? (
          <Show loaded={roles}>
            {(given) => (
              <Show loaded={sections}>
                {(known) => <MayCall user={user} roles={given.roles} known={known} />}
              </Show>
            )}
          </Show>
        ) : (
          <NoRight needs="postern-access: read, postern-apis: read" />
        )}
      </Section>
      <Section title={own.rolesTitle} lead={own.rolesLead}>
        {mayWrite && maySeeRoles ? (
          <Show loaded={roles}>
            {(known) => (
              <RoleTable
                user={user}
                roles={known.roles}
                groups={groups.data?.accountGroups ?? []}
                onChanged={onChanged}
              />
            )}
          </Show>
        ) : (
          <HeldRoles user={user} />
        )}
      </Section>
      <Section title={own.permissionsTitle} lead={own.permissionsLead}>
        {mayWrite && maySeeSections ? (
          <Show loaded={sections}>
            {(known) => <OwnRights user={user} known={known} onChanged={onChanged} />}
          </Show>
        ) : (
          <HeldRights user={user} />
        )}
      </Section>
      <Section title={texts.acting.title} lead={texts.acting.lead}>
        {mayWrite && user.membership === 'home' ? (
          <ActsAs user={user} onChanged={onChanged} />
        ) : (
          <p>{actingTexts(user).join(', ') || texts.acting.none}</p>
        )}
      </Section>
    </>
  )
}

const HeldRoles = ({ user: { roles, accountGroupRoles } }: { readonly user: User }) => (
  <Facts
    facts={[
      [own.everywhere, roles.join(', ')],
      ...accountGroupRoles.map(
        (group) => [group.accountGroupName, group.roles.map(({ roleName }) => roleName).join(', ')] as const,
      ),
    ]}
  />
)

const HeldRights = ({ user: { permissions, endpoints } }: { readonly user: User }) => (
  <Facts
    facts={[
      ...Object.entries(permissions).map(([name, level]) => [name, texts.permissions[level]] as const),
      ...endpoints.map((endpoint) => [endpoint, own.endpoint] as const),
    ]}
  />
)

const OwnRights = ({ user, known, onChanged }: UserProps & { readonly known: Sections }) => {
  const saved = fullRights(user, known.plainApi)
  const [rights, setRights] = useState(saved)
  const names = useChangeNames()
  const isChanged = !sameRights(rights, saved)
  useUnsaved(isChanged)
  const params = { userId: user.userId }
  const body = { permissions: rights.permissions, endpoints: [...rights.endpoints] }
  const { answer, isLooking } = useForesight('changeUser', isChanged ? { params, body } : null)
  const save = async () => {
    const changed = await call('changeUser', { params, body: { ...body, version: user.version } })
    setRights(fullRights(changed.user, known.plainApi))
    await onChanged()
    toast(own.saved)
  }
  return (
    <Form
      label={own.permissionsTitle}
      submit={own.savePermissions}
      isDisabled={!isChanged}
      onSubmit={save}
      onConflict={onChanged}
      actions={
        isChanged ? <Button onClick={() => setRights(saved)}>{texts.parts.discard}</Button> : undefined
      }
    >
      <PermissionPicker sections={known.sections} rights={rights} onChange={setRights} />
      <div class="foresight" aria-live="polite" aria-busy={isLooking}>
        <Changes changes={changedFields(['permissions', 'endpoints'], saved, rights)} names={names} />
        {answer === null ? null : <Impact foreseen={answer} userId={user.userId} />}
      </div>
    </Form>
  )
}

const ActsAs = ({ user, onChanged }: UserProps) => {
  const [acting, setActing] = useState<Acting>(user)
  const names = useChangeNames()
  const isChanged = !sameActing(acting, user)
  useUnsaved(isChanged)
  const save = async () => {
    const body = { ...actingBody(acting), version: user.version }
    const changed = await call('changeUser', { params: { userId: user.userId }, body })
    setActing(changed.user)
    await onChanged()
    toast(texts.acting.saved)
  }
  return (
    <Form
      label={texts.acting.title}
      submit={texts.acting.save}
      isDisabled={!isChanged}
      onSubmit={save}
      onConflict={onChanged}
      actions={isChanged ? <Button onClick={() => setActing(user)}>{texts.parts.discard}</Button> : undefined}
    >
      <ActingPicker acting={acting} onChange={setActing} />
      <Changes
        changes={changedFields(['impersonation', 'impersonationTargets'], user, acting)}
        names={names}
      />
      {isChanged ? (
        <Notice look="warning">
          <p>{texts.acting.warning}</p>
        </Notice>
      ) : null}
    </Form>
  )
}
