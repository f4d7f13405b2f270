import type { ThousandEyesUserBody } from '../lib/contract/drop-in-endpoints.ts'
import { argon2Hasher } from '../lib/credentials/argon2.ts'
import { createThousandEyesUser } from '../lib/drop-in/create-thousandeyes-user.ts'
import { createTykUser } from '../lib/drop-in/create-tyk-user.ts'
import { dropInRefusals } from '../lib/drop-in/refusals.ts'
import { xmlDocument } from '../lib/drop-in/xml.ts'
import { httpFunction } from '../lib/http/http-function.ts'
import type { Caller, Origin, Written } from '../lib/http/operation.ts'
import { openApi } from './wiring/api.ts'

const api = openApi()
const dependencies = { ...api, hasher: argon2Hasher() }

const asXml = (body: unknown): Written => ({
  mediaType: 'application/xml',
  text: xmlDocument('response', body),
})

type ThousandEyesRequest = {
  readonly caller: Caller
  readonly body: ThousandEyesUserBody
  readonly query: { readonly format?: 'json' | 'xml' | undefined }
  readonly origin: Origin
}

const thousandEyes = async ({ caller, body, query, origin }: ThousandEyesRequest) => ({
  body: await createThousandEyesUser(dependencies, caller, body, origin),
  ...(query.format === 'xml' ? { write: asXml } : {}),
})

export const handler = httpFunction(
  'drop-in',
  {
    createTykUser: async ({ caller, body, origin }) => {
      const { accessToken } = await createTykUser(dependencies, caller, body, origin)
      return {
        body: { Message: 'User created', Meta: null, Status: 'OK' },
        ...(accessToken === undefined ? {} : { headers: { 'postern-access-token': accessToken } }),
      }
    },
    createThousandEyesUser: thousandEyes,
    createThousandEyesUserV6: thousandEyes,
  },
  { ...api.http, refusals: dropInRefusals },
)
