import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import { holds } from '../../client/rights.ts'
import { useCall } from '../../client/use-call.ts'
import { useMe } from '../../client/use-me.ts'
import { TextField } from '../../parts/fields.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { HistoryLink } from '../../parts/history-link.tsx'
import { Menu } from '../../parts/menu.tsx'
import { Notice } from '../../parts/notice.tsx'
import { PageHeader } from '../../parts/page.tsx'
import { Show } from '../../parts/states.tsx'
import { Tabs, useTab } from '../../parts/tabs.tsx'
import { toast } from '../../parts/toast.tsx'
import type { Params } from '../../router.ts'
import { hrefOf, open } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import { Callers } from './callers.tsx'
import { Gateways } from './gateways.tsx'
import { Sections } from './sections.tsx'
import { Sharing } from './sharing.tsx'
import type { ApiProps } from './shown-api.ts'

const own = texts.api

type Doing = 'edit' | 'handOver' | 'delete'

export const Screen = ({ params: { api = '' } }: { readonly params: Params }) => {
  const me = useMe()
  const loaded = useCall('getApi', { params: { api } })
  const shown = loaded.data?.api
  const isOwn = shown?.organizationId === me.organization.organizationId
  const mayWrite = isOwn && holds(me, { section: 'postern-apis', level: 'write' })
  const [doing, setDoing] = useState<Doing | null>(null)
  const tabs = isOwn
    ? (['sections', 'callers', 'gateways', 'sharing'] as const)
    : (['sections', 'callers'] as const)
  const tab = useTab<'sections' | 'callers' | 'gateways' | 'sharing'>(tabs)
  const props = shown === undefined ? null : { api: shown, onChanged: loaded.reload }
  return (
    <>
      <PageHeader
        title={shown?.name ?? own.title}
        lead={shown === undefined ? undefined : <code>{shown.audience}</code>}
        back={{ href: hrefOf('/apis'), text: texts.apis.title }}
        actions={
          <>
            {shown === undefined ? null : <HistoryLink target={shown.apiId} />}
            {mayWrite ? (
              <Menu
                label={own.more}
                deeds={[
                  { text: own.edit, onChoose: () => setDoing('edit') },
                  { text: own.handOver, onChoose: () => setDoing('handOver') },
                  { text: own.delete, onChoose: () => setDoing('delete'), look: 'danger' },
                ]}
              />
            ) : null}
          </>
        }
      />
      <Show loaded={loaded}>
        {() =>
          props === null ? null : (
            <>
              <Tabs label={own.tabs} tabs={tabs.map((name) => ({ name, text: own[name].tab }))} />
              {isOwn ? null : (
                <Notice>
                  <p>{own.sharedByOthers}</p>
                </Notice>
              )}
              {tab === 'sections' ? <Sections {...props} mayWrite={mayWrite} /> : null}
              {tab === 'callers' ? <Callers api={props.api} /> : null}
              {tab === 'gateways' && isOwn ? <Gateways {...props} mayWrite={mayWrite} /> : null}
              {tab === 'sharing' && isOwn ? <Sharing {...props} mayWrite={mayWrite} /> : null}
            </>
          )
        }
      </Show>
      {props !== null && doing === 'edit' ? <EditApi {...props} onClose={() => setDoing(null)} /> : null}
      {props !== null && doing === 'handOver' ? <HandOver {...props} onClose={() => setDoing(null)} /> : null}
      {props !== null && doing === 'delete' ? (
        <FormDialog
          look="danger"
          title={own.deleteTitle(props.api.name)}
          submit={own.delete}
          nameToType={props.api.name}
          onClose={() => setDoing(null)}
          onSubmit={async () => {
            await call('deleteApi', { params: { api: props.api.apiId } })
            toast(own.deleted(props.api.name))
            open(hrefOf('/apis'))
          }}
        >
          <p>{own.deleteEffect}</p>
        </FormDialog>
      ) : null}
    </>
  )
}

type WindowProps = ApiProps & { readonly onClose: () => void }

const EditApi = ({ api, onChanged, onClose }: WindowProps) => {
  const [name, setName] = useState(api.name)
  const [audience, setAudience] = useState(api.audience)
  return (
    <FormDialog
      title={own.editTitle(api.name)}
      onClose={onClose}
      submit={own.save}
      isDisabled={name === api.name && audience === api.audience}
      onConflict={onChanged}
      onSubmit={async () => {
        const body = {
          ...(name === api.name ? {} : { name }),
          ...(audience === api.audience ? {} : { audience }),
          version: api.version,
        }
        await call('changeApi', { params: { api: api.apiId }, body })
        toast(own.saved)
        onClose()
        onChanged()
      }}
    >
      <TextField
        label={texts.apis.name}
        name="name"
        hint={texts.apis.nameHint}
        value={name}
        onInput={setName}
        isRequired
        isCode
      />
      <TextField
        label={texts.apis.audience}
        name="audience"
        hint={own.audienceHint}
        value={audience}
        onInput={setAudience}
        isRequired
        isCode
      />
    </FormDialog>
  )
}

const HandOver = ({ api, onClose }: WindowProps) => {
  const [organizationId, setOrganizationId] = useState('')
  return (
    <FormDialog
      look="danger"
      title={own.handOverTitle(api.name)}
      submit={own.handOver}
      isDisabled={organizationId === ''}
      onClose={onClose}
      onSubmit={async () => {
        await call('handOverApi', {
          params: { api: api.apiId },
          // The API checks the form of the id.
          body: { organizationId: organizationId as 'org_' },
        })
        toast(own.handedOver(api.name))
        open(hrefOf('/apis'))
      }}
    >
      <p>{own.handOverEffect}</p>
      <TextField
        label={own.organizationId}
        name="organizationId"
        hint={own.organizationIdHint}
        value={organizationId}
        onInput={setOrganizationId}
        isRequired
        isCode
      />
    </FormDialog>
  )
}
