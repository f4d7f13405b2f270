import { answered } from './answer.ts'
import type { Change } from './apply-user.ts'
import type { Operation } from './operation.ts'
import type { Api } from './world.ts'

const importSections = (api: Api, title: string, tags: Readonly<Record<string, readonly string[]>>): void => {
  for (const [name, section] of Object.entries(api.sections))
    if (section.importedFrom === title && tags[name] === undefined) delete api.sections[name]
  for (const [tag, operations] of Object.entries(tags)) {
    const isTaken = api.sections[tag] !== undefined && api.sections[tag].importedFrom !== title
    const name = isTaken ? `${title.toLowerCase()}.${tag}` : tag
    const entries = operations.map((pattern) => {
      const level: 'read' | 'write' = pattern.startsWith('GET ') ? 'read' : 'write'
      return { pattern, level }
    })
    api.sections[name] = {
      entries,
      importedFrom: title,
      dashboard: api.sections[name]?.dashboard ?? false,
    }
  }
}

type ApiOperation = Extract<
  Operation,
  { readonly api: string; readonly kind: Exclude<Operation['kind'], 'look'> }
>

export const applyToApi = ({ world, answer }: Change, operation: ApiOperation): void => {
  const api = world.apis[operation.api]
  if (api === undefined) return
  const { gateway } = answered(answer)
  switch (operation.kind) {
    case 'delete-api':
      delete world.apis[api.apiId]
      return
    case 'change-api':
      api.name = operation.name ?? api.name
      api.audience = operation.audience ?? api.audience
      return
    case 'bind': {
      const { gatewayId, stage, basePath } = operation
      world.registered = [...new Set([...world.registered, gatewayId])]
      api.bindings.push({ bindingId: gateway?.bindingId ?? '', gatewayId, stage, basePath })
      return
    }
    case 'unbind':
      api.bindings = api.bindings.filter(({ bindingId }) => bindingId !== operation.bindingId)
      return
    case 'share':
      api.shares[operation.organizationId] = operation.entitlement
      return
    case 'unshare':
      delete api.shares[operation.organizationId]
      return
    case 'hand-over':
      api.organizationId = operation.organizationId
      delete api.shares[operation.organizationId]
      return
    case 'create-section':
      api.sections[operation.name] = {
        entries: operation.entries,
        importedFrom: null,
        dashboard: operation.dashboard === true,
      }
      return
    case 'replace-section': {
      const section = api.sections[operation.name]
      if (section !== undefined)
        api.sections[operation.name] = {
          ...section,
          entries: operation.entries,
          dashboard: operation.dashboard ?? section.dashboard,
        }
      return
    }
    case 'delete-section':
      delete api.sections[operation.name]
      return
    case 'import-sections':
      importSections(api, operation.title, operation.tags)
  }
}
