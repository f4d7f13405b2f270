import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import { Button } from '../../parts/button.tsx'
import { Changes, changedFields, useChangeNames } from '../../parts/changes.tsx'
import { CheckField, RadioField, SelectField, TextField } from '../../parts/fields.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Section } from '../../parts/page.tsx'
import { Empty } from '../../parts/states.tsx'
import { Table } from '../../parts/table.tsx'
import { toast } from '../../parts/toast.tsx'
import { texts } from '../../texts/en.ts'
import type { Api, ApiProps } from './shown-api.ts'

const own = texts.api.sharing

type Share = Api['sharedWith'][number]
type Level = 'read' | 'write'

export const Sharing = ({ api, onChanged, mayWrite }: ApiProps & { readonly mayWrite: boolean }) => {
  const [editing, setEditing] = useState<Share | 'new' | null>(null)
  const [ending, setEnding] = useState<Share | null>(null)
  const add = mayWrite ? (
    <Button icon="add" onClick={() => setEditing('new')}>
      {own.share}
    </Button>
  ) : undefined
  return (
    <Section title={own.tab} lead={own.lead} actions={add}>
      {api.sharedWith.length === 0 ? (
        <Empty title={own.noneTitle}>
          <p>{own.none}</p>
        </Empty>
      ) : (
        <Table
          caption={own.tab}
          rows={api.sharedWith}
          keyOf={({ organizationId }) => organizationId}
          columns={[
            { title: texts.api.organizationId, cell: ({ organizationId }) => <code>{organizationId}</code> },
            { title: own.what, cell: (share) => described(share) },
            ...(mayWrite
              ? [
                  {
                    title: own.deeds,
                    isUntitled: true,
                    cell: (share: Share) => (
                      <div class="actions">
                        <Button label={own.changeOne(share.organizationId)} onClick={() => setEditing(share)}>
                          {own.change}
                        </Button>
                        <Button label={own.endOne(share.organizationId)} onClick={() => setEnding(share)}>
                          {own.end}
                        </Button>
                      </div>
                    ),
                  },
                ]
              : []),
          ]}
        />
      )}
      {editing === null ? null : (
        <EditShare
          api={api}
          share={editing === 'new' ? null : editing}
          onChanged={onChanged}
          onClose={() => setEditing(null)}
        />
      )}
      {ending === null ? null : (
        <FormDialog
          look="danger"
          title={own.endOne(ending.organizationId)}
          submit={own.end}
          onClose={() => setEnding(null)}
          onSubmit={async () => {
            const { organizationId } = ending
            await call('endShare', { params: { api: api.apiId, organizationId } })
            toast(own.ended(organizationId))
            setEnding(null)
            onChanged()
          }}
        >
          <p>{own.endEffect}</p>
        </FormDialog>
      )}
    </Section>
  )
}

const described = ({ sections, everySection }: Share): string =>
  [
    ...(everySection === null ? [] : [own.every(everySection.level, everySection.except)]),
    ...Object.entries(sections).map(([name, level]) => `${name}: ${level}`),
  ].join(', ')

const nothingShared = { sections: {}, everySection: null } as const

const asRights = (
  { apiId }: Pick<Api, 'apiId'>,
  { everySection, sections }: Pick<Share, 'sections' | 'everySection'>,
) => ({
  everySection:
    everySection === null ? [] : [{ api: apiId, level: everySection.level, except: everySection.except }],
  permissions: sections,
})

const EditShare = ({
  api,
  share,
  onChanged,
  onClose,
}: ApiProps & {
  /** As it was when the window opened. */
  readonly share: Share | null
  readonly onClose: () => void
}) => {
  const [organizationId, setOrganizationId] = useState<string>(share?.organizationId ?? '')
  const [kind, setKind] = useState<'every' | 'chosen'>(share?.everySection === null ? 'chosen' : 'every')
  const [level, setLevel] = useState<Level>(share?.everySection?.level ?? 'read')
  const [except, setExcept] = useState<readonly string[]>(share?.everySection?.except ?? [])
  // A section may be called `constructor`.
  const [levels, setLevels] = useState<ReadonlyMap<string, Level>>(
    new Map(Object.entries(share?.sections ?? {})),
  )
  const names = useChangeNames()
  // Somebody else may have shared the API with it in the meantime, have changed the share or ended it.
  const now = api.sharedWith.find((each) => each.organizationId === organizationId)
  const save = async () => {
    const everySection = { level, ...(except.length === 0 ? {} : { except: [...except] }) }
    const version = now?.version ?? 0
    await call('shareApi', {
      params: { api: api.apiId, organizationId },
      // Levels of single sections stay beside those of every section.
      body: { ...(kind === 'every' ? { everySection } : {}), sections: Object.fromEntries(levels), version },
    })
    toast(own.shared(organizationId))
    onClose()
    onChanged()
  }
  const choose = (name: string, chosen: string) => {
    const others = [...levels].filter(([each]) => each !== name)
    setLevels(new Map(chosen === 'read' || chosen === 'write' ? [...others, [name, chosen]] : others))
  }
  return (
    <FormDialog
      title={share === null ? own.shareTitle(api.name) : own.changeOne(share.organizationId)}
      onClose={onClose}
      size="large"
      submit={share === null ? own.share : own.save}
      onSubmit={save}
      onConflict={onChanged}
    >
      {share === null ? (
        <TextField
          label={texts.api.organizationId}
          name="organizationId"
          hint={texts.api.organizationIdHint}
          value={organizationId}
          onInput={setOrganizationId}
          isRequired
          isCode
          isFirst
        />
      ) : null}
      <RadioField
        label={own.what}
        name="kind"
        value={kind}
        onChange={setKind}
        choices={[
          { value: 'every', text: own.everyChoice, hint: own.everyHint },
          { value: 'chosen', text: own.chosenChoice },
        ]}
      />
      {kind === 'every' ? (
        <>
          <SelectField
            label={own.level}
            name="everySection.level"
            value={level}
            onChange={setLevel}
            choices={levelChoices}
            isRequired
          />
          <fieldset>
            <legend>{own.except}</legend>
            {api.sections.map((name) => (
              <CheckField
                key={name}
                label={<code>{name}</code>}
                name={`except ${name}`}
                isChecked={except.includes(name)}
                onChange={(isOut) =>
                  setExcept(isOut ? [...except, name] : except.filter((one) => one !== name))
                }
              />
            ))}
          </fieldset>
        </>
      ) : (
        api.sections.map((name) => (
          <SelectField
            key={name}
            label={name}
            name={`sections.${name}`}
            value={levels.get(name) ?? ''}
            onChange={(chosen) => choose(name, chosen)}
            choices={[{ value: '', text: own.nothing }, ...levelChoices]}
            isRequired
          />
        ))
      )}
      {share === null && now === undefined ? null : (
        <Changes
          changes={changedFields(['everySection', 'permissions'], asRights(api, now ?? nothingShared), {
            everySection: kind === 'every' ? [{ api: api.apiId, level, except }] : [],
            permissions: Object.fromEntries(levels),
          })}
          names={names}
        />
      )}
    </FormDialog>
  )
}

const levelChoices: readonly { readonly value: Level; readonly text: string }[] = [
  { value: 'read', text: own.read },
  { value: 'write', text: own.write },
]
