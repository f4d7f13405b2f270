import { describe, expect, it } from 'vitest'
import { gatewayIdOf, localReferences } from '../../../infra/local/references.ts'
import { parseTemplate } from '../../../infra/local/template.ts'

describe('the id of the gateway on this machine', () => {
  it('follows from the template alone, in lower case as in AWS, and is what functions are told', () => {
    const template = parseTemplate(
      JSON.stringify({ Resources: { HttpApiF5A9A8A7: { Type: 'AWS::ApiGatewayV2::Api' } } }),
    )
    const references = localReferences(template, { apiOrigin: '', keyIds: new Map() })
    const gatewayId = gatewayIdOf('HttpApiF5A9A8A7')
    expect(gatewayId).toBe('httpapif5a9a8a7')
    expect(references.ref('HttpApiF5A9A8A7')).toBe(gatewayId)
    expect(references.attribute('HttpApiF5A9A8A7', 'ApiId')).toBe(gatewayId)
  })
})
