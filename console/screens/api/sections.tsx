import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import { useCall } from '../../client/use-call.ts'
import { Button } from '../../parts/button.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Section as PagePart } from '../../parts/page.tsx'
import { Tag } from '../../parts/small.tsx'
import { Empty, Show } from '../../parts/states.tsx'
import type { Column } from '../../parts/table.tsx'
import { Table } from '../../parts/table.tsx'
import { toast } from '../../parts/toast.tsx'
import { texts } from '../../texts/en.ts'
import { EditSection } from './edit-section.tsx'
import { ImportSections } from './import-sections.tsx'
import type { ApiProps, Section } from './shown-api.ts'

const own = texts.api.sections

type Doing = { readonly is: 'add' | 'import' } | { readonly is: 'edit' | 'delete'; readonly section: Section }

export const Sections = ({ api, onChanged, mayWrite }: ApiProps & { readonly mayWrite: boolean }) => {
  const [doing, setDoing] = useState<Doing | null>(null)
  const loaded = useCall('listApiSections', { params: { api: api.apiId } })
  /** Somebody else can change it while it is edited here. */
  const newest = (section: Section): Section =>
    loaded.data?.sections.find(({ name }) => name === section.name) ?? section
  const close = () => setDoing(null)
  const changed = () => {
    close()
    loaded.reload()
    onChanged()
  }
  const actions = mayWrite ? (
    <>
      <Button onClick={() => setDoing({ is: 'import' })}>{own.import}</Button>
      <Button icon="add" onClick={() => setDoing({ is: 'add' })}>
        {own.add}
      </Button>
    </>
  ) : undefined
  const columns: readonly Column<Section>[] = [
    {
      title: own.name,
      cell: ({ name, title }) => (
        <>
          <code>{name}</code>
          {title === '' || title === name ? null : <span class="second">{title}</span>}
        </>
      ),
    },
    { title: own.endpoints, cell: (section) => <Endpoints section={section} /> },
    { title: own.dashboard, cell: ({ dashboard }) => (dashboard ? own.yes : own.no) },
    { title: own.importedFrom, cell: ({ importedFrom }) => importedFrom ?? '–' },
    ...(mayWrite
      ? [
          {
            title: own.deeds,
            isUntitled: true,
            cell: (section: Section) => (
              <div class="actions">
                <Button label={own.editOne(section.name)} onClick={() => setDoing({ is: 'edit', section })}>
                  {own.edit}
                </Button>
                <Button
                  label={own.deleteOne(section.name)}
                  onClick={() => setDoing({ is: 'delete', section })}
                >
                  {own.delete}
                </Button>
              </div>
            ),
          },
        ]
      : []),
  ]
  return (
    <PagePart title={own.tab} lead={own.lead} actions={actions}>
      <Show loaded={loaded}>
        {({ sections }) =>
          sections.length === 0 ? (
            <Empty title={own.noneTitle}>
              <p>{own.none}</p>
            </Empty>
          ) : (
            <Table caption={own.tab} columns={columns} rows={sections} keyOf={({ name }) => name} />
          )
        }
      </Show>
      {doing?.is === 'add' ? (
        <EditSection
          api={api}
          section={null}
          onChanged={changed}
          onConflict={loaded.reload}
          onClose={close}
        />
      ) : null}
      {doing?.is === 'edit' ? (
        <EditSection
          api={api}
          section={newest(doing.section)}
          onChanged={changed}
          onConflict={loaded.reload}
          onClose={close}
        />
      ) : null}
      {doing?.is === 'import' ? <ImportSections api={api} onChanged={changed} onClose={close} /> : null}
      {doing?.is === 'delete' ? (
        <FormDialog
          look="danger"
          title={own.deleteOne(doing.section.name)}
          submit={own.delete}
          onClose={close}
          onSubmit={async () => {
            await call('deleteSection', { params: { api: api.apiId, name: doing.section.name } })
            toast(own.deleted(doing.section.name))
            changed()
          }}
        >
          <p>{own.deleteEffect}</p>
        </FormDialog>
      ) : null}
    </PagePart>
  )
}

const Endpoints = ({ section: { endpoints } }: { readonly section: Section }) =>
  endpoints.length === 0 ? (
    <span>{own.noEndpoints}</span>
  ) : (
    <details>
      <summary>{own.countOfEndpoints(endpoints.length)}</summary>
      <ul class="bare-list">
        {endpoints.map(({ endpoint, level }) => (
          <li key={endpoint}>
            <code>{endpoint}</code> <Tag look={level === 'write' ? 'warning' : 'plain'}>{level}</Tag>
          </li>
        ))}
      </ul>
    </details>
  )
