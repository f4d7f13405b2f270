import { readCredential } from '../../lib/credentials/credential-store.ts'
import { readDirectoryPage } from '../../lib/identity/directory-store.ts'
import { readWords } from '../../lib/identity/search-store.ts'
import { readMembers, readMembersAt } from '../../lib/identity/user-store.ts'
import type { Table } from '../../lib/table/document-client.ts'
import type { FindUsersDependencies } from '../../lib/users/find-users.ts'
import type { ListUsersDependencies } from '../../lib/users/list-users.ts'

export const openList = (table: Table): ListUsersDependencies => ({
  readDirectoryPage: (organizationId, query) => readDirectoryPage(table, organizationId, query),
  readMembersAt: (memberships) => readMembersAt(table, memberships),
})

export const openSearch = (table: Table): FindUsersDependencies => ({
  readWords: (organizationId, query) => readWords(table, organizationId, query),
  readMembers: (organizationId, userIds) => readMembers(table, organizationId, userIds),
  readCredential: (target) => readCredential(table, target),
})
