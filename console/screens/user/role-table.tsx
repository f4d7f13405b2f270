import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import { useUnsaved } from '../../client/unsaved.ts'
import { useForesight } from '../../client/use-foresight.ts'
import { Changes, useChangeNames } from '../../parts/changes.tsx'
import { CheckField, SelectField } from '../../parts/fields.tsx'
import { Form } from '../../parts/form.tsx'
import { Impact } from '../../parts/impact.tsx'
import { Scrolls } from '../../parts/page.tsx'
import { toast } from '../../parts/toast.tsx'
import { texts } from '../../texts/en.ts'
import type { Group, Role, User, UserProps } from './shown-user.ts'

const own = texts.user.access

/** Role numbers by account group; `0` = all account groups. */
type Held = Readonly<Record<number, readonly number[]>>
const everywhere = 0

const heldBy = ({ allAccountGroupRoles, accountGroupRoles }: User): Held => ({
  [everywhere]: numbersOf(allAccountGroupRoles),
  ...Object.fromEntries(accountGroupRoles.map(({ aid, roles }) => [aid, numbersOf(roles)] as const)),
})

const numbersOf = (roles: readonly { readonly roleId: number }[]): number[] =>
  roles.map(({ roleId }) => roleId).toSorted((a, b) => a - b)

const bodyOf = (held: Held, login: number | null) => ({
  allAccountGroupRoles: (held[everywhere] ?? []).map((roleId) => ({ roleId })),
  accountGroupRoles: Object.entries(held)
    .filter(([aid, roleIds]) => Number(aid) !== everywhere && roleIds.length > 0)
    .map(([aid, roleIds]) => ({
      accountGroup: { aid: Number(aid) },
      roles: roleIds.map((roleId) => ({ roleId })),
    })),
  loginAccountGroup: login === null ? null : { aid: login },
})

/** One row for each role, one column for each account group. */
export const RoleTable = ({
  user,
  roles,
  groups,
  onChanged,
}: UserProps & { readonly roles: readonly Role[]; readonly groups: readonly Group[] }) => {
  const [held, setHeld] = useState(() => heldBy(user))
  const [login, setLogin] = useState(user.loginAccountGroup)
  const names = useChangeNames()
  const body = bodyOf(held, login)
  const isChanged = JSON.stringify(body) !== JSON.stringify(bodyOf(heldBy(user), user.loginAccountGroup))
  useUnsaved(isChanged)
  const params = { userId: user.userId }
  const { answer, isLooking } = useForesight('replaceUserRoles', isChanged ? { params, body } : null)

  const set = (aid: number, roleId: number, isHeld: boolean) => {
    const others = (held[aid] ?? []).filter((each) => each !== roleId)
    setHeld({ ...held, [aid]: (isHeld ? [...others, roleId] : others).toSorted((a, b) => a - b) })
  }
  const save = async () => {
    const changed = await call('replaceUserRoles', { params, body: { ...body, version: user.version } })
    setHeld(heldBy(changed.user))
    await onChanged()
    toast(own.rolesSaved)
  }
  const columns = [
    { aid: everywhere, accountGroupName: own.everywhere },
    ...(groups.length > 1 ? groups : []),
  ]
  return (
    <Form
      label={own.rolesTitle}
      submit={own.saveRoles}
      isDisabled={!isChanged}
      onSubmit={save}
      onConflict={onChanged}
    >
      <Scrolls label={own.rolesTable}>
        <table class="matrix">
          <caption class="hidden">{own.rolesTitle}</caption>
          <thead>
            <tr>
              <th scope="col">{texts.users.role}</th>
              {columns.map(({ aid, accountGroupName }) => (
                <th key={aid} scope="col">
                  {accountGroupName}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {roles.map(({ roleId, roleName }) => (
              <tr key={roleId}>
                <th scope="row">{roleName}</th>
                {columns.map(({ aid, accountGroupName }) => (
                  <td key={aid}>
                    <CheckField
                      name={`role-${roleId}-${aid}`}
                      label={<span class="hidden">{own.roleIn(roleName, accountGroupName)}</span>}
                      isChecked={(held[aid] ?? []).includes(roleId)}
                      onChange={(isHeld) => set(aid, roleId, isHeld)}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolls>
      {groups.length === 0 ? null : (
        <SelectField
          label={own.login}
          name="loginAccountGroup"
          hint={own.loginHint}
          value={login === null ? '' : String(login)}
          onChange={(aid) => setLogin(aid === '' ? null : Number(aid))}
          choices={[
            { value: '', text: own.noLogin },
            ...groups.map(({ aid, accountGroupName }) => ({ value: String(aid), text: accountGroupName })),
          ]}
        />
      )}
      <div class="foresight" aria-live="polite" aria-busy={isLooking}>
        {answer === null ? null : (
          <>
            <Changes changes={answer.dryRun.changes.flatMap((row) => row.changes)} names={names} />
            <Impact foreseen={answer} userId={user.userId} />
          </>
        )}
      </div>
    </Form>
  )
}
