import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import type { Answer } from '../../client/operations.ts'
import { useCall } from '../../client/use-call.ts'
import { RadioField } from '../../parts/fields.tsx'
import { Form } from '../../parts/form.tsx'
import { Section } from '../../parts/page.tsx'
import { Show } from '../../parts/states.tsx'
import { toast } from '../../parts/toast.tsx'
import { texts } from '../../texts/en.ts'

const own = texts.secondFactors

type Organization = Answer<'getOrganization'>['organization']

/** Whose sessions need a second factor in this organization. */
export const Rule = () => {
  const loaded = useCall('getOrganization', {})
  return (
    <Section title={own.rule} lead={own.ruleLead}>
      <Show loaded={loaded}>
        {({ organization }) => (
          <RuleForm key={organization.version} organization={organization} onSaved={loaded.reload} />
        )}
      </Show>
    </Section>
  )
}

const RuleForm = ({
  organization: { secondFactor, version },
  onSaved,
}: {
  readonly organization: Organization
  readonly onSaved: () => void
}) => {
  const [rule, setRule] = useState(secondFactor)
  const save = async () => {
    await call('changeOrganization', { body: { secondFactor: rule, version } })
    toast(own.ruleSaved)
    onSaved()
  }
  return (
    <Form submit={own.saveRule} onSubmit={save} isDisabled={rule === secondFactor}>
      <RadioField
        label={texts.organization.fields.secondFactor}
        name="secondFactor"
        value={rule}
        onChange={setRule}
        choices={own.rules}
      />
    </Form>
  )
}
