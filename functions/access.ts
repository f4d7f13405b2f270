import { listRoles, listSections } from '../lib/access/list-access.ts'
import { httpFunction } from '../lib/http/http-function.ts'
import { openApi } from './api.ts'

const api = openApi()

export const handler = httpFunction(
  'access',
  {
    listRoles: ({ caller }) => ({ body: { roles: listRoles(caller.snapshot.policy) } }),
    listSections: ({ caller }) => ({ body: { sections: listSections(caller.subject) } }),
  },
  api.http,
)
