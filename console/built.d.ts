/**
 * Written by build.ts: method, path and permission of each operation of the API, such as `GET /v1/users/{userId} postern-users: read`, and
 * the actions of the audit.
 */
declare module 'postern:operations' {
  export const operations: Readonly<Record<string, string>>
  export const auditActions: readonly string[]
}

declare module '*.css' {}

/** The address of the file. */
declare module '*.svg' {
  const address: string
  // biome-ignore lint/style/noDefaultExport: esbuild's loader of files exports the address as the default
  export default address
}
