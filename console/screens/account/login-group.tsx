import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import { holds } from '../../client/rights.ts'
import { refreshMe } from '../../client/session.ts'
import { useCall } from '../../client/use-call.ts'
import { useMe } from '../../client/use-me.ts'
import { SelectField } from '../../parts/fields.tsx'
import { Form } from '../../parts/form.tsx'
import { Section } from '../../parts/page.tsx'
import { toast } from '../../parts/toast.tsx'
import { texts } from '../../texts/en.ts'

const own = texts.account.group

/** Of those that the user is placed in; whoever may see all account groups can choose each of them. */
export const LoginGroup = () => {
  const me = useMe()
  const { loginAccountGroup, accountGroupRoles, allAccountGroupRoles } = me.user
  const isEverywhere = allAccountGroupRoles.length > 0
  const maySee = isEverywhere && holds(me, { section: 'postern-access', level: 'read' })
  const all = useCall('listAccountGroups', maySee ? {} : null).data?.accountGroups ?? []
  const groups = maySee ? all : accountGroupRoles
  const saved = loginAccountGroup === null ? '' : String(loginAccountGroup)
  const [chosen, setChosen] = useState(saved)
  if (groups.length === 0) return null
  const send = async () => {
    await call('chooseLoginAccountGroup', {
      body: { loginAccountGroup: chosen === '' ? null : Number(chosen) },
    })
    await refreshMe()
    toast(own.saved)
  }
  return (
    <Section title={own.title} lead={own.lead}>
      <Form submit={own.save} isDisabled={chosen === saved} onSubmit={send}>
        <SelectField
          label={own.label}
          name="loginAccountGroup"
          value={chosen}
          onChange={setChosen}
          choices={[
            { value: '', text: own.none },
            ...groups.map(({ aid, accountGroupName }) => ({ value: String(aid), text: accountGroupName })),
          ]}
          isRequired
        />
      </Form>
    </Section>
  )
}
