import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import { holds } from '../../client/rights.ts'
import { refreshMe } from '../../client/session.ts'
import { useUnsaved } from '../../client/unsaved.ts'
import { useCall } from '../../client/use-call.ts'
import { useMe } from '../../client/use-me.ts'
import { Button } from '../../parts/button.tsx'
import { CheckField, RadioField, TextArea, TextField } from '../../parts/fields.tsx'
import { Form } from '../../parts/form.tsx'
import { HistoryLink } from '../../parts/history-link.tsx'
import { Facts, PageHeader, Section } from '../../parts/page.tsx'
import { Show } from '../../parts/states.tsx'
import { toast } from '../../parts/toast.tsx'
import { texts } from '../../texts/en.ts'
import { AddOrganization } from './add-organization.tsx'
import { ColourField } from './colour-field.tsx'
import { LogoSection } from './logo.tsx'
import type { Fields, Organization } from './settings.ts'
import { changesOf, fieldsOf } from './settings.ts'

const own = texts.organization

export const Screen = () => {
  const me = useMe()
  const [isAdding, setIsAdding] = useState(false)
  const loaded = useCall('getOrganization', {})
  const changed = () => {
    void loaded.reload()
    // Its name and look are on every screen.
    void refreshMe()
  }
  const mayWrite = holds(me, { section: 'postern-organization', level: 'write' })
  return (
    <>
      <PageHeader
        title={own.title}
        lead={
          <>
            {own.lead} {own.id} <code>{me.organization.organizationId}</code>
          </>
        }
        actions={
          <>
            <HistoryLink target={me.organization.organizationId} />
            {mayWrite ? <Button onClick={() => setIsAdding(true)}>{own.other.title}</Button> : null}
          </>
        }
      />
      <Show loaded={loaded}>
        {({ organization }) =>
          mayWrite ? (
            <>
              <LogoSection organization={organization} onChanged={changed} />
              <Settings organization={organization} onChanged={changed} />
            </>
          ) : (
            <Facts facts={factsOf(organization)} />
          )
        }
      </Show>
      {isAdding ? <AddOrganization onClose={() => setIsAdding(false)} /> : null}
    </>
  )
}

const factsOf = (organization: Organization) => {
  const { whitelistRequired, ...fields } = fieldsOf(organization)
  const labels: Readonly<Record<string, string>> = own.fields
  return [
    ...Object.entries(fields).map(([name, value]) => [labels[name] ?? name, value] as const),
    [own.fields.whitelistRequired, whitelistRequired ? own.yes : own.no] as const,
  ]
}

const Settings = ({
  organization,
  onChanged,
}: {
  readonly organization: Organization
  readonly onChanged: () => void
}) => {
  // Only what was edited, so that the rest shows what somebody else changed meanwhile.
  const [edits, setEdits] = useState<Partial<Fields>>({})
  const fields: Fields = { ...fieldsOf(organization), ...edits }
  const changes = changesOf(organization, fields)
  useUnsaved(Object.keys(changes).length > 0)
  const set =
    <Name extends keyof Fields>(name: Name) =>
    (value: Fields[Name]) =>
      setEdits((now) => ({ ...now, [name]: value }))
  const number = (name: keyof typeof own.hints, path: string = name, isRequired = true) => (
    <TextField
      label={own.fields[name]}
      name={path}
      type="number"
      hint={own.hints[name]}
      value={fields[name]}
      onInput={set(name)}
      isRequired={isRequired}
    />
  )
  return (
    <Form
      submit={own.save}
      isDisabled={Object.keys(changes).length === 0}
      onConflict={onChanged}
      onSubmit={async () => {
        await call('changeOrganization', { body: { ...changes, version: organization.version } })
        toast(own.saved)
        setEdits({})
        onChanged()
      }}
    >
      <Section title={own.groups.name}>
        <TextField label={own.fields.name} name="name" value={fields.name} onInput={set('name')} isRequired />
        <TextField
          label={own.fields.resetMailSenderName}
          name="resetMailSenderName"
          hint={own.senderHint}
          value={fields.resetMailSenderName}
          onInput={set('resetMailSenderName')}
        />
        <ColourField value={fields.colour} onInput={set('colour')} />
        <TextArea
          label={own.fields.locations}
          name="locations"
          hint={own.locationsHint}
          value={fields.locations}
          onInput={set('locations')}
        />
      </Section>
      <Section title={own.groups.passwords} lead={own.passwordsLead}>
        {number('minimumLength', 'passwordPolicy.minimumLength')}
        <TextField
          label={own.fields.forbiddenCharacters}
          name="passwordPolicy.forbiddenCharacters"
          value={fields.forbiddenCharacters}
          onInput={set('forbiddenCharacters')}
          isCode
        />
      </Section>
      <Section title={own.groups.access}>
        <CheckField
          label={own.fields.whitelistRequired}
          name="whitelistRequired"
          hint={own.whitelistHint}
          isChecked={fields.whitelistRequired}
          onChange={set('whitelistRequired')}
        />
        <RadioField
          label={own.fields.selfServiceKeys}
          name="selfServiceKeys"
          value={fields.selfServiceKeys}
          onChange={set('selfServiceKeys')}
          choices={own.selfService}
        />
        <RadioField
          label={own.fields.secondFactor}
          name="secondFactor"
          value={fields.secondFactor}
          onChange={set('secondFactor')}
          choices={texts.secondFactors.rules}
        />
        {number('sessionLifetimeSeconds')}
      </Section>
      <Section title={own.groups.limits}>
        {number('rateLimitPerMinute')}
        {number('protectedApiRateLimitPerMinute', 'protectedApiRateLimitPerMinute', false)}
      </Section>
      <Section title={own.groups.keeping}>
        {number('auditRetentionDays')}
        {number('expiryWarningDays')}
      </Section>
    </Form>
  )
}
